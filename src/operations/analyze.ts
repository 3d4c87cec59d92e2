import { z } from 'zod'
import { MediaError } from '../errors.ts'
import { rounded } from './numbers.ts'
import { defineOperation } from './operation.ts'
import { measurePicture } from './picture-statistics.ts'

const bins = z.array(z.number())
const fraction = z.number()

/** What can be measured in a picture, as plain numbers; judging them is the work of `quality-issues`. */
export const analyze = defineOperation({
  name: 'analyze',
  group: 'image-processing',
  accepts: ['picture'],
  version: 3,
  category: 'analysis',
  dependsOn: 'pixels',
  summary: 'Measures a picture: histogram, exposure, contrast, sharpness, noise, colourfulness.',
  params: z.object({
    bins: z.literal([64, 256]).default(64).describe('Into how many steps the histograms are divided.'),
  }),
  result: z.object({
    histogram: z
      .object({ luma: bins, red: bins, green: bins, blue: bins })
      .describe('Share of the pixels in each step, 0–1.'),
    sharpness: z.number().describe('Variance of the Laplacian of luma; below about 50 most photos look blurred.'),
    noise: z.number().describe('Standard deviation of the noise in steps of 0–255.'),
    exposure: z.object({
      mean: fraction.describe('Mean luma, 0–1.'),
      clippedShadows: fraction.describe('Share of pixels that are black, 0–1.'),
      clippedHighlights: fraction.describe('Share of pixels that are white, 0–1.'),
      percentiles: z
        .object({ p1: fraction, p5: fraction, p50: fraction, p95: fraction, p99: fraction })
        .describe('Luma, 0–1.'),
    }),
    contrast: fraction.describe('Standard deviation of luma, 0–0.5 (RMS contrast).'),
    colourfulness: z
      .number()
      .describe('0 for grey, about 30 for a usual photo, above 80 for gaudy (Hasler and Süsstrunk).'),
    entropy: z.number().describe('Bits of luma a pixel, 0–8.'),
    isGrey: z.boolean(),
    hasAlpha: z.boolean(),
  }),
  artifacts: [],
  examples: [
    { title: 'The usual measures', params: {} },
    { title: 'A fine histogram', params: { bins: 256 } },
  ],

  edge: () => edge,

  async run(media, params) {
    const picture = await media.picture({ edge })
    // Half a picture would be measured as blurred and grey.
    if (picture.damage !== undefined) throw new MediaError('MEDIA_DAMAGED', [picture.damage])
    const { data, width, height } = await picture.pixels({ width: edge, height: edge, fit: 'inside', as: 'rgb' })
    const measured = measurePicture(data, width, height)
    const { luma, red, green, blue, count, sharpness, noise, colourfulness, isGrey } = measured
    const { mean, deviation, entropy } = spreadOf(luma)
    return {
      histogram: {
        luma: gather(luma, count, params.bins),
        red: gather(red, count, params.bins),
        green: gather(green, count, params.bins),
        blue: gather(blue, count, params.bins),
      },
      sharpness: rounded(sharpness, 2),
      noise: rounded(noise, 3),
      exposure: {
        mean: rounded(mean / 255, 4),
        clippedShadows: rounded(((luma[0] ?? 0) + (luma[1] ?? 0)) / count, 4),
        clippedHighlights: rounded(((luma[254] ?? 0) + (luma[255] ?? 0)) / count, 4),
        percentiles: {
          p1: percentile(luma, count, 0.01),
          p5: percentile(luma, count, 0.05),
          p50: percentile(luma, count, 0.5),
          p95: percentile(luma, count, 0.95),
          p99: percentile(luma, count, 0.99),
        },
      },
      contrast: rounded(deviation / 255, 4),
      colourfulness: rounded(colourfulness, 2),
      entropy: rounded(entropy, 3),
      isGrey,
      hasAlpha: picture.hasAlpha,
    }
  },
})

const edge = 1440

function gather(histogram: Uint32Array, total: number, bins: number): number[] {
  const width = 256 / bins
  return Array.from({ length: bins }, (_, bin) => {
    let sum = 0
    for (let at = bin * width; at < (bin + 1) * width; at++) sum += histogram[at] ?? 0
    return rounded(sum / total, 5)
  })
}

function spreadOf(histogram: Uint32Array): { mean: number; deviation: number; entropy: number } {
  const total = histogram.reduce((sum, count) => sum + count, 0)
  let [sum, squares, entropy] = [0, 0, 0]
  for (const [value, count] of histogram.entries()) {
    if (count === 0) continue
    sum += value * count
    squares += value * value * count
    entropy -= (count / total) * Math.log2(count / total)
  }
  const mean = sum / total
  return { mean, deviation: Math.sqrt(Math.max(0, squares / total - mean * mean)), entropy }
}

/** The luma, 0–1, that a share of all pixels does not exceed. */
function percentile(histogram: Uint32Array, total: number, share: number): number {
  let left = share * total
  for (const [value, count] of histogram.entries()) {
    left -= count
    if (left <= 0) return rounded(value / 255, 4)
  }
  return 1
}
