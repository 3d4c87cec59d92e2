import { z } from 'zod'
import { metricNames } from './metrics.ts'
import { presetNames } from './presets.ts'

const share = z.number().describe('Of the original bytes, 0–1; negative when it is larger.')
const size = { bytes: z.int(), savedShare: share }

const track = z.object({
  kind: z.enum(['video', 'audio', 'subtitle', 'cover']),
  index: z.int().describe('Its place among those of its kind in the original, from 0.'),
  done: z.enum(['copied', 'encoded', 'dropped']).describe('What became of it.'),
  from: z.string().optional().describe('Its codec in the original.'),
  to: z.string().optional().describe('Its codec in the new film; absent when it was dropped.'),
  language: z.string().optional().describe('As the original names it.'),
  reason: z.string().optional().describe('Why it was dropped without being asked to.'),
  bytes: z.int().optional(),
})

const render = z.object({
  rotation: z.enum(['applied', 'kept']).optional().describe('`kept`: players turn it. Absent when it stood upright.'),
  toneMapped: z.boolean().describe('High dynamic range was brought to SDR.'),
  deinterlaced: z.boolean().describe('Made of two fields each.'),
  cropped: z.boolean().describe('Only a part of the picture was taken.'),
  resized: z.boolean().describe('The size changed, or pixels were made square.'),
  frameRate: z.number().optional().describe('Frames a second that it was brought to; absent when they stayed.'),
})

const quality = z.object({
  fromMs: z.number(),
  toMs: z.number(),
  metric: z.enum(metricNames).describe('The measure.'),
  score: z.number().describe('The mean over the frames.'),
})

/** What `convert` answers of a film or sound. */
export const convertResult = z.object({
  gained: z.boolean().describe('Whether a film was made.'),
  reason: z.string().optional().describe('Why none was made.'),
  preset: z.enum(presetNames).describe('The purpose that it was made for.'),
  container: z.string().describe('Of the new film.'),
  format: z.string(),
  originalBytes: z.int().describe('Size of the original file.'),
  ...{ bytes: size.bytes.optional(), savedShare: size.savedShare.optional() },
  durationMs: z.number().optional(),
  originalDurationMs: z.number().optional(),
  width: z.int().optional(),
  height: z.int().optional(),
  frames: z.int().optional().describe('Of the picture, in the new film.'),
  tracks: z.array(track).describe('What became of each track of the original; empty when nothing was made.'),
  encoder: z.string().optional().describe('FFmpeg’s name of the encoder of the picture; absent when it was copied.'),
  hardware: z
    .enum(['used', 'fallback', 'not asked'])
    .describe('`fallback`: no graphics card could do it, so the processor did.'),
  crf: z.int().optional().describe('Even quality by the encoder’s scale, given, usual or found.'),
  bitRate: z.int().optional().describe('Bits a second of the picture that were asked for.'),
  target: z
    .object({
      metric: z.enum(metricNames).describe('The measure.'),
      score: z.number().describe('That was asked for.'),
      reached: z.number().optional().describe('On the samples, with the CRF that was taken.'),
    })
    .optional()
    .describe('The quality that was looked for.'),
  search: z
    .array(
      z.object({
        crf: z.int().describe('That was tried on samples.'),
        score: z.number().describe('What it reached.'),
        predictedBytes: z.int().optional().describe('Size of the whole film with it.'),
      }),
    )
    .describe('The steps of the search, in order; empty without one.'),
  predicted: z
    .object({
      ...size,
      encodeMs: z.int().optional().describe('How long the coding takes on this machine.'),
    })
    .optional()
    .describe('What samples told before the film was made; absent when nothing was asked that needs it.'),
  encodeMs: z.int().optional().describe('How long the writing took.'),
  render: render.optional().describe('What was done with the picture; absent without one.'),
  verification: z
    .object({
      decoded: z
        .enum(['all', 'ends'])
        .describe('`all`: every packet and frame; `ends`: of copies container, both ends and key frames between.'),
      framesDecoded: z.int().describe('Frames that were decoded to see whether they can be.'),
      durationMs: z.number().optional(),
      damage: z.string().optional().describe('What is wrong with a copy, when the original has the same fault.'),
      quality: z.array(quality).describe('Likeness to the original at some stretches; empty for copies.'),
    })
    .optional()
    .describe('How the new film was tried before it was kept; absent when none was made.'),
  notes: z.array(z.string()).describe('Sentences on what was changed or left out.'),
})

/** See `convertResult`. */
export type ConvertResult = z.output<typeof convertResult>
