import { MediaError } from '../../errors.ts'
import type { PictureStep, Pixels } from '../picture.ts'
import { crop, flip, pad, resize, rotate } from './steps-geometry.ts'
import { background, blur, grey, median, sharpen } from './steps-tone.ts'
import { insideBorder } from './trim.ts'
import { watermark } from './watermark.ts'

/**
 * Applies steps to pixels, one after the other; the pixels given stay as they are. Throws PARAMS_INVALID for a step that
 * does not fit the picture as the steps before left it.
 */
export async function applySteps(pixels: Pixels, steps: readonly PictureStep[]): Promise<Pixels> {
  let current = pixels
  for (const step of steps) {
    try {
      current = await applyStep(current, step)
    } catch (thrown) {
      if (thrown instanceof MediaError) throw thrown
      throw new MediaError('INTERNAL', [`the step "${step.kind}" failed`], { cause: thrown })
    }
  }
  return current
}

function applyStep(pixels: Pixels, step: PictureStep): Pixels | Promise<Pixels> {
  switch (step.kind) {
    case 'crop':
      return crop(pixels, step)
    case 'resize':
      return resize(pixels, step)
    case 'rotate':
      return rotate(pixels, step)
    case 'flip':
      return flip(pixels, step)
    case 'trim':
      return crop(pixels, { kind: 'crop', ...insideBorder(pixels, step.threshold) })
    case 'pad':
      return pad(pixels, step)
    case 'blur':
      return blur(pixels, step)
    case 'sharpen':
      return sharpen(pixels, step)
    case 'median':
      return median(pixels, step)
    case 'grey':
      return grey(pixels)
    case 'background':
      return background(pixels, step)
    case 'watermark':
      return watermark(pixels, step)
  }
}
