import { randomBytes } from 'node:crypto'
import { realpathSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Collection } from '../catalog/collections.ts'
import type { JobRow, JobState } from '../catalog/ledger.ts'
import { MediaError, toMediaError } from '../errors.ts'
import { isAlive, ownMark } from '../executor/owner.ts'
import type { Logger } from '../log.ts'
import { type JobEnd, recordEnd } from './job-end.ts'
import type { JobRun, JobSummary, JobTools } from './job-run.ts'
import { ImportRun } from './kinds/import.ts'
import { BulkRun } from './kinds/run.ts'
import { planRun, type RunAsked } from './kinds/run-plan.ts'
import { assertMove } from './states.ts'

/** What an import is asked, as its job records it. */
export interface ImportAsked {
  /** Tries again what failed for good. */
  readonly retryFailed?: boolean
  /** Folders to which links may lead, besides the one that is imported; anywhere when absent. */
  readonly within?: readonly string[]
}

/** A job that runs in this process. */
export interface RunningJob {
  readonly job: JobRow
  /** Absent for a run over single assets. */
  readonly collection?: Collection
  /** True when an interrupted job goes on. */
  readonly isResumed: boolean
  /** Never rejects. */
  readonly ended: Promise<JobEnd>
}

/** An import that runs in this process. */
export interface RunningImport extends RunningJob {
  readonly collection: Collection
}

interface Entry {
  readonly running: RunningJob
  readonly run: JobRun
  readonly control: AbortController
  /** The state to be in once it is stopped. */
  next: JobState
}

/** The local engine: runs jobs in this process, over the ledger; whatever happens to the process, they can go on. */
export class JobEngine {
  readonly #tools: JobTools
  readonly #log: Logger
  readonly #running = new Map<string, Entry>()

  constructor(tools: JobTools, log: Logger) {
    this.#tools = tools
    this.#log = log
  }

