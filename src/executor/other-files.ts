import { errorSaying, type MediaError } from '../errors.ts'
import type { Identity } from '../media/media.ts'
import type { Operation } from '../operations/operation.ts'
import { assertInside } from './bounds.ts'
import { type FileFacts, lookAt, looksSame } from './identities.ts'

/** A file that parameters name besides the one that is worked on, as it was when it was looked at. */
export interface OtherFile {
  /** As the parameters name it. */
  readonly name: string
  readonly facts: FileFacts
  readonly identity: Identity
}

/** Parameters as they run and as they name their answer: other files by path, and by content. */
export interface NamedParams {
  readonly forWork: Record<string, unknown>
  readonly forKey: Record<string, unknown>
  readonly others: readonly OtherFile[]
}

/**
 * Finds the other files that parsed parameters name, such as a reference or a watermark. `find` gives what lies there; it
 * throws for what is not there.
 */
export async function nameOtherFiles(
  operation: Pick<Operation, 'mapFiles'>,
  params: Record<string, unknown>,
  find: (named: string) => Promise<OtherFile>,
): Promise<NamedParams> {
  const { mapFiles } = operation
  const names = otherFilesIn(operation, params)
  if (!mapFiles || names.length === 0) return { forWork: params, forKey: params, others: [] }
  const found = new Map<string, OtherFile>()
  for (const name of names) if (!found.has(name)) found.set(name, await find(name))
  return {
    forWork: mapFiles(params, (name) => found.get(name)?.facts.path ?? name),
    forKey: mapFiles(params, (name) => found.get(name)?.identity.contentId ?? name),
    others: [...found.values()],
  }
}

/** The names of other files in parsed parameters, as they stand there. */
export function otherFilesIn({ mapFiles }: Pick<Operation, 'mapFiles'>, params: Record<string, unknown>): string[] {
  const names: string[] = []
  mapFiles?.(params, (name) => {
    names.push(name)
    return name
  })
  return names
}

/** A failure told of another file, so that it is not taken for that of the file which is worked on. */
export const saidOf = ({ name }: Pick<OtherFile, 'name'>, { code, message }: Pick<MediaError, 'code' | 'message'>) =>
  errorSaying(code, `The other file "${name}": ${message}`)

/** Throws FILE_CHANGED when it is not the file any more that answers are named by, PATH_FORBIDDEN when it leads out. */
export function assertStillThere({ name, facts }: OtherFile, within: readonly string[] | undefined): void {
  assertInside(facts.path, within)
  if (looksSame(facts, lookAt(facts.path))) return
  throw errorSaying('FILE_CHANGED', `The other file "${name}" changed while it was used.`)
}
