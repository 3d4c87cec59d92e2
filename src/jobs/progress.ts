import type { JobProgress } from '../events.ts'
import type { Told } from '../executor/worker-io.ts'
import { type CostModel, classOf } from './cost-model.ts'
import { paceOf } from './pace.ts'

/** How often a running job tells its progress. */
export const progressEveryMs = 200

/** Rates and estimates look at the recent past, so that they follow a library whose files change in kind. */
const windowMs = 15_000

/** What follows when all files are done, such as the search for duplicates, is put down as so much of the whole. */
const conclusionShare = 0.1

/** How far the work on one file is. */
export interface FileProgress {
  tell(told: Told): void
  /** It is over, however it ended. */
  end(): void
}

/** How far a job is and when it will end, from the estimated cost of what is done and what is left. */
export class Progress {
  readonly #job: string
  readonly #costs: CostModel
  readonly #workers: number
  readonly #startedAt = performance.now()
  #recent: { at: number; files: number; bytes: number; cost: number }[] = []
  #done = 0
  #total = 0
  #doneBytes = 0
  #doneCost = 0
  /** What is left, by class: what the model learns meanwhile counts for all of it. */
  readonly #left = new Map<string, { files: number; bytes: number }>()
  isCounted = false
  /** Files whose work tells how far it is, by a number of theirs. */
  readonly #atWork = new Map<number, { readonly cost: number; told: Told }>()
  #nextAtWork = 0
  /** How far the work on all files together is, 0–1; undefined when there is none. */
  #concluded: number | undefined
  #concludingSince: number | undefined

  constructor(job: string, costs: CostModel, workers: number) {
    this.#job = job
    this.#costs = costs
    this.#workers = workers
    this.#mark()
  }

  /** A file was found that has to be worked on. */
  found(name: string, bytes: number): void {
    this.#total++
    this.#addLeft(name, 1, bytes)
  }

  /** Files were found that need no work. */
  settled(files: number): void {
    this.#total += files
    this.#done += files
  }

  /** A file is begun, which was found with so many bytes. */
  begun(name: string, bytes: number): FileProgress {
    const id = this.#nextAtWork++
    const cost = this.#costs.predict(name, bytes)
    return {
      tell: (told) => this.#atWork.set(id, { cost, told }),
      end: () => this.#atWork.delete(id),
    }
  }

  /** Time went by in which nothing was done: rates are measured anew. */
  restarted(): void {
    this.#recent = []
    this.#mark()
  }

  /** A file is finished, which was found with so many bytes; `ms` is what it took, absent when nothing was computed. */
  finished(name: string, bytes: number, ms?: number): void {
    this.#done++
    this.#doneBytes += bytes
    this.#doneCost += this.#costs.predict(name, bytes)
    this.#addLeft(name, -1, -bytes)
    if (ms !== undefined) this.#costs.learn(name, bytes, ms)
  }

  /** When all files are done there is work on all of them together, and it is so far, 0–1. */
  concluding(fraction: number): void {
    this.#concluded = fraction
    if (this.isCounted && this.#done >= this.#total) this.#concludingSince ??= performance.now()
  }

  /** The state of things now. */
  now(): JobProgress {
    const now = performance.now()
    const oldest = this.#recent[0] ?? { at: this.#startedAt, files: 0, bytes: 0, cost: 0 }
    const seconds = Math.max(0.001, (now - oldest.at) / 1000)
    const costPerSecond = (this.#spent - oldest.cost) / seconds
    this.#mark()
    return {
      job: this.#job,
      done: this.#done,
      total: this.#total,
      fraction: this.#fraction(),
      etaMs: this.#eta(costPerSecond),
      filesPerSecond: Math.max(0, (this.#done - oldest.files) / seconds),
      bytesPerSecond: Math.max(0, (this.#doneBytes - oldest.bytes) / seconds),
      isCounted: this.isCounted,
      ...paceOf([...this.#atWork.values()].map(({ told }) => told)),
    }
  }

  /** The cost of what is done, parts of files included. */
  get #spent(): number {
    let spent = this.#doneCost
    for (const { cost, told } of this.#atWork.values()) spent += cost * told.fraction
    return spent
  }

  /** Null until the walk has counted everything and some experience is there. */
  #eta(costPerSecond: number): number | null {
    if (!this.isCounted) return null
    if (this.#concluded !== undefined && this.#done >= this.#total) return this.#etaOfConclusion(this.#concluded)
    let left = this.#doneCost - this.#spent
    for (const [fileClass, { files, bytes }] of this.#left) left += this.#costs.predictMany(fileClass, files, bytes)
    // What was measured while running beats what was learnt earlier, once there is enough of it.
    if (performance.now() - this.#startedAt > 3000 && costPerSecond > 0) return (left / costPerSecond) * 1000
    return left / this.#workers
  }

  #fraction(): number {
    let done = this.#done
    for (const { told } of this.#atWork.values()) done += told.fraction
    const files = this.#total === 0 ? 0 : Math.min(1, done / this.#total)
    if (this.#concluded === undefined) return files
    // Of nothing at all the conclusion is all there is.
    if (this.#total === 0 && this.isCounted) return this.#concluded
    return files * (1 - conclusionShare) + this.#concluded * conclusionShare
  }

  /** Null until it has told a little; what it takes differs too much between operations to be learnt. */
  #etaOfConclusion(fraction: number): number | null {
    if (fraction >= 1) return 0
    if (fraction < 0.01 || this.#concludingSince === undefined) return null
    return ((performance.now() - this.#concludingSince) * (1 - fraction)) / fraction
  }

  #addLeft(name: string, files: number, bytes: number): void {
    const fileClass = classOf(name)
    const left = this.#left.get(fileClass) ?? { files: 0, bytes: 0 }
    this.#left.set(fileClass, { files: left.files + files, bytes: left.bytes + bytes })
  }

  #mark(): void {
    const at = performance.now()
    const last = this.#recent.at(-1)
    if (!last || at - last.at > 500) {
      this.#recent.push({ at, files: this.#done, bytes: this.#doneBytes, cost: this.#spent })
    }
    this.#recent = this.#recent.filter((mark) => at - mark.at < windowMs || mark === this.#recent.at(-1))
  }
}
