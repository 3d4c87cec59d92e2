import { MediaError } from '../../errors.ts'
import type { PictureStep, Pixels, WatermarkPlace } from '../picture.ts'
import { toRgb, toRgba } from './pixels.ts'
import { kernel } from './raster.ts'
import { openPixels, readPixels } from './raw-pixels.ts'
import { type Size, sideOf } from './step-sizes.ts'
import { drawText } from './text.ts'

type Watermark = Extract<PictureStep, { kind: 'watermark' }>

/** Distance from the edges as a share of the shorter side. */
const margin = 0.02

/** Lays a picture or a text over the pixels. Throws PARAMS_INVALID unless there is one of both. */
export async function watermark(pixels: Pixels, step: Watermark): Promise<Pixels> {
  const mark = await markOf(pixels, step)
  const base = pixels.channels === 1 ? toRgb(pixels) : pixels
  const data = Buffer.from(base.data)
  const target = { ...base, data }
  for (const [left, top] of places(pixels, mark, step.place)) lay(target, mark, left, top, step.opacity)
  return target
}

/** The watermark at its size: as wide as it shall be, or less where it would be higher than the picture. */
async function markOf(pixels: Pixels, { picture, text, share, color }: Watermark): Promise<Pixels> {
  if ((picture === undefined) === (text === undefined)) {
    throw new MediaError('PARAMS_INVALID', ['A watermark is either a picture or a text.'])
  }
  const width = Math.max(1, Math.round(pixels.width * share))
  const mark = picture
    ? await picture.pixels({ width: picture.width, height: picture.height, fit: 'fill', as: 'rgba' })
    : await drawText(text ?? '', color, { width, height: pixels.height })
  const scale = Math.min(width / mark.width, pixels.height / mark.height)
  const wanted = { width: sideOf(mark.width, scale), height: sideOf(mark.height, scale) }
  // The letters that were drawn are right to a pixel or two, and clearer than scaled ones.
  const isDrawn = text !== undefined && Math.abs(wanted.width - mark.width) <= 2 && mark.width <= pixels.width
  if (isDrawn && mark.height <= pixels.height) return mark
  if (wanted.width === mark.width && wanted.height === mark.height) return mark
  return toRgba(await readPixels(openPixels(mark).resize(wanted.width, wanted.height, { fit: 'fill', kernel })))
}

/** Where the left upper corners of the marks come. */
function places(picture: Size, mark: Size, place: WatermarkPlace): (readonly [left: number, top: number])[] {
  if (place === 'tile') return tiles(picture, mark)
  const room = [picture.width - mark.width, picture.height - mark.height] as const
  const distance = Math.round(margin * Math.min(picture.width, picture.height))
  const at = (space: number, side: 'low' | 'high' | 'middle'): number => {
    const near = Math.min(distance, Math.floor(space / 2))
    return side === 'low' ? near : side === 'high' ? space - near : Math.floor(space / 2)
  }
  const across = place.includes('left') ? 'low' : place.includes('right') ? 'high' : 'middle'
  const down = place.includes('top') ? 'low' : place.includes('bottom') ? 'high' : 'middle'
  return [[at(room[0], across), at(room[1], down)]]
}

/** Like bricks: half the width between the marks, and every second row shifted by half. */
function tiles(picture: Size, mark: Size): (readonly [left: number, top: number])[] {
  const across = mark.width + Math.ceil(mark.width / 2)
  const down = mark.height + Math.max(Math.ceil(mark.height / 2), Math.ceil(mark.width / 4))
  const found: (readonly [number, number])[] = []
  for (let row = 0, top = Math.floor(down / 4); top < picture.height; row++, top += down) {
    const first = Math.floor(across / 4) - (row % 2 === 0 ? 0 : Math.floor(across / 2))
    for (let left = first; left < picture.width; left += across) found.push([left, top])
  }
  return found
}

/** Lays a mark over pixels, in place, its alpha times the opacity (T. Porter and T. Duff, "over"); what juts out is cut. */
function lay(base: Pixels, mark: Pixels, left: number, top: number, opacity: number): void {
  const { data, channels } = base
  const [fromX, toX] = [Math.max(0, -left), Math.min(mark.width, base.width - left)]
  const [fromY, toY] = [Math.max(0, -top), Math.min(mark.height, base.height - top)]
  for (let y = fromY; y < toY; y++) {
    for (let x = fromX; x < toX; x++) {
      const from = (y * mark.width + x) * 4
      const to = ((top + y) * base.width + left + x) * channels
      const over = ((mark.data[from + 3] ?? 0) / 255) * opacity
      if (over === 0) continue
      const under = (channels === 4 ? (data[to + 3] ?? 0) / 255 : 1) * (1 - over)
      for (let channel = 0; channel < 3; channel++) {
        const [value, old] = [mark.data[from + channel] ?? 0, data[to + channel] ?? 0]
        data[to + channel] = Math.round((value * over + old * under) / (over + under))
      }
      if (channels === 4) data[to + 3] = Math.round((over + under) * 255)
    }
  }
}
