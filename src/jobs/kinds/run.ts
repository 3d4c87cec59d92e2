import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { JobRow } from '../../catalog/ledger.ts'
import type { SelectedFile } from '../../catalog/selections.ts'
import { errorSaying, MediaError, toMediaError } from '../../errors.ts'
import { Identities, lookAt } from '../../executor/identities.ts'
import { resultKey } from '../../executor/memory.ts'
import { PauseSwitch } from '../../executor/pause.ts'
import type { Step } from '../../executor/task.ts'
import type { Identity } from '../../media/media.ts'
import { runCollection } from '../collection-run.ts'
import { CostModel } from '../cost-model.ts'
import { allOrNone, type JobRun, type JobSummary, type JobTools } from '../job-run.ts'
import { Progress, progressEveryMs } from '../progress.ts'
import { planRun, type RunAsked, type RunPlan } from './run-plan.ts'
import { recordRun } from './run-record.ts'

const pageSize = 500

/** One operation on every file of a selection, cache-first; or on a whole collection, after what that needs of every file. */
export class BulkRun implements JobRun {
  readonly #job: JobRow
  readonly #asked: RunAsked
  readonly #tools: JobTools
  readonly #signal: AbortSignal
  readonly #identities: Identities
  readonly #costs: CostModel
  readonly #progress: Progress
  readonly #pause = new PauseSwitch()
  #isConcluding = false
  #assets = 0
  #page: readonly SelectedFile[] = []
  #next = 0
  #after = 0

  constructor(job: JobRow, tools: JobTools, signal: AbortSignal) {
    this.#job = job
    this.#asked = job.params as RunAsked
    this.#tools = tools
    this.#signal = signal
    this.#identities = new Identities(tools.catalog, tools.cache)
    this.#costs = new CostModel(tools.catalog.costs.all(), this.#asked.operation)
    this.#progress = new Progress(job.id, this.#costs, tools.executor.pool.size)
  }

  async run(): Promise<void> {
    const { catalog, events, executor } = this.#tools
    const plan = await planRun(this.#tools, this.#asked)
    if (plan.collection) this.#progress.concluding(0)
    const ticker = setInterval(() => {
      if (this.#pause.isPaused) this.#progress.restarted()
      else events.emit('job.progress', this.#progress.now())
    }, progressEveryMs)
    const stop = new AbortController()
    const signal = AbortSignal.any([this.#signal, stop.signal])
    try {
      await this.#count(plan, signal)
      // Two lanes more than workers, so that none waits while the catalog writes.
      const lanes = Array.from({ length: executor.pool.size + 2 }, () => this.#lane(plan, signal))
      await allOrNone(lanes, () => stop.abort(new MediaError('CANCELLED')))
      events.emit('job.progress', this.#progress.now())
      if (plan.collection) {
        this.#isConcluding = true
        const progress = (fraction: number) => {
          this.#progress.concluding(fraction)
          events.emit('job.progress', this.#progress.now())
        }
        progress(0)
        await runCollection(this.#tools, this.#job, plan.collection, { signal, progress })
        progress(1)
      }
    } finally {
      clearInterval(ticker)
      await catalog.write(() => {
        for (const row of this.#costs.rows()) catalog.costs.put(row)
      })
    }
  }

  /** Single files are stopped in the middle; what is done with all of them together, in a thread, can not be. */
  get pause(): PauseSwitch | undefined {
    return this.#isConcluding ? undefined : this.#pause
  }

  summary(): JobSummary {
    const { ledger } = this.#tools.catalog
    const { number } = this.#job
    return {
      assets: this.#assets,
      tasks: ledger.taskCounts(number),
      files: ledger.fileCounts(number),
      ignored: 0,
    }
  }

  /** Page by page, as everything else waits meanwhile. */
  async #count({ kinds }: RunPlan, signal: AbortSignal): Promise<void> {
    const { selections, ledger } = this.#tools.catalog
    const { number: job } = this.#job
    const assets = new Set<number>()
    for (let after: number | undefined = 0; after !== undefined; ) {
      signal.throwIfAborted()
      const page = selections.counted(this.#asked.selection, kinds, { job, after, limit: pageSize })
      for (const { asset, format, bytes, isDue } of page) {
        assets.add(asset)
        if (isDue) this.#progress.found(classNameOf(format), bytes)
      }
      after = page.length < pageSize ? undefined : page.at(-1)?.location
      this.#assets = assets.size
      await setImmediate()
    }
    this.#progress.settled(Object.values(ledger.fileCounts(job)).reduce((sum, count) => sum + count, 0))
    this.#progress.isCounted = true
  }

  /** One of the loops that take the next file until none is left. */
  async #lane(plan: RunPlan, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      await this.#pause.passable(signal)
      const file = this.#takeNext(plan)
      if (!file) return
      await this.#work(file, plan, signal)
    }
  }

  #takeNext({ kinds }: RunPlan): SelectedFile | undefined {
    if (this.#next >= this.#page.length) {
      const options = { job: this.#job.number, after: this.#after, limit: pageSize }
      this.#page = this.#tools.catalog.selections.page(this.#asked.selection, kinds, options)
      this.#next = 0
      this.#after = this.#page.at(-1)?.location ?? this.#after
    }
    return this.#page[this.#next++]
  }

  async #work(file: SelectedFile, plan: RunPlan, signal: AbortSignal): Promise<void> {
    const { executor, catalog } = this.#tools
    const path = join(file.root, file.folder, file.name)
    const name = classNameOf(file.asset.format)
    const steps = plan.steps(file.asset)
    if (steps.length === 0) return this.#progress.finished(name, file.bytes)
    const startedAt = performance.now()
    const atWork = this.#progress.begun(name, file.bytes)
    const record = recordRun(this.#tools, this.#job, { location: file.location, path, tellsAnswers: !plan.collection })
    try {
      const known = await this.#identities.find(lookAt(path))
      if (known && plan.collection && this.#areKnown(steps, known.identity)) {
        await catalog.write(() => record.writeKnown(steps))
      } else {
        await executor.process({
          path,
          steps: ({ contentId, kind, format }) => plan.steps({ id: contentId, kind, format }),
          priority: plan.priority,
          keepIn: 'catalog',
          ...(known ? { known } : {}),
          ...(this.#asked.within ? { within: this.#asked.within } : {}),
          signal,
          pause: this.#pause,
          onProgress: (told) => {
            atWork.tell(told)
            const { note } = told
            if (note === undefined) return
            this.#tools.events.emit('task.note', { job: this.#job.id, path, operation: this.#asked.operation, note })
          },
          commit: record.write,
        })
      }
    } catch (thrown) {
      const error = toMediaError(thrown)
      if (signal.aborted || error.code === 'CANCELLED' || error.code === 'DATA_UNUSABLE') throw error
      await catalog.write(() => record.write({ failure: error, isQuarantined: false }))
    } finally {
      atWork.end()
    }
    for (const announce of record.announcements) announce()
    if (record.unusable) throw errorSaying('DATA_UNUSABLE', record.unusable)
    this.#progress.finished(name, file.bytes, record.isFresh ? performance.now() - startedAt : undefined)
  }

  /** Whether nothing has to be done or read: answers are there, and none of them has files that could be missing. */
  #areKnown(steps: readonly Step[], identity: Identity): boolean {
    const { results } = this.#tools.catalog
    return steps.every((step) => step.operation.artifacts.length === 0 && results.has(resultKey(identity, step)))
  }
}

/** The cost model tells classes by file names; here formats are known. */
const classNameOf = (format: string): string => `any.${format}`
