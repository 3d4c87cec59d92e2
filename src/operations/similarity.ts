import type { Pixels } from '../media/picture.ts'

/** How alike two greys pictures are. */
export interface LumaSimilarity {
  /** Peak signal-to-noise ratio in dB; infinite for equal pictures. */
  readonly psnr: number
  /** Structural similarity, 1 for equal pictures, as FFmpeg's filter `ssim` computes it. */
  readonly ssim: number
}

/** Compares two pictures of one channel and equal size. */
export function compareLuma(_a: Pixels, _b: Pixels): LumaSimilarity {
  throw new Error('not built yet')
}
