import sharp, { type Sharp } from 'sharp'
import type { Picture, Pixels, RewriteOptions } from '../picture.ts'
import type { Source } from '../source.ts'
import { drawApng } from './apng.ts'
import type { Prepared } from './coded.ts'
import { formatTraits } from './encoder-settings.ts'
import type { PictureHeader } from './header.ts'
import { withProfile } from './profile.ts'
import { openPixels } from './raw-pixels.ts'
import { planResizing } from './resizing.ts'
import { intentOf } from './sharp.ts'

/** The way of a picture over its rendering: upright, 8-bit sRGB. */
export async function prepareRendered(rendered: Picture, options: RewriteOptions): Promise<Prepared> {
  const { width, height, hasAlpha, intent, damage } = rendered
  const pixels = await rendered.pixels({ width, height, fit: 'fill', as: hasAlpha ? 'rgba' : 'rgb' })
  const { hasAlpha: takesAlpha } = formatTraits[options.format]
  const resizing = planResizing(pixels, options.resize, { hasAlpha: takesAlpha, background: options.background })
  const steps = await resizing.steps(1, () => openPixels(pixels))
  return {
    picture: {
      ...resizing.size,
      depth: 8,
      open: () => steps(openPixels(pixels)),
      hasAlpha: hasAlpha || (resizing.border !== undefined && resizing.border.alpha < 255),
      ...(resizing.isChange ? {} : { pixels }),
    },
    intent,
    ...(damage === undefined ? {} : { damage }),
  }
}

/** All frames together, as RGBA: what a still picture of the largest size takes. */
const drawnPixels = 64_000_000

/** The way of an APNG to an animation of another format; undefined for all else, and when its frames can not be drawn. */
export async function prepareApng(
  { format, whole }: Source,
  header: PictureHeader,
  options: RewriteOptions,
): Promise<Prepared | undefined> {
  const isAsked = options.frames === 'all' && formatTraits[options.format].frames === 'animation'
  if (!isAsked || format !== 'png' || !whole) return undefined
  const drawn = await drawApng(whole, drawnPixels).catch(() => undefined)
  if (!drawn) return undefined
  const { width, height, delays, loop } = drawn
  const below: Pixels = { data: drawn.data, width, height: height * delays.length, channels: 4 }
  const { data } = header.icc ? await withProfile(below, header.icc) : below
  const resizing = planResizing(drawn, options.resize, { hasAlpha: true })
  const open = (frames: number): Sharp => {
    const raw = { width, height: height * frames, channels: 4, pageHeight: height } as const
    return sharp(data.subarray(0, raw.height * width * 4), { raw, pages: frames, limitInputPixels: false })
  }
  const steps = await resizing.steps(delays.length, () => open(1))
  const { source: _, ...intent } = intentOf(header)
  return {
    picture: {
      ...resizing.size,
      depth: 8,
      open: () => steps(open(delays.length)),
      hasAlpha: true,
      delays,
      loop,
    },
    intent,
  }
}
