/** Classes of work, the most urgent first. */
export const priorities = ['interactive', 'metadata', 'thumbnails', 'analysis', 'conversion'] as const

/** How urgent a piece of work is. */
export type Priority = (typeof priorities)[number]

interface Waiter {
  readonly bytes: number
  readonly priority: number
  readonly grant: (release: () => void) => void
}

/**
 * Lets work begin while the estimated memory of all decodes under way stays within a budget. Work larger than a
 * quarter of it, a giant, runs one at a time, so that giants never add up; the most urgent waits the least.
 */
export class Admission {
  readonly #budget: number
  readonly #waiting: Waiter[] = []
  #used = 0
  #giants = 0

  constructor(budgetBytes: number) {
    this.#budget = budgetBytes
  }

  get usedBytes(): number {
    return this.#used
  }

  get budgetBytes(): number {
    return this.#budget
  }

  get waiting(): number {
    return this.#waiting.length
  }

  isGiant(bytes: number): boolean {
    return bytes > this.#budget / 4
  }

  /** Resolves once the bytes are free, with the function that gives them back; rejects when the signal fires. */
  admit(bytes: number, priority: Priority, signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted()
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        bytes,
        priority: priorities.indexOf(priority),
        grant: (release) => {
          signal?.removeEventListener('abort', onAbort)
          resolve(release)
        },
      }
      const onAbort = () => {
        const at = this.#waiting.indexOf(waiter)
        if (at >= 0) this.#waiting.splice(at, 1)
        reject(signal?.reason)
        this.#grantNext()
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      const at = this.#waiting.findIndex((other) => other.priority > waiter.priority)
      this.#waiting.splice(at < 0 ? this.#waiting.length : at, 0, waiter)
      this.#grantNext()
    })
  }

  #fits(bytes: number): boolean {
    if (this.isGiant(bytes) && this.#giants > 0) return false
    // Alone, even what exceeds the budget may run: the worker's memory limit holds it.
    return this.#used === 0 || this.#used + bytes <= this.#budget
  }

  #grantNext(): void {
    let giantWaits: number | undefined
    for (let at = 0; at < this.#waiting.length; ) {
      const waiter = this.#waiting[at]
      // Work of the same class may pass a waiting giant; less urgent work may not, or the giant would starve.
      if (!waiter || (giantWaits !== undefined && waiter.priority > giantWaits)) return
      if (this.#fits(waiter.bytes)) {
        this.#waiting.splice(at, 1)
        this.#take(waiter)
      } else if (this.isGiant(waiter.bytes)) {
        giantWaits ??= waiter.priority
        at++
      } else {
        // Nothing passes an ordinary one: it would starve.
        return
      }
    }
  }

  #take(waiter: Waiter): void {
    const giant = this.isGiant(waiter.bytes) ? 1 : 0
    this.#used += waiter.bytes
    this.#giants += giant
    let isReleased = false
    waiter.grant(() => {
      if (isReleased) return
      isReleased = true
      this.#used -= waiter.bytes
      this.#giants -= giant
      this.#grantNext()
    })
  }
}
