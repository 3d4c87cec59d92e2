import type { Picture, RewriteOptions } from '../picture.ts'
import type { Prepared } from './coded.ts'
import { formatTraits } from './encoder-settings.ts'
import { openPixels } from './raw-pixels.ts'
import { planResizing } from './resizing.ts'

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
