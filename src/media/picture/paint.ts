import { MediaError } from '../../errors.ts'
import type { Pixels } from '../picture.ts'
import { toRgb, toRgba } from './pixels.ts'

/** A colour with alpha; all 0–255. */
export interface Paint {
  readonly red: number
  readonly green: number
  readonly blue: number
  readonly alpha: number
}

/** Reads `#rrggbb` or `#rrggbbaa`; transparent black when left out. Throws PARAMS_INVALID for all else. */
export function paintOf(color: string | undefined): Paint {
  if (color === undefined) return { red: 0, green: 0, blue: 0, alpha: 0 }
  if (!/^#([0-9a-f]{6}|[0-9a-f]{8})$/i.test(color)) {
    throw new MediaError('PARAMS_INVALID', [`Expected a colour such as #ff8800, but it was ${JSON.stringify(color)}.`])
  }
  const [red = 0, green = 0, blue = 0, alpha = 255] = Buffer.from(color.slice(1), 'hex')
  return { red, green, blue, alpha }
}

/** A paint as sharp takes it. */
export const asBackground = ({
  red,
  green,
  blue,
  alpha,
}: Paint): { r: number; g: number; b: number; alpha: number } => ({
  r: red,
  g: green,
  b: blue,
  alpha: alpha / 255,
})

/** The pixels with the channels that this paint needs beside them. */
export const readyFor = (pixels: Pixels, { alpha }: Paint): Pixels =>
  alpha < 255 ? toRgba(pixels) : pixels.channels === 4 ? pixels : toRgb(pixels)

/**
 * RGBA with colours weighted by their alpha, or such pixels turned back: filters that mix neighbours would otherwise draw
 * the colour that lies unseen under transparent ones into the seen. Other pixels stay the object they are.
 */
export function weighted(pixels: Pixels, direction: 'by-alpha' | 'back'): Pixels {
  if (pixels.channels !== 4) return pixels
  const data = Buffer.from(pixels.data)
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3] ?? 255
    if (alpha === 255) continue
    const factor = direction === 'by-alpha' ? alpha / 255 : alpha === 0 ? 0 : 255 / alpha
    for (let channel = at; channel < at + 3; channel++) {
      data[channel] = Math.min(255, Math.round((data[channel] ?? 0) * factor))
    }
  }
  return { ...pixels, data }
}