  /**
   * Imports a folder. An import of it that was interrupted or paused goes on under its old number, and follows links to
   * the folders `within`, or anywhere, as it is asked now. Throws FOLDER_MISSING, and JOB_RUNNING while another process
   * imports it.
   */
  startImport(folder: string, options: ImportAsked = {}): RunningImport {
    const { catalog } = this.#tools
    const collection = catalog.collections.ensure(realFolder(folder))
    const open = catalog.ledger.open().find((job) => job.kind === 'import' && job.collection === collection.id)
    if (open) {
      const here = this.#running.get(open.id)
      if (here) return { ...here.running, collection }
      this.#assertFree(open)
      const { retryFailed = false } = open.params as ImportAsked
      catalog.ledger.setParams(open.id, { ...options, retryFailed: options.retryFailed || retryFailed })
      return { ...this.#resume(open, collection), collection }
    }
    const job = catalog.ledger.begin({
      id: randomBytes(6).toString('hex'),
      kind: 'import',
      collection: collection.id,
      params: { ...options, retryFailed: options.retryFailed ?? false },
      owner: ownMark(),
    })
    return { ...this.#run(job, collection, false), collection }
  }

  /**
   * Runs an operation over a selection, or on a whole collection. Throws OPERATION_UNKNOWN, PARAMS_INVALID, and
   * NOT_FOUND for a collection or an asset that is not there.
   */
  async startRun(asked: RunAsked): Promise<RunningJob> {
    const { catalog } = this.#tools
    const { collection: id, assets = [] } = asked.selection
    const collection = id === undefined ? undefined : catalog.collections.find(id)
    if (id !== undefined && !collection) throw new MediaError('NOT_FOUND', ['collection', id])
    for (const asset of assets) if (!catalog.assets.find(asset)) throw new MediaError('NOT_FOUND', ['asset', asset])
    const plan = await planRun(this.#tools, asked)
    if (plan.collection && !collection) {
      throw new MediaError('PARAMS_INVALID', [`"${asked.operation}" works on a collection: name one.`])
    }
    const job = catalog.ledger.begin({
      id: randomBytes(6).toString('hex'),
      kind: 'run',
      collection: collection?.id ?? null,
      params: asked,
      owner: ownMark(),
    })
    return this.#run(job, collection, false)
  }

  /** Takes up the jobs that a dead process left running. Paused ones stay paused. */
  resumeInterrupted(): RunningJob[] {
    const { catalog } = this.#tools
    return catalog.ledger.open().flatMap((job) => {
      return isOrphan(job) ? [this.#resume(job, catalog.collections.find(job.collection ?? ''))] : []
    })
  }

  /** Stops a job's work at once; `resume` goes on with it, in this process even in the middle of a film. */
  async pause(id: string): Promise<JobRow> {
    const { pause } = this.#running.get(id)?.run ?? {}
    if (!pause) return this.#stop(id, 'paused')
    assertMove(this.find(id).state, 'paused')
    pause.pause()
    this.#tools.catalog.ledger.setState(id, 'paused', ownMark())
    this.#tools.events.emit('job.paused', { job: id })
    return this.find(id)
  }

  /** Ends a job for good; what it finished stays. */
  async cancel(id: string): Promise<JobRow> {
    return this.#stop(id, 'cancelled')
  }

  /** Goes on with a job that was paused, or interrupted together with its process. */
  resume(id: string): RunningJob {
    const job = this.find(id)
    if (!isOrphan(job)) assertMove(job.state, 'running')
    const entry = this.#running.get(id)
    if (entry) return this.#continue(job, entry)
    const collection = this.#tools.catalog.collections.find(job.collection ?? '')
    if (job.kind === 'import') this.#assertOnlyImport(job, collection)
    this.#assertFree(job)
    return this.#resume(job, collection)
  }

  /** The job of this id. Throws NOT_FOUND. */
  find(id: string): JobRow {
    const job = this.#tools.catalog.ledger.find(id)
    if (!job) throw new MediaError('NOT_FOUND', ['job', id])
    return job
  }

  /** The counts of a job: final ones as recorded, those of a running job as they are now. */
  countsOf(job: JobRow): JobSummary {
    return this.#summaries.get(job.id)?.() ?? (job.counts as JobSummary | null) ?? this.#countsInLedger(job)
  }

  /** Pauses everything that runs, so that it goes on at the next start. */
  async close(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((id) => this.#interrupt(id)))
  }

  readonly #summaries = new Map<string, () => JobSummary>()

  /** A collection is imported by one job at a time. */
  #assertOnlyImport(job: JobRow, collection: Collection | undefined): void {
    if (!collection) throw new MediaError('NOT_FOUND', ['collection', job.collection ?? ''])
    const imports = this.#tools.catalog.ledger.open().filter(({ kind }) => kind === 'import')
    const other = imports.find((open) => open.collection === collection.id && open.id !== job.id)
    if (other) throw new MediaError('JOB_RUNNING', [collection.root, `of job ${other.id}`])
  }

  /** Goes on with a job that stands still in this process. */
  #continue(job: JobRow, { running, run }: Entry): RunningJob {
    this.#tools.catalog.ledger.setState(job.id, 'running', ownMark())
    this.#announce(job, running.collection, true)
    void run.pause?.resume()
    return { ...running, isResumed: true }
  }

  #resume(job: JobRow, collection: Collection | undefined): RunningJob {
    this.#tools.catalog.ledger.setState(job.id, 'running', ownMark())
    return this.#run(this.find(job.id), collection, true)
  }

  #runOf(job: JobRow, collection: Collection | undefined, signal: AbortSignal): JobRun {
    if (job.kind === 'run') return new BulkRun(job, this.#tools, signal)
    if (!collection) throw new MediaError('NOT_FOUND', ['collection', job.collection ?? ''])
    const { retryFailed = false, within } = job.params as ImportAsked
    return new ImportRun(job, collection, this.#tools, { signal, retryFailed, ...(within ? { within } : {}) })
  }

  #run(job: JobRow, collection: Collection | undefined, isResumed: boolean): RunningJob {
    const control = new AbortController()
    const run = this.#runOf(job, collection, control.signal)
    const { promise: ended, resolve } = Promise.withResolvers<JobEnd>()
    const running: RunningJob = { job, isResumed, ended, ...(collection ? { collection } : {}) }
    const entry: Entry = { running, run, control, next: 'finished' }
    this.#running.set(job.id, entry)
    this.#summaries.set(job.id, () => run.summary())
    // A moment later, so that whoever started it can listen first.
    setImmediate(async () => {
      this.#announce(job, collection, isResumed)
      const startedAt = performance.now()
      let error: MediaError | undefined
      try {
        await run.run()
      } catch (thrown) {
        if (!control.signal.aborted) {
          error = toMediaError(thrown)
          // Whoever started it is told; what is our own fault is also for the log.
          if (error.code === 'INTERNAL') this.#log.error({ err: error, job: job.id }, 'the job failed')
        }
      }
      const state: JobState = error ? 'failed' : control.signal.aborted ? entry.next : 'finished'
      const durationMs = Math.round(performance.now() - startedAt)
      this.#running.delete(job.id)
      this.#summaries.delete(job.id)
      resolve(recordEnd(this.#tools, this.#log, { job, state, durationMs, ...(error ? { error } : {}) }, run))
    })
    return running
  }

  #announce({ id, kind, params }: JobRow, collection: Collection | undefined, resumed: boolean): void {
    this.#tools.events.emit('job.started', {
      job: id,
      kind,
      ...(kind === 'run' ? { operation: (params as RunAsked).operation } : {}),
      ...(collection ? { collection: collection.id, root: collection.root } : {}),
      resumed,
    })
  }

  /** Throws JOB_RUNNING when another process works on the job. */
  #assertFree({ owner, collection }: JobRow): void {
    if (!owner || !isAlive(owner)) return
    const root = this.#tools.catalog.collections.find(collection ?? '')?.root ?? ''
    throw new MediaError('JOB_RUNNING', [root, owner.split('@')[0] ?? ''])
  }

