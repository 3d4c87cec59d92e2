import type { Pixels } from '../../media/picture.ts'

/** A picture as quality is measured in it: interleaved RGB and its luma. */
export interface Plane {
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array
  /** ITU-R BT.601 on gamma-coded values. */
  readonly luma: Uint8Array
}

/** The side in pixels of the squares that pictures are looked at in. */
export const tileSide = 64

/** Luma beside RGB; a side shorter than a tile is continued by mirroring, so that every picture holds one. */
export function planeOf(pixels: Pixels): Plane {
  const { width, height, data } = pixels.width < tileSide || pixels.height < tileSide ? mirrored(pixels) : pixels
  const luma = new Uint8Array(width * height)
  for (let at = 0, from = 0; at < luma.length; at++, from += 3) {
    // Here and in the whole folder: in bounds by the loops, and a check for each sample would double the time of all.
    luma[at] =
      ((data[from] as number) * 19595 +
        (data[from + 1] as number) * 38470 +
        (data[from + 2] as number) * 7471 +
        32768) >>
      16
  }
  return { width, height, rgb: data, luma }
}

function mirrored({ width: fromWidth, height: fromHeight, data: from }: Pixels): Pixels {
  const width = Math.max(tileSide, fromWidth)
  const height = Math.max(tileSide, fromHeight)
  const data = Buffer.allocUnsafe(width * height * 3)
  for (let y = 0, to = 0; y < height; y++) {
    const row = reflect(y, fromHeight) * fromWidth
    for (let x = 0; x < width; x++, to += 3) {
      const at = (row + reflect(x, fromWidth)) * 3
      for (let channel = 0; channel < 3; channel++) data[to + channel] = from[at + channel] as number
    }
  }
  return { data, width, height, channels: 3 }
}

function reflect(at: number, length: number): number {
  const place = at % (2 * length)
  return place < length ? place : 2 * length - 1 - place
}
