import { MediaError } from '../../errors.ts'
import { checkPixels } from '../limits.ts'
import type { RewriteOptions, RewrittenPicture } from '../picture.ts'
import type { Source } from '../source.ts'
import { embedMetadata } from './embed/embed.ts'
import type { PictureHeader } from './header.ts'
import { readIcc } from './icc.ts'
import { type KeptMetadata, takeMetadata } from './kept/take.ts'
import { swapsSides } from './orient.ts'
import { orientationExif, withOrientation } from './orientation-exif.ts'
import { pngChunks } from './png-chunks.ts'
import { packJpeg } from './repack-jpeg.ts'
import { packPng } from './repack-png.ts'
import type { Original } from './rewrite.ts'
import { intentOf } from './sharp.ts'

/**
 * Packs a JPEG or PNG tighter with every sample and frame as it is, in a file whose metadata is as asked; undefined for
 * other formats, for files too large to be held, and where the picture can not be read as a whole.
 */
export async function repackPicture(
  { source, header, limits }: Omit<Original, 'rendered'>,
  { metadata }: Pick<RewriteOptions, 'metadata'>,
): Promise<RewrittenPicture | undefined> {
  const { whole, format } = source
  const { width, height } = header
  if (!whole || width === undefined || height === undefined || (format !== 'jpeg' && format !== 'png')) return undefined
  checkPixels(width, height, limits)
  // Metadata may speak of a film behind the picture, which would be gone. Some cameras fill up the last few bytes.
  const trailer = metadata === 'strip' ? Number.POSITIVE_INFINITY : 256
  const packed = await (format === 'jpeg' ? packJpeg(whole, trailer) : packPng(whole)).catch((thrown: unknown) => {
    if (thrown instanceof MediaError) throw thrown
    // Packers are stricter than decoders; what they refuse stays as it is.
    return undefined
  })
  if (!packed) return undefined
  const { toneMapped: _, source: __, ...intent } = intentOf(header)
  const profile = header.icc ? readIcc(header.icc)?.name : undefined
  return {
    data: embedMetadata(format, packed, await metadataFor(source, header, metadata)),
    width,
    height,
    intent,
    bitDepth: header.depth === 'ushort' ? 16 : 8,
    frames: format === 'png' ? framesOf(packed) : 1,
    ...(profile === undefined ? {} : { profile }),
  }
}

/** What goes with pixels that lie as they lay before, so that their orientation still has to be told. */
async function metadataFor(
  source: Source,
  { width = 0, height = 0, orientation }: PictureHeader,
  metadata: RewriteOptions['metadata'],
): Promise<KeptMetadata> {
  const told = orientation > 1 ? { exif: orientationExif(orientation) } : {}
  if (metadata === 'strip') return told
  const size = swapsSides(orientation) ? { width: height, height: width } : { width, height }
  const { exif, plainExif, ...kept } = await takeMetadata(source, {
    ...size,
    isSrgb: false,
    stripPlace: metadata === 'strip-gps',
  })
  return {
    ...kept,
    ...(exif ? { exif: withOrientation(exif, orientation) } : told),
    ...(plainExif ? { plainExif: withOrientation(plainExif, orientation) } : {}),
  }
}

/** Each frame of an animated PNG has a chunk that tells its place and time. */
const framesOf = (png: Buffer): number => Math.max(1, [...pngChunks(png)].filter(({ type }) => type === 'fcTL').length)
