import type { z } from 'zod'
import { usualQuality } from '../media/picture/encoder-settings.ts'
import type { EncodeOptions, ShownPicture } from '../media/picture.ts'
import type { OperationIo } from './operation.ts'
import type { thumbnailParams, thumbnailResult } from './thumbnail-params.ts'

const qualities = { ...usualQuality, png: 100 } as const

/** How the picture of a thumbnail is encoded. */
export function encodeOptionsOf(params: z.output<typeof thumbnailParams>): EncodeOptions {
  const { edge, format, fit, focus, quality = qualities[format] } = params
  return { edge, format, fit, focus, quality }
}

/** Keeps an encoded picture as an artifact, and tells of it. */
export async function keepThumbnail(
  { data, width, height, intent, damage }: ShownPicture,
  { format, quality }: EncodeOptions,
  role: string,
  io: OperationIo,
): Promise<z.output<typeof thumbnailResult>> {
  await io.artifact({ role, format, width, height }, data)
  return {
    width,
    height,
    format,
    bytes: data.length,
    ...(format === 'png' ? {} : { quality }),
    intent,
    ...(damage === undefined ? {} : { damaged: damage }),
  }
}

/** The longest side that has to be decoded: a square that is cut from a picture needs its shorter side in full. */
export function edgeNeeded(
  { edge, fit }: Pick<z.output<typeof thumbnailParams>, 'edge' | 'fit'>,
  size: { readonly width?: number; readonly height?: number },
): number {
  const { width = 1, height = 1 } = size
  return fit === 'cover' ? Math.ceil((edge * Math.max(width, height)) / Math.min(width, height)) : edge
}
