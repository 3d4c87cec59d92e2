import type { Frame } from 'node-av/lib'

/** Frames a second. */
export interface FrameRate {
  readonly num: number
  readonly den: number
}

/** When a frame is shown, by its number. */
export const msOfTick = ({ num, den }: FrameRate, tick: number): number => (tick * 1000 * den) / num

/** The number of the frame that is nearest to a moment. */
export const tickAt = ({ num, den }: FrameRate, ms: number): number => Math.round((ms * num) / (1000 * den))

/** Makes frames with any time stamps even: doubles are left out, gaps filled with the frame before, as from the origin on. */
export class EvenFrames {
  readonly #rate: FrameRate
  readonly #emit: (frame: Frame, tick: number) => Promise<void>
  /** Frames that claim to be shown later are wrong. */
  readonly #lastTick: number
  #held: Frame | undefined
  #tick = 0
  #heldUntilMs = 0

  constructor(rate: FrameRate, latestMs: number, emit: (frame: Frame, tick: number) => Promise<void>) {
    this.#rate = rate
    this.#lastTick = tickAt(rate, latestMs)
    this.#emit = emit
  }

  /** When what was taken so far is over. */
  get endMs(): number {
    if (this.#held === undefined) return 0
    return Math.max(msOfTick(this.#rate, this.#tick + 1), this.#heldUntilMs)
  }

  /** Takes a frame, which stays the caller's, with the time that it is meant to be shown for; 0 when that is not told. */
  async take(frame: Frame, ms: number, forMs: number): Promise<void> {
    const tick = tickAt(this.#rate, ms)
    const untilMs = Math.min(ms + forMs, msOfTick(this.#rate, this.#lastTick))
    if (this.#held === undefined) return this.#hold(frame, untilMs)
    if (tick < this.#tick || tick > this.#lastTick) return
    await this.#repeatUntil(tick)
    this.#hold(frame, untilMs)
  }

  /** Shows the last frame until a moment, at least for its own time. */
  async end(ms: number): Promise<void> {
    await this.#repeatUntil(Math.max(this.#tick + 1, tickAt(this.#rate, ms)))
  }

  close(): void {
    this.#held?.free()
    this.#held = undefined
  }

  async #repeatUntil(tick: number): Promise<void> {
    while (this.#held !== undefined && this.#tick < tick) await this.#emit(this.#held, this.#tick++)
  }

  #hold(frame: Frame, untilMs: number): void {
    this.#held?.free()
    this.#held = frame.clone() ?? undefined
    this.#heldUntilMs = untilMs
  }
}
