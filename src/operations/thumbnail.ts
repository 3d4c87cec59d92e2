import type { z } from 'zod'
import { usualQuality } from '../media/picture/encoder-settings.ts'
import type { Picture } from '../media/picture.ts'
import type { OperationIo } from './operation.ts'
import type { thumbnailParams, thumbnailResult } from './thumbnail-params.ts'

const qualities = { ...usualQuality, png: 100 } as const

/** Encodes a decoded picture as a thumbnail asks for, keeps it as an artifact, and tells of it. */
export async function makeThumbnail(
  picture: Picture,
  params: z.output<typeof thumbnailParams>,
  io: OperationIo,
): Promise<z.output<typeof thumbnailResult>> {
  const { edge, format, fit, focus, role } = params
  const quality = params.quality ?? qualities[format]
  const { data, width, height } = await picture.encode({ edge, format, fit, focus, quality })
  await io.artifact({ role, format, width, height }, data)
  return {
    width,
    height,
    format,
    bytes: data.length,
    ...(format === 'png' ? {} : { quality }),
    intent: picture.intent,
    ...(picture.damage === undefined ? {} : { damaged: picture.damage }),
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
