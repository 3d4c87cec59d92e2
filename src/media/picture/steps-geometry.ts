import sharp from 'sharp'
import { MediaError } from '../../errors.ts'
import type { PictureStep, Pixels } from '../picture.ts'
import { positionOf } from './focus.ts'
import { orientPixels } from './orient.ts'
import { asBackground, paintOf, readyFor, weighted } from './paint.ts'
import { kernel } from './raster.ts'
import { openPixels, readPixels } from './raw-pixels.ts'
import { bordersOf, checkSize, planResize, sizeText } from './step-sizes.ts'

type StepOf<Kind extends PictureStep['kind']> = Extract<PictureStep, { kind: Kind }>

/** Cuts a rectangle out. Throws PARAMS_INVALID when it does not lie inside. */
export function crop(pixels: Pixels, { left, top, width, height }: StepOf<'crop'>): Pixels {
  if (width < 1 || height < 1 || left < 0 || top < 0 || left + width > pixels.width || top + height > pixels.height) {
    throw new MediaError('PARAMS_INVALID', [
      `A piece of ${sizeText({ width, height })} at ${left}, ${top} does not lie inside the picture of ${sizeText(pixels)}.`,
    ])
  }
  const { channels } = pixels
  const row = width * channels
  const data = Buffer.allocUnsafe(row * height)
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * pixels.width + left) * channels
    pixels.data.copy(data, y * row, from, from + row)
  }
  return { data, width, height, channels }
}

/** Brings to a size, then cuts or pads as the fit says. */
export async function resize(pixels: Pixels, step: StepOf<'resize'>): Promise<Pixels> {
  const { scaled, box } = planResize(pixels, step)
  checkSize(scaled, pixels)
  checkSize(box, pixels)
  if (step.fit === 'cover' && (scaled.width !== box.width || scaled.height !== box.height)) {
    const position = positionOf(step.focus)
    return readPixels(openPixels(pixels).resize(box.width, box.height, { fit: 'cover', position, kernel }))
  }
  const isSame = scaled.width === pixels.width && scaled.height === pixels.height
  const sized = isSame
    ? pixels
    : await readPixels(openPixels(pixels).resize(scaled.width, scaled.height, { fit: 'fill', kernel }))
  const { background } = step
  const borders = bordersOf(scaled, box)
  return pad(sized, { kind: 'pad', ...borders, ...(background === undefined ? {} : { background }) })
}

/** Turns clockwise; the picture grows to hold the turned one when that is not by quarters. */
export async function rotate(pixels: Pixels, { degrees, background }: StepOf<'rotate'>): Promise<Pixels> {
  if (!Number.isFinite(degrees)) throw new MediaError('PARAMS_INVALID', [`A picture can not be turned by ${degrees}°.`])
  const angle = ((degrees % 360) + 360) % 360
  const quarters = [0, 90, 180, 270].indexOf(angle)
  if (quarters >= 0) return orientPixels(pixels, [1, 6, 3, 8][quarters] ?? 1)
  const [sine, cosine] = [Math.sin((angle * Math.PI) / 180), Math.cos((angle * Math.PI) / 180)]
  const { width, height } = pixels
  const turnedSize = {
    width: Math.ceil(width * Math.abs(cosine) + height * Math.abs(sine)),
    height: Math.ceil(width * Math.abs(sine) + height * Math.abs(cosine)),
  }
  checkSize(turnedSize, pixels)
  const paint = paintOf(background)
  const { red, green, blue, alpha } = paint
  const image = openPixels(weighted(readyFor(pixels, paint), 'by-alpha'))
  const turned = image.affine([cosine, -sine, sine, cosine], {
    // Weighted by its alpha as the pixels are.
    background: asBackground({
      red: (red * alpha) / 255,
      green: (green * alpha) / 255,
      blue: (blue * alpha) / 255,
      alpha,
    }),
    interpolator: sharp.interpolators.bicubic,
  })
  return weighted(await readPixels(turned), 'back')
}

/** Mirrors. */
export const flip = (pixels: Pixels, { direction }: StepOf<'flip'>): Pixels =>
  orientPixels(pixels, direction === 'horizontal' ? 2 : 4)

/** Puts borders around; a picture without any stays the object it is. */
export async function pad(pixels: Pixels, { top, right, bottom, left, background }: StepOf<'pad'>): Promise<Pixels> {
  if (Math.min(top, right, bottom, left) < 0) {
    throw new MediaError('PARAMS_INVALID', ['A border can not be narrower than 0; "crop" makes a picture smaller.'])
  }
  if (top + right + bottom + left === 0) return pixels
  checkSize({ width: left + pixels.width + right, height: top + pixels.height + bottom }, pixels)
  const paint = paintOf(background)
  return readPixels(
    openPixels(readyFor(pixels, paint)).extend({ top, right, bottom, left, background: asBackground(paint) }),
  )
}
