import { MediaError } from '../../errors.ts'
import type { EncodedPicture, Pixels, WriteOptions } from '../picture.ts'
import { encode } from './encode.ts'
import { checkWritable } from './encoder-settings.ts'
import { openPixels } from './raw-pixels.ts'

/**
 * Encodes pixels, 8-bit sRGB, without metadata. Throws PARAMS_INVALID for what the format can not hold, TOOL_MISSING for
 * JPEG XL without its encoder.
 */
export async function writePixels(pixels: Pixels, options: WriteOptions): Promise<EncodedPicture> {
  const { width, height } = pixels
  checkWritable(options, { width, height, depth: 8 })
  const picture = { width, height, depth: 8, hasAlpha: pixels.channels === 4, pixels } as const
  try {
    return { data: await encode({ ...picture, open: () => openPixels(pixels) }, options), width, height }
  } catch (thrown) {
    if (thrown instanceof MediaError) throw thrown
    throw new MediaError('INTERNAL', [`the picture could not be encoded as ${options.format}`], { cause: thrown })
  }
}
