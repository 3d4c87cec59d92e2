import { MediaError } from '../../errors.ts'
import { checkPixels } from '../limits.ts'
import type { RewriteOptions, RewrittenPicture } from '../picture.ts'
import { readIcc } from './icc.ts'
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
  const pack = format === 'jpeg' ? packJpeg : packPng
  const data = await pack(whole, metadata, header.orientation).catch((thrown: unknown) => {
    if (thrown instanceof MediaError) throw thrown
    // The packers are stricter than decoders; what they refuse is none of their business.
    return undefined
  })
  if (!data) return undefined
  const { toneMapped: _, source: __, ...intent } = intentOf(header)
  const profile = header.icc ? readIcc(header.icc)?.name : undefined
  return {
    data,
    width,
    height,
    intent,
    bitDepth: header.depth === 'ushort' ? 16 : 8,
    frames: format === 'png' ? framesOf(data) : 1,
    ...(profile === undefined ? {} : { profile }),
  }
}

/** Each frame of an animated PNG has a chunk that tells its place and time. */
const framesOf = (png: Buffer): number => Math.max(1, [...pngChunks(png)].filter(({ type }) => type === 'fcTL').length)
