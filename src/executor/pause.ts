/** What stands still while a switch is on, and goes on afterwards. */
export interface Pausable {
  pause(): void
  /** Resolves once it works again. */
  resume(): Promise<void>
}

/**
 * Holds work where it is: workers that have a piece of it in hand are stopped in the middle, and go on when the switch is
 * turned back. Work that has not begun waits.
 */
export class PauseSwitch {
  readonly #following = new Set<Pausable>()
  #turned: PromiseWithResolvers<void> | undefined

  get isPaused(): boolean {
    return this.#turned !== undefined
  }

  /** Stops everything that follows, at once. */
  pause(): void {
    if (this.#turned) return
    this.#turned = Promise.withResolvers()
    for (const work of this.#following) work.pause()
  }

  /** Lets everything go on; resolves when it does. */
  async resume(): Promise<void> {
    const turned = this.#turned
    this.#turned = undefined
    turned?.resolve()
    if (turned) await Promise.all([...this.#following].map((work) => work.resume()))
  }

  /** Resolves as soon as the switch is off; throws the signal's reason when that comes first. */
  async passable(signal?: AbortSignal): Promise<void> {
    while (this.#turned) await orAborted(this.#turned.promise, signal)
  }

  /** From now on the work is stopped with the switch; the returned function ends that. */
  follow(work: Pausable): () => void {
    this.#following.add(work)
    return () => this.#following.delete(work)
  }
}

async function orAborted(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    await Promise.race([promise, aborted])
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}
