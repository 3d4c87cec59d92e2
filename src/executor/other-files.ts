import type { Operation } from '../operations/operation.ts'

/** Parameters as they run and as they name their answer: other files by path, and by content. */
export interface NamedParams {
  readonly forWork: Record<string, unknown>
  readonly forKey: Record<string, unknown>
}

/**
 * Finds the other files that parsed parameters name, such as a reference or a watermark. `find` gives the absolute path
 * and the content id of a name; it throws for what is not there.
 */
export async function nameOtherFiles(
  operation: Pick<Operation, 'mapFiles'>,
  params: Record<string, unknown>,
  find: (named: string) => Promise<{ path: string; contentId: string }>,
): Promise<NamedParams> {
  const { mapFiles } = operation
  const names = otherFilesIn(operation, params)
  if (!mapFiles || names.length === 0) return { forWork: params, forKey: params }
  const found = new Map<string, { path: string; contentId: string }>()
  for (const name of names) if (!found.has(name)) found.set(name, await find(name))
  return {
    forWork: mapFiles(params, (name) => found.get(name)?.path ?? name),
    forKey: mapFiles(params, (name) => found.get(name)?.contentId ?? name),
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