  /** Of a job that does not run here: what the ledger has; files that needed no work do not stand there. */
  #countsInLedger({ number, collection }: JobRow): JobSummary {
    const { ledger, locations } = this.#tools.catalog
    const assets = collection === null ? 0 : locations.countAssets(collection)
    return { assets, tasks: ledger.taskCounts(number), files: ledger.fileCounts(number), ignored: 0 }
  }

  async #stop(id: string, next: 'paused' | 'cancelled'): Promise<JobRow> {
    const job = this.find(id)
    assertMove(job.state, next)
    const entry = this.#running.get(id)
    if (entry) {
      // Once cancelled, a job stays so, whatever else is asked of it.
      if (entry.next !== 'cancelled') entry.next = next
      entry.control.abort(new MediaError('CANCELLED'))
      await entry.running.ended
      return this.find(id)
    }
    this.#assertFree(job)
    if (next === 'cancelled') this.#tools.catalog.ledger.finish(id, next, this.#countsInLedger(job), null)
    else this.#tools.catalog.ledger.setState(id, next, null)
    return this.find(id)
  }

  async #interrupt(id: string): Promise<void> {
    const entry = this.#running.get(id)
    if (!entry) return
    // Stays "running" without an owner: the next start, or the next import of the folder, takes it up. Paused ones stay so.
    if (entry.next !== 'cancelled') entry.next = entry.run.pause?.isPaused ? 'paused' : 'running'
    entry.control.abort(new MediaError('CANCELLED'))
    await entry.running.ended
  }
}

/** Whether a dead process left a job running. */
const isOrphan = ({ state, owner }: JobRow): boolean => state === 'running' && !(owner && isAlive(owner))

function realFolder(folder: string): string {
  try {
    const real = realpathSync(resolve(folder))
    if (statSync(real).isDirectory()) return real
  } catch {
    // Told below.
  }
  throw new MediaError('FOLDER_MISSING', [resolve(folder)])
}
