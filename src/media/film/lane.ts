import type { Frame } from 'node-av/lib'
import { cloned } from './cloned.ts'

/** Frames that may wait; each is as large as the film's picture, and with more of them all would come from slow memory. */
const mostWaiting = 2

/** Works on frames one after the other. A few may wait, so that whoever brings them and other lanes go on meanwhile. */
export class Lane {
  readonly #work: (frame: Frame) => Promise<void>
  readonly #waiting: Promise<void>[] = []
  #last: Promise<void> = Promise.resolve()
  #failure: { readonly why: unknown } | undefined
  #isClosed = false

  constructor(work: (frame: Frame) => Promise<void>) {
    this.#work = work
  }

  /** Takes a frame, which stays the caller's; resolves when there is room for another. Throws what went wrong earlier. */
  async take(frame: Frame): Promise<void> {
    const own = cloned(frame)
    this.#last = this.#last.then(() => this.#next(own))
    this.#waiting.push(this.#last)
    if (this.#waiting.length > mostWaiting) await this.#waiting.shift()
    if (this.#failure) throw this.#failure.why
  }

  /** Waits until all is done. Throws what went wrong. */
  async end(): Promise<void> {
    await this.#last
    if (this.#failure) throw this.#failure.why
  }

  /** Leaves out what waits, and waits for what is being done: only then may be freed what it is done with. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#last
  }

  async #next(frame: Frame): Promise<void> {
    try {
      if (!this.#isClosed && this.#failure === undefined) await this.#work(frame)
    } catch (why) {
      this.#failure = { why }
    } finally {
      frame.free()
    }
  }
}
