/** An animation whose frames are drawn out: whole pictures one after the other, upright, and all of one size. */
export interface Drawn {
  /** Of one frame. */
  readonly width: number
  readonly height: number
  /** Bits of a sample that mean something. */
  readonly depth: 8 | 10 | 12 | 16
  /** Milliseconds of each frame. */
  readonly delays: readonly number[]
  /** How often it is shown; 0 for ever. */
  readonly loop: number
  /** RGBA of each frame in memory of its own, a byte a sample, or above 8 bits 16 in the order of the machine. */
  frames(): AsyncIterable<Buffer>
}

/**
 * The times of frames as players take them: what asks to be shown for no time, or for less than any screen takes, is shown for
 * a tenth of a second.
 */
export const shownTimes = (delays: readonly number[]): number[] => delays.map((ms) => (ms <= 10 ? 100 : Math.round(ms)))
