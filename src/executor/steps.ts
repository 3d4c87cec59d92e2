import { isAbsolute } from 'node:path'
import type { ResultCache } from '../cache/cache.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { MediaError } from '../errors.ts'
import type { Kind } from '../media/formats.ts'
import { collectionOperations, operations, operationsNamed } from '../operations/index.ts'
import type { Operation, OperationGroup } from '../operations/operation.ts'
import { readParameters } from '../operations/parameters.ts'
import type { Executor } from './executor.ts'
import { Identities } from './identities.ts'
import { locateFile } from './locate.ts'
import { nameOtherFiles, type OtherFile, saidOf } from './other-files.ts'
import type { Step } from './task.ts'

/** An operation that is asked for by name, with parameters as given: defaults are filled in, unknown names refused. */
export interface Asked {
  readonly operation: string
  /** Takes only the operation of this group, where a name stands for one of pictures and one of films. */
  readonly group?: OperationGroup
  readonly params: Readonly<Record<string, unknown>>
  /** Folders that files may be read from, whatever links lead there; from anywhere when absent. */
  readonly within?: readonly string[]
}

/** The steps that are meant: one for each kind of media that the name has an operation for; or why one can not be. */
export interface AskedSteps {
  readonly steps: readonly Step[]
  readonly refused: readonly { readonly operation: Operation; readonly fault: () => MediaError }[]
}

/**
 * Checks what is asked before any file is opened for it, and finds the other files that the parameters name. Throws
 * OPERATION_UNKNOWN, PARAMS_INVALID when no operation of the name takes the parameters, and what is wrong with the others.
 */
export async function stepsFor(
  parts: { readonly executor: Executor; readonly catalog: Catalog; readonly cache: ResultCache },
  asked: Asked,
): Promise<AskedSteps> {
  const { fitting, refused } = candidatesFor(asked)
  const steps = fitting.map(async ({ operation, params }): Promise<Step> => {
    const find = (name: string) => identify(parts, name, asked.within)
    const { forWork, forKey, others } = await nameOtherFiles(operation, params, find)
    const step = { operation, params: forKey, label: operation.name }
    return others.length === 0 ? step : { ...step, paramsForWork: forWork, others }
  })
  return { steps: await Promise.all(steps), refused }
}

/** The operations of a name whose schemas take the parameters. Throws OPERATION_UNKNOWN, PARAMS_INVALID. */
export function candidatesFor({ operation: name, group, params }: Asked) {
  const named = operationsNamed(name).filter((operation) => group === undefined || operation.group === group)
  if (named.length === 0) {
    const known = [...new Set([...operations, ...collectionOperations].map((operation) => operation.name))]
    throw new MediaError('OPERATION_UNKNOWN', [name, known.join(', ')])
  }
  const fitting: { operation: Operation; params: Record<string, unknown> }[] = []
  const refused: { operation: Operation; fault: () => MediaError }[] = []
  for (const operation of named) {
    const read = readParameters(operation.params, params)
    if ('data' in read) fitting.push({ operation, params: read.data })
    else refused.push({ operation, fault: read.fault })
  }
  if (fitting.length === 0) throw refused[0]?.fault()
  return { fitting, refused }
}

/** The step for a kind of media. Throws OPERATION_UNFIT, or PARAMS_INVALID where only the parameters are for another kind. */
export function stepOf({ steps, refused }: AskedSteps, kind: Kind): Step {
  const step = steps.find(({ operation }) => operation.accepts.includes(kind))
  if (step) return step
  const refusal = refused.find(({ operation }) => operation.accepts.includes(kind))
  if (refusal) throw refusal.fault()
  const kinds = [...new Set(steps.flatMap(({ operation }) => operation.accepts))].map((kind) => `${kind}s`)
  throw new MediaError('OPERATION_UNFIT', [steps[0]?.operation.name ?? '', kinds.join(' and '), kind])
}

/** What lies at a path or is an asset: known, or opened for it. */
async function identify(
  { executor, catalog, cache }: Parameters<typeof stepsFor>[0],
  name: string,
  within: readonly string[] | undefined,
): Promise<OtherFile> {
  const facts = locateFile(catalog, isAbsolute(name) ? { path: name } : { asset: name }, within)
  const identities = new Identities(catalog, cache)
  const known = await identities.find(facts)
  if (known) return { name, facts, identity: known.identity }
  const asked = { path: facts.path, steps: () => [], priority: 'interactive', keepIn: 'cache' } as const
  const processed = await executor.process({ ...asked, ...(within ? { within } : {}) })
  if ('failure' in processed) throw saidOf({ name }, processed.failure)
  await identities.remember(facts, processed.identity)
  return { name, facts, identity: processed.identity }
}
