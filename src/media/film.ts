import type { Picture } from './picture.ts'
import type { Probe } from './probe.ts'

/** Where a frame is taken: the most telling one, at a time, or at a fraction of the length. */
export type FrameAt = 'best' | { readonly ms: number } | { readonly fraction: number }

/** An opened film or sound: one demuxer, asked as often as one likes. */
export interface Film {
  readonly probe: Probe
  /** Announces the longest side that will be asked for, so that the first rendering serves every later request. */
  expect(edge: number): void
  /**
   * One frame, upright, with square pixels, as SDR sRGB; of sound its cover. Throws NO_PICTURE when there is none. `edge` is
   * the longest side that is needed: the picture is not rendered larger than that, and without it in full size.
   */
  frame(at: FrameAt, want?: { readonly edge?: number }): Promise<{ picture: Picture; atMs: number }>
}
