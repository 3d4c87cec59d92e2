import { z } from 'zod'

const text = z.string().min(1)
const dateText = text.describe('ISO 8601; with an offset only when the file tells one.')
const tagValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number()]))])

/** The answer of `metadata`, normalised over all formats. What a file does not say is absent, never null or zero. */
export const metadataSchema = z.object({
  format: text.describe('By content: jpeg, heic, raw, mp4, …'),
  width: z.number().int().positive().optional().describe('Pixels, as seen (upright).'),
  height: z.number().int().positive().optional().describe('Pixels, as seen (upright).'),
  orientation: z.number().int().min(1).max(8).optional().describe('EXIF orientation as stored, 1–8.'),
  colorSpace: text
    .optional()
    .describe('srgb, display-p3, adobe-rgb, prophoto, rec2020, grey, cmyk, lab, rgb (of another profile), …'),
  bitDepth: z
    .number()
    .int()
    .positive()
    .optional()
    .describe('Bits per sample; for pictures with a palette bits per index.'),
  pages: z
    .number()
    .int()
    .min(2)
    .optional()
    .describe('Pages of a TIFF or frames of an animation, when there are several.'),
  durationMs: z.number().positive().optional(),
  takenAt: dateText.optional(),
  camera: z
    .object({ make: text.optional(), model: text.optional(), serial: text.optional(), lens: text.optional() })
    .optional(),
  exposure: z
    .object({
      time: z.number().positive().optional().describe('Seconds.'),
      fNumber: z.number().positive().optional(),
      iso: z.number().positive().optional(),
      focalLength: z.number().positive().optional().describe('Millimetres.'),
      focalLength35mm: z.number().positive().optional().describe('Millimetres.'),
      bias: z.number().optional().describe('Exposure compensation in EV; 0 is a value.'),
      flash: z.boolean().optional().describe('Whether it fired.'),
    })
    .optional(),
  gps: z
    .object({
      latitude: z.number().min(-90).max(90).optional().describe('Degrees, south negative.'),
      longitude: z.number().min(-180).max(180).optional().describe('Degrees, west negative.'),
      altitude: z.number().optional().describe('Metres, below the sea negative.'),
      takenAt: text.optional().describe('Time of the satellites, UTC.'),
    })
    .optional(),
  title: text.optional(),
  description: text.optional(),
  keywords: z.array(text).min(1).optional(),
  rating: z.number().min(-1).max(5).optional().describe('Stars above 0 up to 5; −1: rejected.'),
  creator: text.optional().describe('Several are joined by "; ".'),
  copyright: text.optional(),
  software: text.optional(),
  motion: z
    .object({
      kind: z
        .enum(['motion-photo', 'live-photo'])
        .describe('motion-photo: a film inside of the photo; live-photo: photo and film are two files.'),
      identifier: text.optional().describe('What photo and film of a Live Photo have in common.'),
      videoOffsetBytes: z.number().int().nonnegative().optional().describe('Where the film begins in the file.'),
      videoBytes: z.number().int().positive().optional().describe('How long the film is.'),
      presentationMs: z.number().nonnegative().optional().describe("The photo's moment within the film."),
    })
    .optional()
    .describe('The film that belongs to a photo, or the photo that belongs to a film.'),
  tags: z
    .record(z.string(), z.record(z.string(), tagValue))
    .describe('What stands in the file, by group, shortened to about 32 kB.'),
})

/** What a file says of itself, in the same words for every format. */
export type Metadata = z.output<typeof metadataSchema>

/** Group, name, value of what a file says in its own words. */
export type MetadataTags = Metadata['tags']

/** A value that a tag can have in an answer. */
export type MetadataTagValue = z.output<typeof tagValue>
