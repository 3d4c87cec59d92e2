import type { Stretch } from '../../film.ts'
import { timed } from './stretches.ts'

/** Below this all is silence, and so long: as FFmpeg's `silencedetect` has it. */
const silentBelow = 0.001
const leastSilentSeconds = 2
/** Full scale: 16 bits end one step before 1, and lossy codecs go beyond it where the original was cut. */
const clippedFrom = 0.9999
/** A single sample at full scale is a peak; a wave that is cut off stays there. */
const leastClippedRun = 3

/** A part of what was heard: where it began in the hearing and in the film, in seconds and milliseconds. */
interface Piece {
  readonly heardSeconds: number
  readonly filmMs: number
}

/** Looks at samples for silence and clipping, piece by piece. */
export class SampleMeter {
  readonly #pieces: Piece[] = []
  readonly #silent: Stretch[] = []
  #runs = new Float64Array(0)
  #clipped = 0
  #samples = 0
  #seconds = 0
  #silentFrom: number | undefined

  /** From this place of the hearing on it comes from that moment of the film. */
  piece(heardSeconds: number, filmMs: number): void {
    this.#pieces.push({ heardSeconds, filmMs })
  }

  /** Interleaved samples between −1 and 1. */
  measure(samples: Float32Array, channels: number, rate: number): void {
    if (this.#runs.length !== channels) this.#runs = new Float64Array(channels)
    const runs = this.#runs
    const border = this.#pieces.find(({ heardSeconds }) => heardSeconds > this.#seconds + 1e-6)?.heardSeconds
    for (let at = 0; at < samples.length; at += channels) {
      let loudest = 0
      for (let channel = 0; channel < channels; channel++) {
        // In bounds by the loops.
        const value = Math.abs(samples[at + channel] as number)
        if (value > loudest) loudest = value
        const run = runs[channel] as number
        if (value >= clippedFrom) {
          runs[channel] = run + 1
          this.#clipped += run + 1 === leastClippedRun ? leastClippedRun : run >= leastClippedRun ? 1 : 0
        } else if (run > 0) runs[channel] = 0
      }
      const seconds = this.#seconds + at / channels / rate
      if (loudest >= silentBelow) this.#endSilence(seconds)
      else {
        // What lies between two pieces was not heard.
        if (border !== undefined && seconds >= border && (this.#silentFrom ?? seconds) < border)
          this.#endSilence(border)
        this.#silentFrom ??= seconds
      }
    }
    this.#samples += samples.length
    this.#seconds += samples.length / channels / rate
  }

  /** What was found in all. */
  result(): { silent: Stretch[]; clippedShare: number; heardMs: number } {
    const isAllSilent = this.#silentFrom === 0
    this.#endSilence(this.#seconds, isAllSilent ? 0 : leastSilentSeconds)
    return {
      silent: this.#silent.map(timed),
      clippedShare: this.#samples > 0 ? Math.round((this.#clipped / this.#samples) * 1e6) / 1e6 : 0,
      heardMs: Math.round(this.#seconds * 1000),
    }
  }

  #endSilence(seconds: number, least = leastSilentSeconds): void {
    const from = this.#silentFrom
    this.#silentFrom = undefined
    if (from === undefined || seconds - from < least || seconds === from) return
    const piece = this.#pieces.findLast(({ heardSeconds }) => heardSeconds <= from + 1e-6)
    const fromMs = (piece?.filmMs ?? 0) + (from - (piece?.heardSeconds ?? 0)) * 1000
    this.#silent.push({ fromMs, toMs: fromMs + (seconds - from) * 1000 })
  }
}
