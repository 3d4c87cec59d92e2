import type { JpegCoding } from '../media.ts'

/** How a JPEG is coded, by its tables; undefined when they can not be read. */
export function jpegCodingOf(_file: Buffer): JpegCoding | undefined {
  throw new Error('not built yet')
}
