import { z } from 'zod'
import { MediaError } from '../errors.ts'
import { toGrey, toRgb } from '../media/picture/pixels.ts'
import type { Picture } from '../media/picture.ts'
import { differenceOf, heatOver } from './difference.ts'
import { rounded } from './numbers.ts'
import { defineOperation, exampleFiles, wholeEdge } from './operation.ts'
import { pictureOfOther } from './other-picture.ts'
import { perceptualDistance } from './perceptual-distance.ts'
import { psnrOf, ssimOf } from './similarity.ts'

/** How much a picture differs from a reference, in numbers and as a picture. Both are rendered upright in sRGB first. */
export const compare = defineOperation({
  name: 'compare',
  group: 'image-processing',
  accepts: ['picture'],
  version: 2,
  category: 'analysis',
  dependsOn: 'pixels',
  decodesHeld: () => 2,
  summary: 'Compares a picture with a reference: PSNR, SSIM, perceptual distance, and a picture of the differences.',
  params: z.object({
    reference: z
      .string()
      .min(1)
      .max(4096)
      .describe('Path or asset id of the picture to compare with; in a form the file itself.')
      .meta({ file: true }),
    fit: z
      .enum(['scale', 'exact'])
      .default('scale')
      .describe('`scale` brings the larger to the size of the smaller, `exact` refuses different sizes.'),
    difference: z.boolean().default(true).describe('Whether a picture of the differences is made.'),
  }),
  result: z.object({
    identical: z.boolean().describe('Whether all pixels are equal.'),
    psnr: z
      .number()
      .optional()
      .describe(
        'Peak signal-to-noise ratio of red, green and blue in dB; absent where no colour differs. Transparent parts count as white, here and below.',
      ),
    ssim: z.number().describe('Structural similarity of luma, 1 for equal, as the filter `ssim` of FFmpeg has it.'),
    perceptualDistance: z
      .number()
      .describe(
        'Multi-scale SSIM in CIELAB as 1/SSIM − 1: 0 equal, below 0.002 not to be seen, 0.005 a good JPEG, 0.015 visible side by side, above 0.05 plainly damaged.',
      ),
    maxDifference: z.int().describe('The largest difference of a channel, alpha included, 0–255.'),
    differingShare: z.number().describe('Share of the pixels that differ at all, 0–1.'),
    width: z.int().describe('Size at which they were compared.'),
    height: z.int(),
    scaled: z.enum(['picture', 'reference']).optional().describe('Which of the two was made smaller for it.'),
    damaged: z.string().optional().describe('What is wrong with a file of which only part could be decoded.'),
  }),
  artifacts: ['difference'],
  examples: [
    { title: 'A copy against its original', params: { reference: exampleFiles.picture } },
    {
      title: 'The numbers alone, for pictures of equal size',
      params: { reference: exampleFiles.picture, difference: false },
    },
  ],

  mapFiles: (params, to) => ({ ...params, reference: to(params.reference) }),

  edge: () => wholeEdge,

  async run(media, { reference, fit, difference }, io) {
    const picture = await media.picture()
    const original = await pictureOfOther(media, reference, 'the reference')
    const { width, height, scaled } = commonSize(picture, original, fit)
    io.progress(0.2)
    const as = picture.hasAlpha || original.hasAlpha ? 'rgba' : 'rgb'
    const own = await picture.pixels({ width, height, fit: 'fill', as })
    const other = await original.pixels({ width, height, fit: 'fill', as })
    io.signal.throwIfAborted()
    const { map, most, count, squares } = differenceOf(own, other)
    io.progress(0.4)
    const ssim = ssimOf(own, other)
    if (difference) {
      const { data } = await original.withPixels(heatOver(toGrey(other), map)).write({ format: 'png', effort: 'fast' })
      await io.artifact({ role: 'difference', format: 'png', width, height }, data)
    }
    io.progress(0.6)
    io.signal.throwIfAborted()
    const distance = most === 0 ? 0 : perceptualDistance(toRgb(own), toRgb(other))
    const damaged = damageOf(picture, original)
    return {
      identical: most === 0,
      ...(squares === 0 ? {} : { psnr: rounded(psnrOf(squares, map.length * 3), 3) }),
      ssim: rounded(ssim, 6),
      perceptualDistance: rounded(distance, 6),
      maxDifference: most,
      differingShare: rounded(count / map.length, 6),
      width,
      height,
      ...(scaled ? { scaled } : {}),
      ...(damaged === undefined ? {} : { damaged }),
    }
  },
})

/** Pictures of one shape may differ by this share in a side, by roundings of their makers. */
const tolerance = 0.02

/** The size of the smaller of both. Throws PARAMS_INVALID when they are no two sizes of one picture. */
function commonSize(
  picture: Picture,
  reference: Picture,
  fit: 'scale' | 'exact',
): { width: number; height: number; scaled?: 'picture' | 'reference' } {
  const { width, height } = picture
  if (width === reference.width && height === reference.height) return { width, height }
  const sizes = `the picture has ${width}×${height} pixels and the reference ${reference.width}×${reference.height}`
  if (fit === 'exact')
    throw new MediaError('PARAMS_INVALID', [`Only equal sizes are compared with fit=exact, but ${sizes}.`])
  const isSmaller = width * height < reference.width * reference.height
  const [small, large] = isSmaller ? [picture, reference] : [reference, picture]
  const expected = (small.width * large.height) / large.width
  if (Math.abs(expected - small.height) > Math.max(1, tolerance * small.height)) {
    throw new MediaError('PARAMS_INVALID', [
      `Only pictures of one shape can be compared, but ${sizes}. Crop one of them with "transform" first.`,
    ])
  }
  return { width: small.width, height: small.height, scaled: isSmaller ? 'reference' : 'picture' }
}

function damageOf(picture: Picture, reference: Picture): string | undefined {
  const parts = [picture.damage, reference.damage && `in the reference, ${reference.damage}`].filter(Boolean)
  return parts.length > 0 ? parts.join('; ') : undefined
}
