import type { Sharp } from 'sharp'
import type { Drawn } from './drawn.ts'

/** How many pixels are drawn at a time: libvips draws each piece from the beginning, so few large ones are best. */
export const piecePixels = 2 ** 24

/** The frames of an animation that libvips reads; `open` gives some of them below each other. */
export function drawnInPieces(
  form: Pick<Drawn, 'width' | 'height' | 'delays' | 'loop'> & { readonly frames: number },
  open: (first: number, count: number) => Sharp,
): Drawn {
  const { width, height, loop, frames: count } = form
  const most = Math.max(1, Math.floor(piecePixels / (width * height)))
  return {
    width,
    height,
    depth: 8,
    delays: Array.from({ length: count }, (_, frame) => form.delays[frame] ?? 0),
    loop,
    async *frames() {
      for (let first = 0; first < count; first += most) {
        const pages = Math.min(most, count - first)
        const { data, info } = await open(first, pages)
          .toColourspace('srgb')
          .ensureAlpha()
          .raw()
          .toBuffer({ resolveWithObject: true })
        const frameBytes = width * height * 4
        if (info.channels !== 4 || data.length !== frameBytes * pages)
          throw new RangeError('the frames are of another size')
        for (let page = 0; page < pages; page++) yield data.subarray(page * frameBytes, (page + 1) * frameBytes)
      }
    },
  }
}
