import type { Stretch } from '../../film.ts'
import type { TimedFrame } from '../reader.ts'
import { keep } from '../shot.ts'
import type { Side } from './side.ts'

/** A frame of the reference and the frame of the film that is shown at its moment. */
export interface FramePair {
  /** When the reference's frame is shown. */
  readonly ms: number
  /** Gone with the next pair, like the film's. */
  readonly reference: TimedFrame
  readonly film: TimedFrame
  /** The film's frame is that of the pair before. */
  readonly isSameFilm: boolean
}

/** How far the pairs went. */
export interface PairsEnd {
  /** Frames of the reference before the film's first. */
  before: number
  /** The film ended before the reference did. */
  isFilmOver: boolean
}

/**
 * For each frame of the reference in a stretch the frame of the film that is shown then, `offsetMs` later on the film's clock.
 * Ends with the shorter of both.
 */
export async function* pairsOf(
  reference: Side,
  film: Side,
  { fromMs, toMs }: Stretch,
  offsetMs: number,
  end: PairsEnd,
  signal: AbortSignal,
): AsyncGenerator<FramePair, void> {
  // Stamps are rounded by containers: of equal rates the nearest frame is meant, of others the one that is shown.
  const slackMs = Math.min(reference.stepMs, film.stepMs) * 0.45
  const shown = new Shown(film, Math.max(0, fromMs + offsetMs), slackMs, signal)
  try {
    for await (const timed of reference.reader.framesFrom(fromMs)) {
      signal.throwIfAborted()
      if (timed.ms < fromMs - 0.5) continue
      if (timed.ms >= toMs - 0.5) return
      const isSameFilm = !(await shown.goTo(timed.ms + offsetMs))
      if (shown.isOver) {
        end.isFilmOver = true
        return
      }
      if (shown.frame === undefined) end.before++
      else yield { ms: timed.ms, reference: timed, film: shown.frame, isSameFilm }
    }
  } finally {
    await shown.close()
  }
}

/** The frame of a film that is shown at moments which only grow. */
class Shown {
  frame: TimedFrame | undefined
  /** The moment lies behind the film's last frame. */
  isOver = false
  readonly #frames: AsyncGenerator<TimedFrame, void>
  readonly #slackMs: number
  readonly #stepMs: number
  readonly #signal: AbortSignal
  #next: TimedFrame | undefined
  #hasMore = true

  constructor({ reader, stepMs }: Side, fromMs: number, slackMs: number, signal: AbortSignal) {
    this.#signal = signal
    this.#frames = reader.framesFrom(fromMs)
    this.#slackMs = slackMs
    this.#stepMs = stepMs
  }

  /** Goes to a moment; true when another frame is shown then. */
  async goTo(ms: number): Promise<boolean> {
    let hasChanged = false
    while (true) {
      await this.#read()
      if (this.#next === undefined || this.#next.ms > ms + this.#slackMs) break
      this.frame?.frame.free()
      this.frame = this.#next
      this.#next = undefined
      hasChanged = true
    }
    if (!this.#hasMore && this.frame !== undefined) {
      const endMs = this.frame.endMs ?? this.frame.ms + this.#stepMs
      this.isOver = ms > endMs - this.#slackMs / 2
    }
    return hasChanged
  }

  async close(): Promise<void> {
    this.frame?.frame.free()
    this.#next?.frame.free()
    await this.#frames.return()
  }

  async #read(): Promise<void> {
    if (this.#next !== undefined || !this.#hasMore) return
    this.#signal.throwIfAborted()
    const { done, value } = await this.#frames.next()
    if (done === true || value === undefined) this.#hasMore = false
    else this.#next = { ...keep(value), ...(value.endMs === undefined ? {} : { endMs: value.endMs }) }
  }
}
