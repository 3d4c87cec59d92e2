import type { JobRow, TaskState } from '../../catalog/ledger.ts'
import { withPaths } from '../../executor/run.ts'
import type { Outcome, Processed, Step } from '../../executor/task.ts'
import type { JobTools } from '../job-run.ts'

/** Makes the writer of one file's rows in the ledger, to be called inside a transaction; then it knows what to announce. */
export function recordRun(
  { catalog, artifacts, events }: Pick<JobTools, 'catalog' | 'artifacts' | 'events'>,
  { id: job, number, params }: JobRow,
  { location, path, tellsAnswers }: { location: number; path: string; tellsAnswers: boolean },
) {
  const { operation: name } = params as { operation: string }
  const put = (step: string, state: TaskState, more: { code?: string; message?: string; durationMs?: number } = {}) => {
    const { code = null, message = null, durationMs = null } = more
    catalog.ledger.putTask({ job: number, location, step, state, code, message, durationMs })
  }

  const record = {
    /** To be called once the rows are on disk. */
    announcements: [] as (() => void)[],
    /** True when something was really computed. */
    isFresh: false,
    /** Why the data folder can not be written, when it can not. */
    unusable: undefined as string | undefined,

    write(processed: Processed): void {
      record.announcements = []
      catalog.ledger.dropTasks(number, location)
      if ('identity' in processed) {
        record.isFresh = processed.outcomes.some(({ state }) => state === 'done')
        for (const outcome of processed.outcomes) record.writeOutcome(outcome, processed.identity.contentId)
        return
      }
      const { code, message } = processed.failure
      if (code === 'FILE_MISSING') {
        put(name, 'skipped', { code, message: 'it vanished' })
        record.announcements.push(() => events.emit('task.skipped', { job, path, reason: 'it vanished' }))
        return
      }
      const quarantined = processed.isQuarantined
      put(name, quarantined ? 'quarantined' : 'failed', { code, message })
      const failure = { job, path, operation: name, code, message, quarantined, remembered: false }
      record.announcements.push(() => events.emit('task.failed', failure))
    },

    writeOutcome(outcome: Outcome, asset: string): void {
      const { step, state, durationMs } = outcome
      const operation = step.operation.name
      put(step.label, state, outcome)
      if ('code' in outcome) {
        const { code, message, remembered } = outcome
        if (code === 'DATA_UNUSABLE') record.unusable = message
        const quarantined = state === 'quarantined'
        const failure = { job, path, operation, code, message, quarantined, remembered }
        record.announcements.push(() => events.emit('task.failed', failure))
      } else if (tellsAnswers) {
        const answer = { result: outcome.result, artifacts: withPaths(outcome.artifacts, artifacts) }
        const facts = { job, operation, path, asset, cached: state === 'cached', durationMs: Math.round(durationMs) }
        record.announcements.push(() => events.emit('task.finished', { ...facts, ...answer }))
      }
    },

    /** Nothing had to be done: all answers are remembered. */
    writeKnown(steps: readonly Step[]): void {
      for (const { label } of steps) put(label, 'cached')
    },
  }
  return record
}
