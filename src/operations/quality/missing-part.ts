import type { Pixels } from '../../media/picture.ts'
import { tileSide } from './plane.ts'

/** What decoders paint where nothing could be decoded, in each channel. */
const [fillLow, fillHigh] = [126, 130]
/** Fewer rows than this share may be a grey line of the picture itself. */
const leastShare = 0.04

/**
 * The share of the picture, at its end, that was never decoded and is plain grey, and the pixels without it, which are what
 * can be judged. Without known damage only a larger part counts.
 */
export function findMissingPart(pixels: Pixels, isDamaged: boolean): { missing: number; rest: Pixels } {
  const { width, height, data } = pixels
  let end = height
  while (end > 0 && isFill(data, (end - 1) * width * 3, width * 3)) end--
  const missing = (height - end) / height
  // A picture that is grey all over is more likely meant so than lost.
  if (missing < (isDamaged ? 0.005 : leastShare) || (end === 0 && !isDamaged)) return { missing: 0, rest: pixels }
  if (end < tileSide) return { missing, rest: pixels }
  return { missing, rest: { ...pixels, height: end, data: data.subarray(0, end * width * 3) } }
}

function isFill(data: Buffer, start: number, length: number): boolean {
  const first = data[start] ?? 0
  if (first < fillLow || first > fillHigh) return false
  for (let at = start; at < start + length; at++) {
    const value = data[at] as number
    if (value < fillLow || value > fillHigh) return false
  }
  return true
}
