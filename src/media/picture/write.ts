import type { EncodedPicture, Pixels, WriteOptions } from '../picture.ts'

/** Encodes pixels, 8-bit sRGB, without metadata. */
export async function writePixels(_pixels: Pixels, _options: WriteOptions): Promise<EncodedPicture> {
  throw new Error('not built yet')
}
