import { join } from 'node:path'
import type { Collection } from '../../catalog/collections.ts'
import { type JobRow, noCounts } from '../../catalog/ledger.ts'
import { errorSaying, MediaError, toMediaError } from '../../errors.ts'
import type { StateCounts } from '../../events.ts'
import { CostModel } from '../cost-model.ts'
import { allOrNone, type JobRun, type JobSummary, type JobTools } from '../job-run.ts'
import { Progress, progressEveryMs } from '../progress.ts'
import { importSteps, recipeMarks } from '../recipe.ts'
import { isFresh, settle } from '../settle.ts'
import { type FoundFile, type WalkBatch, type WalkEnd, walk } from '../walk.ts'
import { recordFile } from './import-record.ts'

/** One import of one collection: the walk feeds it, workers do the files, the ledger records how each task ended. */
export class ImportRun implements JobRun {
  readonly #job: JobRow
  readonly #collection: Collection
  readonly #tools: JobTools
  readonly #signal: AbortSignal
  readonly #retryFailed: boolean
  /** Where links may lead. */
  readonly #bounds: { within?: readonly string[] }
  readonly #recipe = recipeMarks()
  readonly #costs: CostModel
  readonly #progress: Progress
  /** Files that were found and wait, and those that may still be being written. */
  readonly #queue: FoundFile[] = []
  readonly #fresh: FoundFile[] = []
  /** Known files that are not there; believed only once the whole folder was seen. */
  readonly #gone: WalkBatch['gone'][number][] = []
  #next = 0
  /** What needed no work, and what could not even be looked at: neither stands in the ledger. */
  readonly #unchanged = { tasks: noCounts(), files: noCounts(), ignored: 0 }
  #ignored = 0
  /** Lanes that ran out of files while the walk goes on. */
  readonly #sleepers: (() => void)[] = []
  #walkEnd: WalkEnd | undefined

  constructor(
    job: JobRow,
    collection: Collection,
    tools: JobTools,
    options: { signal: AbortSignal; retryFailed: boolean; within?: readonly string[] },
  ) {
    this.#job = job
    this.#collection = collection
    this.#tools = tools
    this.#signal = options.signal
    this.#retryFailed = options.retryFailed
    this.#bounds = options.within ? { within: [...options.within, collection.root] } : {}
    this.#costs = new CostModel(tools.catalog.costs.all())
    this.#progress = new Progress(job.id, this.#costs, tools.executor.pool.size)
  }

