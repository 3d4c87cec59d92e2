import { setImmediate } from 'node:timers/promises'

/** So long others wait at most: a cancel must be heard, and a pause. */
const breathMs = 20

/** Lets others work now and then, in a long row of small pieces of work that block. */
export class Breather {
  #last = performance.now()

  /** Returns at once, unless the last pause was long ago. */
  breathe(): Promise<void> | undefined {
    if (performance.now() - this.#last < breathMs) return undefined
    return setImmediate().then(() => {
      this.#last = performance.now()
    })
  }
}
