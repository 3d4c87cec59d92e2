import { z } from 'zod'

/** Parameters that thumbnails of pictures and of films share. */
export const thumbnailParams = z.object({
  edge: z
    .int()
    .min(1)
    .max(8192)
    .default(250)
    .describe('Longest side in pixels; with `cover` and `contain` the side of the square. Never enlarged.'),
  format: z.enum(['webp', 'jpeg', 'avif', 'png']).default('webp').describe('The format of the new picture.'),
  quality: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe("The encoder's own scale; left out: 80 for WebP, 82 for JPEG, 55 for AVIF. PNG has none."),
  fit: z
    .enum(['inside', 'cover', 'contain'])
    .default('inside')
    .describe('`inside` keeps the aspect, `cover` cuts a square, `contain` puts the whole into a square.'),
  focus: z
    .enum(['centre', 'attention', 'entropy'])
    .default('centre')
    .describe('Where `cover` cuts: the middle, what draws the eye, or where most is to be seen.'),
  role: z
    .enum(['thumbnail', 'preview'])
    .default('thumbnail')
    .describe('The name that the picture gets among the artifacts.'),
})

/** What was decided to show the picture; the same words as in src/media/render-intent.ts. */
export const intentSchema = z.object({
  orientation: z.int().describe('EXIF orientation that was applied; 1: none.'),
  orientationFrom: z.enum(['exif', 'container', 'none']),
  profile: z.string().describe('The colours that the pixels came in.'),
  toneMapped: z.enum(['pq', 'hlg']).optional().describe('How high dynamic range was brought down, when it was.'),
  gainMap: z
    .literal('ignored')
    .optional()
    .describe('The file has a gain map for brighter screens, which is not shown.'),
  source: z.string().optional().describe('Which picture of the file was taken, when it holds several.'),
})

/** What a thumbnail tells of itself. */
export const thumbnailResult = z.object({
  width: z.int(),
  height: z.int(),
  format: z.string(),
  bytes: z.int(),
  quality: z.int().optional().describe('Absent for PNG.'),
  intent: intentSchema,
  damaged: z.string().optional().describe('What is wrong with the file, when only part of it could be decoded.'),
})
