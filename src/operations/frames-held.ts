import type { Identity } from '../media/media.ts'

/** How the frames of a file are written. */
export interface FrameWriting {
  readonly format: string
  readonly isExact?: boolean
  /** Whether a border is put around each. */
  readonly isPadded?: boolean
}

/**
 * Estimated bytes that the frames of a file that moves take while it is written anew, beside those of a still picture of its
 * size. Measured in bytes a pixel: libvips keeps all frames below each other in 4, except those of a GIF, which it reads as it
 * goes; a GIF without loss is compared with them, in 10. What is drawn frame by frame leaves a few behind that are not cleared
 * away yet, and SVT-AV1 keeps 130 of a frame, since it looks ahead, libjxl 160.
 */
export function framesHeldBy({ format, isExact = false, isPadded = false }: FrameWriting, file: Identity): number {
  const { width = 0, height = 0, frames = 1 } = file
  if (frames === 1) return 0
  // Some formats only declare their frames. More are refused, and must not pass for a reason to use more memory.
  const all = Math.min(mostPixels, width * height * frames)
  const to = format === 'same' ? file.format : format
  const isLibvips = to === 'gif' || to === 'webp' || to === 'auto'
  const isWhole = isLibvips && (isExact || isPadded || file.format !== 'gif')
  const isDrawn = to in ofOne || (file.format !== 'gif' && file.format !== 'webp')
  const whole = isWhole ? all * (to === 'gif' && isExact ? 10 : 4) : 0
  const drawn = isDrawn ? 12 * Math.min(all, leftPixels) : 0
  return whole + drawn + width * height * (ofOne[to] ?? 0)
}

const mostPixels = 2 ** 29

const leftPixels = 2 ** 24

const ofOne: Readonly<Record<string, number>> = { avif: 130, auto: 130, jxl: 160, png: 0 }
