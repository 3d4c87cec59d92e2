import { z } from 'zod'
import type { RewriteOptions, RewrittenPicture } from '../media/picture.ts'
import { writableFormats } from '../media/picture.ts'
import type { OperationIo } from './operation.ts'
import { savedShareOf } from './saved-share.ts'
import { intentSchema } from './thumbnail-params.ts'

/** The formats that can be asked for. */
export const formatParam = z.enum(writableFormats)

/** A colour of six hexadecimal digits. */
export const colorParam = z.string().regex(/^#[0-9a-fA-F]{6}$/, 'expected a colour such as #ffffff')

/** A colour of six hexadecimal digits, or of eight with its alpha. */
export const alphaColorParam = z
  .string()
  .regex(/^#([0-9a-f]{6}|[0-9a-f]{8})$/i, 'expected a colour such as #ff8800, or #ff880080 with alpha')

/** Parameters of every operation that writes a picture file anew. */
export const writeParams = z.object({
  quality: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe(
      "The encoder's own scale; left out: 82 for JPEG, 80 for WebP, 55 for AVIF, 85 for JPEG XL. PNG, TIFF and GIF have none.",
    ),
  effort: z
    .enum(['fast', 'usual', 'best'])
    .default('usual')
    .describe('How long the encoder searches for the smallest file.'),
  color: z
    .enum(['keep', 'srgb'])
    .default('keep')
    .describe(
      '`keep`: colour profile and depth stay as far as the format can hold them; high dynamic range is always brought down. `srgb`: 8-bit sRGB.',
    ),
  metadata: z
    .enum(['keep', 'strip', 'strip-gps'])
    .default('keep')
    .describe(
      'What becomes of EXIF, XMP and IPTC. `strip-gps` takes out where the picture was taken, as coordinates and as names of places.',
    ),
})

/** What is told of a file that was written anew. */
export const writeResult = z.object({
  format: formatParam,
  width: z.int(),
  height: z.int(),
  bytes: z.int(),
  originalBytes: z.int().describe('Size of the original file.'),
  savedShare: z.number().describe('Share of the original bytes that was saved; negative when the new file is larger.'),
  frames: z.int().describe('Frames or pages in the new file; 1 for a still picture.'),
  bitDepth: z.int().describe('Bits a sample in the new file.'),
  profile: z.string().optional().describe('Colour profile in the new file; absent when it is sRGB without one.'),
  metadata: z.enum(['keep', 'strip', 'strip-gps']).describe('What became of the metadata.'),
  intent: intentSchema,
  damaged: z.string().optional().describe('What is wrong with the original, when only part of it could be decoded.'),
})

/** Keeps the new file as the artifact `picture`, and tells of it. */
export async function keepPicture(
  written: RewrittenPicture,
  { format, metadata }: Pick<RewriteOptions, 'format' | 'metadata'>,
  originalBytes: number,
  io: OperationIo,
): Promise<z.output<typeof writeResult>> {
  const { data, width, height, frames, bitDepth, profile, intent, damage } = written
  await io.artifact({ role: 'picture', format, width, height }, data)
  return {
    format,
    width,
    height,
    bytes: data.length,
    originalBytes,
    savedShare: savedShareOf(data.length, originalBytes),
    frames,
    bitDepth,
    ...(profile === undefined ? {} : { profile }),
    metadata,
    intent,
    ...(damage === undefined ? {} : { damaged: damage }),
  }
}
