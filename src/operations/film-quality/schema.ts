import { z } from 'zod'
import type { Metric } from '../../media/film/difference.ts'
import { filmIssueKinds } from '../film-issues/finding.ts'
import { measures } from './measures.ts'

const pool = z.object({
  mean: z.number().describe('Over all frames.'),
  harmonicMean: z.number().describe('Weighs bad frames more.'),
  p1: z.number().describe('The 1st percentile: one frame in a hundred is no better.'),
  min: z.number().describe('Of the worst frame.'),
})

const said = 'in dB, 100 for equal frames'
const pools = {
  psnr: `Peak signal-to-noise ratio of all planes together ${said}, as FFmpeg’s \`psnr_avg\`.`,
  ssim: 'Structural similarity of all planes, 1 for equal frames, as FFmpeg’s `All`.',
  xpsnr: `PSNR weighted by what is seen, ${said}: the planes of FFmpeg’s \`xpsnr\` joined by their errors, luma four times: −10 log₁₀((4·10^(−Y/10) + 10^(−U/10) + 10^(−V/10)) / 6).`,
  vmaf: 'VMAF of libvmaf’s usual model, 0–100.',
} as const satisfies Record<Metric, string>

const scores = Object.fromEntries(
  Object.entries(measures).map(([name, { title }]) => [
    name,
    z.number().optional().describe(`${title} of this frame.`),
  ]),
) as Record<Metric, z.ZodOptional<z.ZodNumber>>

const stretch = z.object({ fromMs: z.number(), toMs: z.number() })

/** What `quality` tells of a film. */
export const qualityResult = z.object({
  frames: z.int().describe('Frames that were compared, or looked at.'),
  fromMs: z.number().describe('When the first of them is shown; with a reference, by its clock.'),
  toMs: z.number().describe('When the last of them is shown.'),
  psnr: pool.optional().describe(pools.psnr),
  ssim: pool.optional().describe(pools.ssim),
  xpsnr: pool.optional().describe(pools.xpsnr),
  vmaf: pool.optional().describe(pools.vmaf),
  worst: z
    .array(z.object({ ms: z.number(), ...scores }))
    .optional()
    .describe('The worst moments, the worst first, by the first of VMAF, XPSNR, SSIM and PSNR that was measured.'),
  score: z
    .number()
    .optional()
    .describe('Technical quality, 0–100; 100 is flawless. Only without a reference, as all below.'),
  issues: z
    .array(
      z.object({
        kind: z.enum(filmIssueKinds).describe('What is wrong.'),
        severity: z.number().describe('How bad it is, 0–1.'),
        confidence: z.number().describe('How sure that is, 0.5–1.'),
      }),
    )
    .optional()
    .describe('What is wrong, the gravest first, as `quality-issues` finds it.'),
  black: z.array(stretch).optional().describe('Where the picture is black.'),
  frozen: z.array(stretch).optional().describe('Where it stands still for two seconds or longer.'),
  interlacedShare: z.number().optional().describe('Share of the frames that are woven of two moments, 0–1.'),
  sound: z
    .object({
      integratedLufs: z.number().optional().describe('Loudness by EBU R128; absent when all is silent.'),
      rangeLu: z.number().optional().describe('Loudness range in LU.'),
      truePeakDb: z.number().optional().describe('True peak in dB of full scale.'),
      silent: z.array(stretch).describe('Where nothing is to be heard for two seconds or longer.'),
      clippedShare: z.number().describe('Share of the samples that are cut off at full scale, 0–1.'),
    })
    .optional()
    .describe('What was heard; absent without sound.'),
  series: z
    .array(
      z.object({
        ms: z.number(),
        ...scores,
        light: z.number().optional().describe('Mean luma, 0–1.'),
        contrast: z.number().optional().describe('Standard deviation of luma, 0–1.'),
        sharpness: z.number().optional().describe('How strong the strongest fine detail is, 0–1.'),
        noise: z.number().optional().describe('Standard deviation of luma in the calmest parts, 0–1.'),
        blockiness: z.number().optional().describe('How much steps gather on a grid of 8 pixels, 0–1.'),
      }),
    )
    .describe('Over time, at most 2000 points: of more frames the worst of each part. All are in the file `frames`.'),
  notes: z.array(z.string()).describe('Sentences on how the films were brought together.'),
})
