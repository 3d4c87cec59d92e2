import { MediaError } from '../errors.ts'
import { MiB } from '../units.ts'
import type { FormatName, Kind } from './formats.ts'
import type { MediaLimits } from './media.ts'

/**
 * 2^29 pixels, twice what libvips and browsers settled on: scans and stitched panoramas of 400 megapixels are real, and one
 * such decode at a time fits into the memory of an ordinary machine. What only pretends to be larger is stopped here.
 */
export const defaultLimits: MediaLimits = { maxPixels: 2 ** 29 }

/** Refuses a picture by what its header declares, before anything is decoded: a few bytes can declare terabytes. */
export function checkPixels(width: number, height: number, limits: MediaLimits): void {
  const pixels = width * height
  if (pixels > limits.maxPixels) throw new MediaError('INPUT_TOO_LARGE', [pixels, limits.maxPixels])
}

/** Bytes of memory for each pixel while a format is decoded: planes, working copies and the result together. */
const bytesPerPixel: Partial<Record<FormatName, number>> = {
  jpeg: 4,
  gif: 5,
  bmp: 7,
  heic: 8,
  avif: 10,
  jxl: 14,
  jp2: 14,
  exr: 20,
}

/** What a format of unknown size is taken for, in pixels: a usual photo, or a frame of a usual film. */
const usualPixels: Record<Kind, number> = { picture: 24_000_000, film: 2_100_000, sound: 0 }

/** Estimated memory in bytes of decoding all of a picture, or of the frames that a film's decoder holds at a time. */
export function decodedBytesOf(format: FormatName, kind: Kind, width?: number, height?: number): number {
  const pixels = width !== undefined && height !== undefined ? width * height : usualPixels[kind]
  if (kind === 'picture') return Math.round(8 * MiB + pixels * (bytesPerPixel[format] ?? 6))
  // A decoder keeps up to 16 reference frames of 1.5 bytes a pixel, and converts some to RGB.
  return Math.round(32 * MiB + pixels * 30)
}
