import type { FilmIo, FilmPace } from '../film.ts'

/** Often enough that a bar moves smoothly, and so seldom that it costs nothing. */
const toldEveryMs = 200

/** Tells a few times a second how far work on a film is, and how fast it has been since it began. */
export class Telling {
  readonly #io: FilmIo
  readonly #startedAt = performance.now()
  #toldAt = 0

  constructor(io: FilmIo) {
    this.#io = io
  }

  /** So much of it is done, 0–1, so many frames and milliseconds of film; nothing is told while the part is not known. */
  tell(part: number | undefined, frames: number, ms: number): void {
    const now = performance.now()
    if (part === undefined || now - this.#toldAt < toldEveryMs) return
    this.#toldAt = now
    this.#io.progress(Math.min(0.99, Math.max(0, part)), this.#paceOf(frames, ms))
  }

  /** All of it is done. */
  end(frames: number, ms: number): void {
    this.#io.progress(1, this.#paceOf(frames, ms))
  }

  #paceOf(frames: number, ms: number): FilmPace {
    const seconds = Math.max(0.001, (performance.now() - this.#startedAt) / 1000)
    return { frames, framesPerSecond: frames / seconds, speed: Math.max(0, ms) / 1000 / seconds }
  }
}
