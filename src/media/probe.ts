import { z } from 'zod'

const count = z.number().int().positive()

/** How bright and colourful a video track is meant: `none` is ordinary (SDR). */
const hdrSchema = z.enum(['none', 'hdr10', 'hdr10+', 'hlg', 'dolby-vision'])

const containerSchema = z.object({
  format: z.string().describe('Name of the container by content: mp4, mov, mkv, webm, ts, …'),
  durationMs: z
    .number()
    .positive()
    .optional()
    .describe('Absent when the file neither tells it nor lets it be measured.'),
  bitRate: count.optional().describe('Bits a second over the whole file.'),
  startMs: z.number().optional().describe('Time stamp of the first moment; absent when it is 0.'),
})

const videoSchema = z.object({
  codec: z.string().optional(),
  profile: z.string().optional(),
  width: count.optional().describe('As coded.'),
  height: count.optional().describe('As coded.'),
  displayWidth: count.optional().describe('As seen: upright and with square pixels.'),
  displayHeight: count.optional().describe('As seen: upright and with square pixels.'),
  rotation: z.number().optional().describe('Degrees clockwise to turn for display; absent when it stands upright.'),
  flipped: z.literal(true).optional().describe('To be mirrored top to bottom before it is turned.'),
  sar: z.string().optional().describe('Width to height of one pixel: 1:1, 4:3, …'),
  frameRate: z.number().positive().optional().describe('Frames a second, on average.'),
  frameRateFraction: z.string().optional().describe('The same exactly: 30000/1001.'),
  variableFrameRate: z.boolean().optional(),
  pixelFormat: z.string().optional(),
  bitDepth: count.optional(),
  hdr: hdrSchema.optional(),
  dolbyVision: z
    .string()
    .optional()
    .describe('Profile of Dolby Vision and what it falls back to: 8.4 is over HLG, 8.1 over HDR10, 5.0 over nothing.'),
  colorPrimaries: z.string().optional(),
  colorTransfer: z.string().optional(),
  colorSpace: z.string().optional(),
  colorRange: z.enum(['limited', 'full']).optional(),
  frames: count.optional().describe('As the container counts them.'),
  interlaced: z.boolean().optional(),
  bitRate: count.optional(),
  language: z.string().optional(),
})

const audioSchema = z.object({
  codec: z.string().optional(),
  profile: z.string().optional(),
  channels: count.optional(),
  layout: z.string().optional().describe('mono, stereo, 5.1, …'),
  sampleRate: count.optional(),
  bitRate: count.optional(),
  language: z.string().optional().describe('As the file names it, usually ISO 639-2: eng.'),
  title: z.string().optional(),
})

const subtitleSchema = z.object({
  codec: z.string().optional(),
  language: z.string().optional(),
  title: z.string().optional(),
})

const chapterSchema = z.object({ startMs: z.number(), endMs: z.number(), title: z.string().optional() })

const attachedPictureSchema = z.object({
  codec: z.string().optional(),
  width: count.optional(),
  height: count.optional(),
  title: z.string().optional(),
})

/** What a film or sound is made of. What the file does not tell is absent, never null or zero; times are milliseconds. */
export const probeSchema = z.object({
  container: containerSchema,
  video: z.array(videoSchema).describe('Moving pictures; covers are under attachedPictures.'),
  audio: z.array(audioSchema),
  subtitles: z.array(subtitleSchema),
  chapters: z.array(chapterSchema),
  attachedPictures: z.array(attachedPictureSchema),
  tags: z.record(z.string(), z.string()).describe('What the container says of itself, by its own names.'),
})

/** See `probeSchema`. */
export type Probe = z.output<typeof probeSchema>

/** One video track of a probe. */
export type VideoFacts = z.output<typeof videoSchema>

/** One audio track of a probe. */
export type AudioFacts = z.output<typeof audioSchema>

/** One chapter of a probe. */
export type Chapter = z.output<typeof chapterSchema>
