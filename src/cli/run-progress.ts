import type { Told } from '../executor/worker-io.ts'
import { paceOf } from '../jobs/pace.ts'
import { Remaining } from '../jobs/remaining.ts'
import { noteColour, type Output, shownPath } from './output.ts'
import { createProgressBar, type ShownProgress } from './progress-bar.ts'

/** Quick work is over before a bar could be read. */
const shownAfterMs = 400
/** Ten a second at most, as scripts were promised. */
const toldEveryMs = 100

/** Shows how far a run over named files is: a bar for people, `job.progress` events for programs. */
export class RunProgress {
  readonly #output: Output
  readonly #total: number
  readonly #startedAt = performance.now()
  readonly #remaining = new Remaining()
  readonly #atWork = new Map<string, Told>()
  #done = 0
  #toldAt = 0
  /** Made once, however often it is asked for meanwhile. */
  #making: ReturnType<typeof createProgressBar> | undefined
  #bar: Awaited<ReturnType<typeof createProgressBar>> | undefined

  constructor(output: Output, total: number) {
    this.#output = output
    this.#total = total
  }

  /** A file's work is so far. */
  async tell(path: string, operation: string, told: Told): Promise<void> {
    this.#atWork.set(path, told)
    if (told.note !== undefined) this.#note(path, operation, told.note)
    const now = performance.now()
    if (now - this.#toldAt < toldEveryMs || now - this.#startedAt < shownAfterMs) return
    this.#toldAt = now
    const progress = this.#now()
    const { done, total, fraction, etaMs, framesPerSecond, speed } = progress
    this.#output.event('job.progress', { done, total, fraction, etaMs, framesPerSecond, speed })
    if (this.#output.isJson) return
    this.#making ??= createProgressBar()
    this.#bar = await this.#making
    // What was told may be over since.
    if (this.#atWork.size > 0) this.#bar.show(progress)
  }

  /** A file's work is over. */
  finished(path: string): void {
    this.#atWork.delete(path)
    this.#done++
  }

  /** Takes the bar away; the next word of progress brings it back. */
  clear(): void {
    this.#bar?.clear()
  }

  /** Takes the bar away for good. */
  end(): void {
    this.#atWork.clear()
    this.#bar?.end()
  }

  #note(path: string, operation: string, note: string): void {
    this.#output.event('task.note', { path, operation, note })
    if (this.#output.isJson) return
    const text = `${noteColour.dim('·')} ${shownPath(path)}\n  ${note}`
    if (this.#bar) this.#bar.print(text)
    else this.#output.note(text)
  }

  #now(): ShownProgress {
    const told = [...this.#atWork.values()]
    const sum = told.reduce((all, one) => all + one.fraction, this.#done)
    const fraction = Math.min(1, sum / this.#total)
    return {
      done: this.#done,
      total: this.#total,
      fraction,
      etaMs: this.#remaining.estimate(fraction),
      filesPerSecond: (this.#done / (performance.now() - this.#startedAt)) * 1000,
      bytesPerSecond: 0,
      isCounted: true,
      ...paceOf(told),
    }
  }
}
