import sharp, { type Sharp } from 'sharp'
import type { Pixels } from '../picture.ts'

/** Opens pixels for libvips; greys stay greys, where sharp alone would make three channels of one. */
export function openPixels({ data, width, height, channels }: Pixels): Sharp {
  const image = sharp(data, { raw: { width, height, channels }, limitInputPixels: false })
  return channels === 1 ? image.toColourspace('b-w') : image
}

/** The pixels that come out of a chain of libvips operations, which must not be grey with alpha. */
export async function readPixels(image: Sharp): Promise<Pixels> {
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  if (channels === 2) throw new RangeError('grey with alpha came out, which nothing here takes')
  return { data, width, height, channels }
}
