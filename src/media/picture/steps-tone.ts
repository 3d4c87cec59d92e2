import sharp from 'sharp'
import { MediaError } from '../../errors.ts'
import type { PictureStep, Pixels } from '../picture.ts'
import { type Paint, paintOf } from './paint.ts'
import { toGrey, withoutAlpha } from './pixels.ts'
import { openPixels, readPixels } from './raw-pixels.ts'
import { sizeText } from './step-sizes.ts'

type StepOf<Kind extends PictureStep['kind']> = Extract<PictureStep, { kind: Kind }>

/** libvips' own bounds of what a blur or a sharpening can be. */
const [leastSigma, mostSigma] = [0.3, 1000]

function checkSigma(sigma: number, most: number): void {
  if (sigma >= leastSigma && sigma <= most) return
  throw new MediaError('PARAMS_INVALID', [`Expected a sigma from ${leastSigma} to ${most}, but it was ${sigma}.`])
}

/** From this sigma on a blur of a smaller picture can not be told from that of the whole, and takes a fraction of its time. */
const wideSigma = 12

/** Blurs by a Gaussian. */
export async function blur(pixels: Pixels, { sigma }: StepOf<'blur'>): Promise<Pixels> {
  checkSigma(sigma, mostSigma)
  const shrink = Math.floor(sigma / (wideSigma / 2))
  if (shrink < 2) return readPixels(openPixels(pixels).blur(gaussian(sigma)))
  const { width, height } = pixels
  const [smallWidth, smallHeight] = [Math.ceil(width / shrink), Math.ceil(height / shrink)]
  const small = await readPixels(openPixels(pixels).resize(smallWidth, smallHeight, { fit: 'fill', kernel: 'linear' }))
  const blurred = await readPixels(openPixels(small).blur(gaussian(sigma / shrink)))
  return readPixels(openPixels(blurred).resize(width, height, { fit: 'fill', kernel: sharp.kernel.cubic }))
}

/** By default libvips cuts the bell off where it is a fifth as high as in the middle, which makes it narrower. */
const gaussian = (sigma: number) => ({ sigma, minAmplitude: 0.02 })

/** Sharpens the lightness; an amount of 1 is the usual one of libvips. */
export async function sharpen(pixels: Pixels, { sigma, amount }: StepOf<'sharpen'>): Promise<Pixels> {
  // Above it libvips gives up.
  checkSigma(sigma, 10)
  const sharpened = await readPixels(openPixels(pixels).sharpen({ sigma, m1: amount, m2: 2 * amount }))
  return pixels.channels === 1 ? toGrey(sharpened) : sharpened
}

/** Replaces each pixel by the median around it. */
export async function median(pixels: Pixels, { size }: StepOf<'median'>): Promise<Pixels> {
  if (size > Math.min(pixels.width, pixels.height)) {
    throw new MediaError('PARAMS_INVALID', [
      `A median over ${sizeText({ width: size, height: size })} does not fit into the picture of ${sizeText(pixels)}.`,
    ])
  }
  return readPixels(openPixels(pixels).median(size))
}

/** Takes the colours away; transparency stays. */
export function grey(pixels: Pixels): Pixels {
  if (pixels.channels !== 4) return toGrey(pixels)
  const { data, width, height } = pixels
  const luma = toGrey(withoutAlpha(pixels)).data
  const rgba = Buffer.allocUnsafe(data.length)
  for (let at = 0; at < luma.length; at++) {
    rgba.fill(luma[at] ?? 0, 4 * at, 4 * at + 3)
    rgba[4 * at + 3] = data[4 * at + 3] ?? 255
  }
  return { data: rgba, width, height, channels: 4 }
}

/** Lays the picture over a colour; a picture without transparency stays the object it is. */
export function background(pixels: Pixels, { color }: StepOf<'background'>): Pixels {
  const paint = paintOf(color)
  return pixels.channels === 4 ? flatten(pixels, paint) : pixels
}

function flatten({ data, width, height }: Pixels, { red, green, blue }: Paint): Pixels {
  const rgb = Buffer.allocUnsafe(width * height * 3)
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    const alpha = data[from + 3] ?? 255
    rgb[to] = mix(data[from] ?? 0, red, alpha)
    rgb[to + 1] = mix(data[from + 1] ?? 0, green, alpha)
    rgb[to + 2] = mix(data[from + 2] ?? 0, blue, alpha)
  }
  return { data: rgb, width, height, channels: 3 }
}

const mix = (value: number, under: number, alpha: number): number =>
  Math.round((value * alpha + under * (255 - alpha)) / 255)
