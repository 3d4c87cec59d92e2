import type { Catalog } from '../catalog/catalog.ts'
import { engineVersions } from '../media/versions.ts'
import { type OtherFile, saidOf } from './other-files.ts'
import type { FileTask, Outcome, Processed, Step } from './task.ts'

type Quarantined = Extract<Outcome, { state: 'failed' | 'quarantined' }>

/** The outcome of a step one of whose other files is quarantined for this very operation; undefined when none is. */
export function quarantinedOther(catalog: Catalog, step: Step, key: string): Quarantined | undefined {
  for (const other of step.others ?? []) {
    const failure = catalog.results
      .failuresOf(other.identity.contentId)
      .find(({ quarantined, operation }) => quarantined && operation === step.operation.name)
    if (failure?.engine === engineVersions().exact) return failedBy(other, failure, step, key, true)
  }
  return undefined
}

/**
 * Finds out which file killed the decoder where a step has several in its hands: the operation is done with each other
 * file alone, in the place of all. The one that kills again is quarantined by `attend`, and the step only failed; what no
 * other file is guilty of stays as it was.
 */
export async function blame(
  outcome: Quarantined,
  task: FileTask,
  attend: (task: FileTask) => Promise<Processed>,
): Promise<Quarantined> {
  const { step, key } = outcome
  for (const other of step.others ?? []) {
    const { path } = other.facts
    // It is the one that is worked on: nobody else can be guilty.
    if (path === task.path) continue
    const trial = aloneWith(step, other)
    // Nothing can be proved, and so nobody is quarantined.
    if (!trial) return { ...outcome, state: 'failed' }
    const { commit: _, onProgress: __, known: ___, ...asked } = task
    const tried = await attend({
      ...asked,
      path,
      known: { identity: other.identity },
      keepIn: 'cache',
      steps: () => [trial],
    })
    const [died] = 'outcomes' in tried ? tried.outcomes : []
    if (died?.state === 'quarantined') return failedBy(other, died, step, key, false)
  }
  return outcome
}

/** The same step of the other file, with itself in the place of every other; undefined for another kind of media. */
function aloneWith({ operation, paramsForWork, label }: Step, other: OtherFile): Step | undefined {
  const { mapFiles } = operation
  if (!mapFiles || !paramsForWork || !operation.accepts.includes(other.identity.kind)) return undefined
  return {
    operation,
    label,
    params: mapFiles(paramsForWork, () => other.identity.contentId),
    paramsForWork: mapFiles(paramsForWork, () => other.facts.path),
    others: [other],
  }
}

function failedBy(
  other: OtherFile,
  { code, message }: Pick<Quarantined, 'code' | 'message'>,
  step: Step,
  key: string,
  remembered: boolean,
): Quarantined {
  const { message: sentence } = saidOf(other, { code, message })
  return { state: 'failed', step, key, code, message: sentence, remembered, durationMs: 0 }
}