  /** Runs to the end; rejects when cancelled or when the folder itself is in trouble. */
  async run(): Promise<void> {
    const { events, catalog, executor } = this.#tools
    const ticker = setInterval(() => events.emit('job.progress', this.#progress.now()), progressEveryMs)
    const stop = new AbortController()
    const signal = AbortSignal.any([this.#signal, stop.signal])
    signal.addEventListener('abort', () => this.#wakeLanes(), { once: true })
    try {
      // Two lanes more than workers, so that none waits while the catalog writes.
      const lanes = Array.from({ length: executor.pool.size + 2 }, () => this.#lane(signal))
      await allOrNone([this.#walk(signal), ...lanes], () => stop.abort(new MediaError('CANCELLED')))
      events.emit('job.progress', this.#progress.now())
      catalog.collections.markImported(this.#collection.id)
    } finally {
      clearInterval(ticker)
      await catalog.write(() => {
        for (const row of this.#costs.rows()) catalog.costs.put(row)
      })
    }
  }

  /** The counts so far: the ledger's and what needed no work. */
  summary(): JobSummary {
    const { ledger, locations } = this.#tools.catalog
    return {
      assets: locations.countAssets(this.#collection.id),
      tasks: add(ledger.taskCounts(this.#job.number), this.#unchanged.tasks),
      files: add(ledger.fileCounts(this.#job.number), this.#unchanged.files),
      ignored: this.#ignored + this.#unchanged.ignored,
    }
  }

  async #walk(signal: AbortSignal): Promise<void> {
    const { catalog, exclude } = this.#tools
    const { root, id: collection } = this.#collection
    const options = { root, collection, catalogFile: catalog.file, recipe: this.#recipe, job: this.#job.number }
    const end = await walk(
      { ...options, retryFailed: this.#retryFailed, exclude },
      (batch) => this.#take(batch),
      signal,
    )
    const known = catalog.locations.folders(collection)
    if (end.entries === 0 && known.length > 0) {
      // An unplugged drive leaves an empty mount point: nothing of it is forgotten.
      throw new MediaError('FOLDER_EMPTY', [root, catalog.locations.countAssets(collection)])
    }
    const seen = new Set(end.folders)
    const vanished = known.filter((folder) => !seen.has(folder))
    await catalog.write(() => {
      for (const { folder, name } of this.#gone) catalog.locations.markMissing(collection, folder, name)
      for (const folder of vanished) catalog.locations.markMissing(collection, folder)
    })
    this.#progress.isCounted = true
    this.#walkEnd = end
    this.#wakeLanes()
  }

  #take(batch: WalkBatch): void {
    const { events } = this.#tools
    const { tasks, files } = this.#unchanged
    for (const file of batch.due) {
      this.#progress.found(file.name, file.bytes)
      ;(isFresh(file) ? this.#fresh : this.#queue).push(file)
    }
    files.cached += batch.unchanged.files
    tasks.cached += batch.unchanged.tasks
    this.#unchanged.ignored += batch.unchanged.ignored
    this.#progress.settled(batch.unchanged.files + batch.knownFailures.length + batch.alreadyDone)
    for (const { folder, name, failures } of batch.knownFailures) {
      const path = join(this.#collection.root, folder, name)
      const isQuarantined = failures.some((failure) => failure.quarantined)
      files[isQuarantined ? 'quarantined' : 'failed']++
      for (const { operation, code, message, quarantined } of failures) {
        tasks[quarantined ? 'quarantined' : 'failed']++
        events.emit('task.failed', { job: this.#job.id, path, operation, code, message, quarantined, remembered: true })
      }
    }
    for (const { path, reason } of batch.skipped) this.#skip(path, reason)
    this.#gone.push(...batch.gone)
    this.#wakeLanes()
  }

  #skip(path: string, reason: string): void {
    this.#unchanged.files.skipped++
    this.#unchanged.tasks.skipped++
    this.#tools.events.emit('task.skipped', { job: this.#job.id, path, reason })
  }

  /** One of the loops that take the next file until none is left. */
  async #lane(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      const file = this.#takeNext()
      if (file) {
        await this.#import(file, signal)
        continue
      }
      const fresh = this.#walkEnd ? this.#fresh.pop() : undefined
      if (fresh) await this.#importFresh(fresh, signal)
      else if (this.#walkEnd) return
      else await new Promise<void>((resolve) => this.#sleepers.push(resolve))
    }
  }

  async #importFresh(file: FoundFile, signal: AbortSignal): Promise<void> {
    const path = join(this.#collection.root, file.folder, file.name)
    const settled = await settle(file, path, signal)
    if (typeof settled === 'object') return this.#import(settled, signal)
    this.#progress.finished(file.name, file.bytes)
    this.#skip(path, settled === 'gone' ? 'it vanished' : 'it is still growing; the next import takes it')
  }

  async #import(file: FoundFile, signal: AbortSignal): Promise<void> {
    const { executor, catalog, events } = this.#tools
    const path = join(this.#collection.root, file.folder, file.name)
    const startedAt = performance.now()
    const record = recordFile(catalog, {
      job: this.#job,
      collection: this.#collection,
      recipe: this.#recipe,
      file,
      path,
    })
    try {
      await executor.process({
        path,
        steps: (identity) => importSteps(identity.kind),
        priority: 'thumbnails',
        keepIn: 'catalog',
        retry: this.#retryFailed,
        ...this.#bounds,
        signal,
        commit: record.write,
      })
    } catch (thrown) {
      const error = toMediaError(thrown)
      if (signal.aborted || error.code === 'CANCELLED' || error.code === 'DATA_UNUSABLE') throw error
      await catalog.write(() => record.write({ failure: error, isQuarantined: false }))
    }
    if (record.skippedBecause) this.#skip(path, record.skippedBecause)
    if (record.isIgnored) this.#ignored++
    for (const failure of record.failures) events.emit('task.failed', { job: this.#job.id, path, ...failure })
    if (record.asset) events.emit('asset.imported', { job: this.#job.id, asset: record.asset, path })
    const unusable = record.failures.find(({ code }) => code === 'DATA_UNUSABLE')
    // A full disk is nothing that this file, or the next thousand, could be blamed for.
    if (unusable) throw errorSaying('DATA_UNUSABLE', unusable.message)
    const ms = record.isFresh ? performance.now() - startedAt : undefined
    this.#progress.finished(file.name, file.bytes, ms)
  }

  #takeNext(): FoundFile | undefined {
    const file = this.#queue[this.#next]
    if (file) this.#next++
    // The front is cut off now and then: one by one would move a million entries a million times.
    if (!file || this.#next > 10_000) {
      this.#queue.splice(0, this.#next)
      this.#next = 0
    }
    return file
  }

  #wakeLanes(): void {
    for (const wake of this.#sleepers.splice(0)) wake()
  }
}

function add(a: StateCounts, b: StateCounts): StateCounts {
  return {
    done: a.done + b.done,
    cached: a.cached + b.cached,
    failed: a.failed + b.failed,
    quarantined: a.quarantined + b.quarantined,
    skipped: a.skipped + b.skipped,
  }
}
