import { randomBytes } from 'node:crypto'
import { realpathSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Collection } from '../catalog/collections.ts'
import type { JobRow, JobState } from '../catalog/ledger.ts'
import { MediaError, toMediaError } from '../errors.ts'
import { isAlive, ownMark } from '../executor/owner.ts'
import type { Logger } from '../log.ts'
import { ImportRun, type ImportSummary, type ImportTools } from './kinds/import.ts'
import { assertMove } from './states.ts'

/** How a job ended, with its counts. */
export interface JobEnd extends ImportSummary {
  readonly job: string
  readonly state: JobState
  readonly durationMs: number
  readonly error?: MediaError
}

/** A job that runs in this process. */
export interface RunningJob {
  readonly job: JobRow
  readonly collection: Collection
  /** True when an interrupted job goes on. */
  readonly isResumed: boolean
  /** Never rejects. */
  readonly ended: Promise<JobEnd>
}

/** The local engine: runs jobs in this process, over the ledger; whatever happens to the process, they can go on. */
export class JobEngine {
  readonly #tools: ImportTools
  readonly #log: Logger
  readonly #running = new Map<string, { running: RunningJob; control: AbortController; next: JobState }>()

  constructor(tools: ImportTools, log: Logger) {
    this.#tools = tools
    this.#log = log
  }

  /**
   * Imports a folder. An import of it that was interrupted or paused goes on under its old number. Throws
   * FOLDER_MISSING, and JOB_RUNNING while another process imports it.
   */
  startImport(folder: string, options: { retryFailed?: boolean } = {}): RunningJob {
    const { catalog } = this.#tools
    const collection = catalog.collections.ensure(realFolder(folder))
    const open = catalog.ledger.open().find((job) => job.kind === 'import' && job.collection === collection.id)
    if (open) {
      const here = this.#running.get(open.id)
      if (here) return here.running
      if (open.owner && isAlive(open.owner)) {
        throw new MediaError('JOB_RUNNING', [collection.root, open.owner.split('@')[0] ?? ''])
      }
      return this.#resume(open, collection)
    }
    const job = catalog.ledger.begin({
      id: randomBytes(6).toString('hex'),
      kind: 'import',
      collection: collection.id,
      params: { retryFailed: options.retryFailed ?? false },
      owner: ownMark(),
    })
    return this.#run(job, collection, false)
  }

  /** Takes up the jobs that a dead process left running. Paused ones stay paused. */
  resumeInterrupted(): RunningJob[] {
    const { catalog } = this.#tools
    return catalog.ledger.open().flatMap((job) => {
      const collection = catalog.collections.find(job.collection ?? '')
      const isOrphan = job.state === 'running' && !(job.owner && isAlive(job.owner))
      return isOrphan && collection ? [this.#resume(job, collection)] : []
    })
  }

  /** Stops a job's work within a second; `resume` goes on with it. */
  async pause(id: string): Promise<JobRow> {
    return this.#stop(id, 'paused')
  }

  /** Ends a job for good; what it finished stays. */
  async cancel(id: string): Promise<JobRow> {
    return this.#stop(id, 'cancelled')
  }

  /** Goes on with a paused job. */
  resume(id: string): RunningJob {
    const job = this.find(id)
    assertMove(job.state, 'running')
    const collection = this.#tools.catalog.collections.find(job.collection ?? '')
    if (!collection) throw new MediaError('NOT_FOUND', ['collection', job.collection ?? ''])
    return this.#resume(job, collection)
  }

  /** The job of this id. Throws NOT_FOUND. */
  find(id: string): JobRow {
    const job = this.#tools.catalog.ledger.find(id)
    if (!job) throw new MediaError('NOT_FOUND', ['job', id])
    return job
  }

  /** The counts of a job: final ones as recorded, those of a running job as they are now. */
  countsOf(job: JobRow): ImportSummary | undefined {
    return this.#summaries.get(job.id)?.() ?? (job.counts as ImportSummary | null) ?? undefined
  }

  /** Pauses everything that runs, so that it goes on at the next start. */
  async close(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((id) => this.#interrupt(id)))
  }

  readonly #summaries = new Map<string, () => ImportSummary>()

  #resume(job: JobRow, collection: Collection): RunningJob {
    this.#tools.catalog.ledger.setState(job.id, 'running', ownMark())
    return this.#run(this.find(job.id), collection, true)
  }

  #run(job: JobRow, collection: Collection, isResumed: boolean): RunningJob {
    const control = new AbortController()
    const { retryFailed = false } = job.params as { retryFailed?: boolean }
    const run = new ImportRun(job, collection, this.#tools, { signal: control.signal, retryFailed })
    const { promise: ended, resolve } = Promise.withResolvers<JobEnd>()
    const running: RunningJob = { job, collection, isResumed, ended }
    const entry = { running, control, next: 'finished' as JobState }
    this.#running.set(job.id, entry)
    this.#summaries.set(job.id, () => run.summary())
    // A moment later, so that whoever started it can listen first.
    setImmediate(async () => {
      this.#tools.events.emit('job.started', {
        job: job.id,
        kind: job.kind,
        collection: collection.id,
        root: collection.root,
        resumed: isResumed,
      })
      const startedAt = performance.now()
      let error: MediaError | undefined
      try {
        await run.run()
      } catch (thrown) {
        if (!control.signal.aborted) {
          error = toMediaError(thrown)
          this.#log.error({ err: error, job: job.id }, 'the import failed')
        }
      }
      const state: JobState = error ? 'failed' : control.signal.aborted ? entry.next : 'finished'
      resolve(this.#end(job, state, run.summary(), performance.now() - startedAt, error))
    })
    return running
  }

  #end(job: JobRow, state: JobState, summary: ImportSummary, durationMs: number, error?: MediaError): JobEnd {
    const { catalog, events } = this.#tools
    this.#running.delete(job.id)
    this.#summaries.delete(job.id)
    if (state === 'paused' || state === 'running') catalog.ledger.setState(job.id, state, null)
    else catalog.ledger.finish(job.id, state, summary, error?.message ?? null)
    const end: JobEnd = {
      job: job.id,
      state,
      ...summary,
      durationMs: Math.round(durationMs),
      ...(error ? { error } : {}),
    }
    if (state === 'finished' || state === 'cancelled' || state === 'failed') {
      events.emit('job.finished', { job: job.id, state, ...summary, durationMs: end.durationMs })
    }
    return end
  }

  async #stop(id: string, next: 'paused' | 'cancelled'): Promise<JobRow> {
    const job = this.find(id)
    assertMove(job.state, next)
    const entry = this.#running.get(id)
    if (entry) {
      entry.next = next
      entry.control.abort(new MediaError('CANCELLED'))
      await entry.running.ended
    } else if (next === 'cancelled') this.#tools.catalog.ledger.finish(id, next, job.counts, null)
    else this.#tools.catalog.ledger.setState(id, next, null)
    return this.find(id)
  }

  async #interrupt(id: string): Promise<void> {
    const entry = this.#running.get(id)
    if (!entry) return
    // Stays "running" without an owner: the next start, or the next import of the folder, takes it up.
    entry.next = 'running'
    entry.control.abort(new MediaError('CANCELLED'))
    await entry.running.ended
  }
}

function realFolder(folder: string): string {
  try {
    const real = realpathSync(resolve(folder))
    if (statSync(real).isDirectory()) return real
  } catch {
    // Told below.
  }
  throw new MediaError('FOLDER_MISSING', [resolve(folder)])
}
