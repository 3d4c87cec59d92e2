import type { Pixels } from '../picture.ts'
import type { Size } from './step-sizes.ts'

/** A rectangle in a picture, in pixels. */
export interface Region extends Size {
  readonly left: number
  readonly top: number
}

/**
 * What is left when a border of one colour is cut away: all rows and columns outside the first that hold a pixel that
 * differs in a channel by more than `threshold` from the pixel at the top left. Transparent pixels are all alike, whatever
 * colour lies under them. The whole picture when it is all border.
 */
export function insideBorder(pixels: Pixels, threshold: number): Region {
  const { width, height } = pixels
  const differs = comparer(pixels, threshold)
  const isBorderRow = (y: number): boolean => {
    for (let x = 0; x < width; x++) if (differs(x, y)) return false
    return true
  }
  let top = 0
  while (top < height && isBorderRow(top)) top++
  if (top === height) return { left: 0, top: 0, width, height }
  let bottom = height
  while (isBorderRow(bottom - 1)) bottom--
  const isBorderColumn = (x: number): boolean => {
    for (let y = top; y < bottom; y++) if (differs(x, y)) return false
    return true
  }
  let left = 0
  while (isBorderColumn(left)) left++
  let right = width
  while (isBorderColumn(right - 1)) right--
  return { left, top, width: right - left, height: bottom - top }
}

/** Tells whether a pixel is no border; colours count as much as their alpha lets them be seen. */
function comparer({ data, width, channels }: Pixels, threshold: number): (x: number, y: number) => boolean {
  const seen = (at: number, channel: number): number =>
    channels === 4 && channel < 3 ? ((data[at + channel] ?? 0) * (data[at + 3] ?? 0)) / 255 : (data[at + channel] ?? 0)
  const border = Array.from({ length: channels }, (_, channel) => seen(0, channel))
  return (x, y) => {
    const at = (y * width + x) * channels
    for (let channel = 0; channel < channels; channel++) {
      if (Math.abs(seen(at, channel) - (border[channel] ?? 0)) > threshold) return true
    }
    return false
  }
}
