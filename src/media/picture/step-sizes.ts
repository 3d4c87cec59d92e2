import { MediaError } from '../../errors.ts'
import type { ResizeOptions } from '../picture.ts'

/** Width and height in pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** No format holds more on a side than these (TIFF and PNG do, nothing shows them); more pixels are a slip or an attack. */
const [maxSide, maxPixels] = [65_535, 2 ** 28]

/** Refuses what a step would make of `from` when it grows larger than anything can show; PARAMS_INVALID. */
export function checkSize({ width, height }: Size, from: Size): void {
  // Whoever may open a larger picture may also make it smaller, or leave it.
  if (width <= from.width && height <= from.height) return
  if (width <= maxSide && height <= maxSide && width * height <= maxPixels) return
  throw new MediaError('PARAMS_INVALID', [
    `The picture would become ${sizeText({ width, height })}; at most ${maxSide} pixels a side and ${maxPixels} in all are made.`,
  ])
}

/** A size for people. */
export const sizeText = ({ width, height }: Size): string => `${width}×${height}`

/** What a resize comes to: the picture is scaled, then cut or padded to the box. */
export interface ResizePlan {
  readonly scaled: Size
  readonly box: Size
}

/** Plans a resize of a picture of this size. Throws PARAMS_INVALID when neither side is given. */
export function planResize(from: Size, { width, height, fit, enlarge }: ResizeOptions): ResizePlan {
  if (width === undefined || height === undefined) {
    const wanted = width === undefined ? (height ?? 0) / from.height : width / from.width
    if (wanted === 0) throw new MediaError('PARAMS_INVALID', ['Expected a width or a height to resize to.'])
    const scale = enlarge ? wanted : Math.min(1, wanted)
    const scaled = { width: sideOf(from.width, scale), height: sideOf(from.height, scale) }
    return { scaled, box: scaled }
  }
  const most = enlarge ? Number.POSITIVE_INFINITY : 1
  const across = Math.min(most, width / from.width)
  const down = Math.min(most, height / from.height)
  if (fit === 'fill') {
    const scaled = { width: sideOf(from.width, across), height: sideOf(from.height, down) }
    return { scaled, box: scaled }
  }
  const isLarge = fit === 'outside' || fit === 'cover'
  const scale = Math.min(most, (isLarge ? Math.max : Math.min)(width / from.width, height / from.height))
  const scaled = { width: sideOf(from.width, scale), height: sideOf(from.height, scale) }
  if (fit === 'contain') return { scaled, box: { width, height } }
  if (fit !== 'cover') return { scaled, box: scaled }
  // A picture smaller than the box gives the largest piece of the box's aspect.
  const share = Math.min(1, scaled.width / width, scaled.height / height)
  return { scaled, box: { width: sideOf(width, share), height: sideOf(height, share) } }
}

/** A side made longer or shorter; never less than a pixel. */
export const sideOf = (side: number, scale: number): number => Math.max(1, Math.round(side * scale))

/** The borders that bring a size to that of a box around it; of an odd number the smaller half lies left and above. */
export function bordersOf({ width, height }: Size, box: Size) {
  const [left, top] = [Math.floor((box.width - width) / 2), Math.floor((box.height - height) / 2)]
  return { left, top, right: box.width - width - left, bottom: box.height - height - top }
}
