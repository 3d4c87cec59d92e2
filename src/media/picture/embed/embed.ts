import type { WritableFormat } from '../../picture.ts'
import type { KeptMetadata } from '../kept/take.ts'
import { embedInAvif } from './avif.ts'
import { embedInGif } from './gif.ts'
import { embedInJpeg } from './jpeg.ts'
import { embedInJxl } from './jxl.ts'
import { embedInPng } from './png.ts'
import { embedInTiff } from './tiff.ts'
import { embedInWebp } from './webp.ts'

const embedders: Readonly<Record<WritableFormat, (file: Buffer, metadata: KeptMetadata) => Buffer>> = {
  jpeg: embedInJpeg,
  png: embedInPng,
  webp: embedInWebp,
  avif: embedInAvif,
  tiff: embedInTiff,
  gif: embedInGif,
  jxl: embedInJxl,
}

/** Puts metadata into a file that an encoder has just written without any; what the format can not hold is left out. */
export function embedMetadata(format: WritableFormat, file: Buffer, metadata: KeptMetadata): Buffer {
  const { exif, xmp, iptc } = metadata
  return exif || xmp || iptc ? embedders[format](file, metadata) : file
}
