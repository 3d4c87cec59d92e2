import { z } from 'zod'
import { videoCodecs } from './codecs.ts'
import { containerNames } from './containers.ts'
import { faultOf } from './faults.ts'
import { metricNames } from './metrics.ts'
import { presetNames } from './presets.ts'

const side = z.int().min(2).max(16_384)

const shape = z.object({
  preset: z
    .enum(presetNames)
    .default('web')
    .describe(
      '`web`: SDR H.264 and AAC in an MP4 that plays at once. `archive`: HEVC of high quality in 10 bit, HDR and all tracks kept. `small`: AV1 at a measured quality, and nothing where little would be saved. `edit`: every frame a key frame, even frame rate. What else is given goes before it.',
    ),
  container: z.enum(containerNames).optional().describe('Left out: the usual one of the preset and the codecs.'),
  video: z
    .enum([...videoCodecs, 'copy', 'drop'])
    .optional()
    .describe('The codec; `copy` keeps the track as it is. A track that fits already is copied in any case.'),
  audio: z
    .enum(['aac', 'opus', 'copy', 'drop'])
    .optional()
    .describe('The codec of all sound tracks; `copy` keeps them as they are.'),
  crf: z
    .int()
    .min(0)
    .max(63)
    .optional()
    .describe('Even quality by the encoder’s own scale, 0 is best: up to 51 for H.264 and HEVC, 63 for AV1 and VP9.'),
  bitRate: z.int().min(10_000).max(1_000_000_000).optional().describe('Bits a second of the video, on average.'),
  targetQuality: z
    .object({
      metric: z.enum(metricNames).default('xpsnr').describe('The measure; `vmaf` needs a system FFmpeg that has it.'),
      score: z.number().positive().describe('XPSNR and PSNR in dB (40 is good), SSIM 0–1, VMAF 0–100.'),
    })
    .optional()
    .describe('Looks on samples for the CRF that just reaches this mean over all frames.'),
  audioBitRate: z.int().min(8_000).max(1_000_000).optional().describe('Bits a second of each sound track.'),
  width: side.optional().describe('At most so wide, as seen; the aspect is kept, and nothing is enlarged.'),
  height: side.optional().describe('At most so high, as seen.'),
  crop: z
    .object({
      left: z.int().min(0).default(0).describe('Pixels from the left of the picture as seen.'),
      top: z.int().min(0).default(0).describe('Pixels from the top of the picture as seen.'),
      width: side.describe('Width of the part.'),
      height: side.describe('Height of the part.'),
    })
    .optional()
    .describe('The part of the picture that stays, before it is resized.'),
  frameRate: z.number().min(1).max(240).optional().describe('Frames a second, evenly; left out: as they are.'),
  rotation: z
    .enum(['apply', 'keep'])
    .optional()
    .describe(
      '`apply` turns the pixels, `keep` leaves the turning to the player. Left out: applied to what is encoded.',
    ),
  hdr: z
    .enum(['keep', 'sdr'])
    .optional()
    .describe('`sdr` tone-maps. Left out: as the preset says; H.264 is always SDR.'),
  fromMs: z.number().min(0).optional().describe('Where the part that is kept begins.'),
  toMs: z.number().positive().optional().describe('Where it ends.'),
  subtitles: z
    .enum(['keep', 'drop'])
    .default('keep')
    .describe('Kept as far as the container takes them, as text or as they are.'),
  chapters: z.enum(['keep', 'drop']).default('keep').describe('Chapters, cut along with the film.'),
  metadata: z
    .enum(['keep', 'strip', 'strip-gps'])
    .default('keep')
    .describe('What the file says of itself; `strip-gps` takes out where it was taken.'),
  hardware: z
    .boolean()
    .default(false)
    .describe('A graphics card’s encoder where one works; else the processor’s, which is said in the result.'),
  speed: z
    .string()
    .regex(/^[a-z0-9]+$/)
    .optional()
    .describe('The encoder’s own word for how long it searches: ultrafast … veryslow, 0–13 for AV1, 0–8 for VP9.'),
  minSavedShare: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('No film is made unless this share of the bytes is saved, 0–1; 0.1 for `small`, else no matter.'),
  estimateOnly: z
    .boolean()
    .default(false)
    .describe('Only predicts size and time, by encoding samples; no film is made.'),
})

/** What was given, each by itself as it should be. */
export type RawParams = z.output<typeof shape>

/** The parameters of `convert`; what contradicts itself is refused before anything is opened. */
export const convertParams = shape.check(({ value, issues }) => {
  const fault = faultOf(value)
  if (fault) issues.push({ code: 'custom', input: value, path: [...fault.path], message: fault.message })
})

/** What is asked of `convert`. */
export type ConvertParams = z.output<typeof convertParams>
