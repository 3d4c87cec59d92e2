import { type JobRow, type JobState, noCounts } from '../catalog/ledger.ts'
import { type MediaError, toMediaError } from '../errors.ts'
import type { Logger } from '../log.ts'
import type { JobRun, JobSummary, JobTools } from './job-run.ts'

/** How a job ended, with its counts. */
export interface JobEnd extends JobSummary {
  readonly job: string
  readonly state: JobState
  readonly durationMs: number
  readonly error?: MediaError
}

/** What is known of a job's end before its counts are. */
export interface Ending {
  readonly job: JobRow
  readonly state: JobState
  readonly durationMs: number
  readonly error?: MediaError
}

/** Records and announces how a job ended. Does not throw: nobody could catch it. */
export function recordEnd(
  { catalog, events }: Pick<JobTools, 'catalog' | 'events'>,
  log: Logger,
  { job: { id: job }, state, durationMs, error }: Ending,
  run: Pick<JobRun, 'summary'>,
): JobEnd {
  try {
    const summary = run.summary()
    if (state === 'paused' || state === 'running') {
      catalog.ledger.setState(job, state, null)
      events.emit('job.paused', { job })
    } else {
      catalog.ledger.finish(job, state, summary, error?.message ?? null)
      if (state !== 'waiting') events.emit('job.finished', { job, state, ...summary, durationMs })
    }
    return { job, state, ...summary, durationMs, ...(error ? { error } : {}) }
  } catch (thrown) {
    // The catalog itself fails, as on a full disk: the job stays open and goes on with the next start.
    log.error({ err: thrown, job }, 'the end of the job could not be recorded')
    const counts = { assets: 0, tasks: noCounts(), files: noCounts(), ignored: 0 }
    return { job, state: 'failed', ...counts, durationMs, error: error ?? toMediaError(thrown) }
  }
}
