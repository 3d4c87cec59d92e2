import type { Picture } from './picture.ts'
import type { Probe } from './probe.ts'

/** Where a frame is taken: the most telling one, at a time, or at a fraction of the length. */
export type FrameAt = 'best' | { readonly ms: number } | { readonly fraction: number }

/** An opened film or sound: one demuxer, asked as often as one likes. */
export interface Film {
  readonly probe: Probe
  /** One frame, upright, with square pixels, as SDR sRGB. Throws NO_PICTURE when there is no picture track. */
  frame(at: FrameAt): Promise<{ picture: Picture; atMs: number }>
}
