import { z } from 'zod'
import { MediaError } from '../errors.ts'
import { writableFormats } from '../media/picture.ts'
import { decodesHeldBy } from './decodes-held.ts'
import { framesHeldBy } from './frames-held.ts'
import { defineOperation } from './operation.ts'
import { chooseOf } from './optimize/choice.ts'
import { kept } from './optimize/formats.ts'
import { makeAll } from './optimize/make.ts'
import { needsOf } from './optimize/needs.ts'
import { Workshop } from './optimize/workshop.ts'
import { savedShareOf } from './saved-share.ts'

const candidate = z.object({
  format: z.enum(writableFormats),
  lossless: z.boolean(),
  quality: z.int().optional().describe("The encoder's own scale; absent without loss."),
  bytes: z.int().optional(),
  ssim: z.number().optional().describe('Against the original, on luma in full size.'),
  estimated: z.boolean().optional().describe('Whether it was measured on parts of the picture only.'),
  rejected: z.string().optional().describe('Why it is out of the question.'),
})

/** The smallest file that shows the same picture; never a larger one, and nothing that the picture needs is given up. */
export const optimize = defineOperation({
  name: 'optimize',
  group: 'image-processing',
  accepts: ['picture'],
  version: 5,
  category: 'conversion',
  dependsOn: 'content',
  decodesHeld: ({ format }) => 1 + decodesHeldBy(format),
  framesHeld: ({ format, lossless }, file) => framesHeldBy({ format, isExact: lossless }, file),
  summary: 'Makes a picture file smaller: without loss, to a measured likeness, or to a size.',
  params: z
    .object({
      format: z
        .enum(['same', 'auto', 'jpeg', 'png', 'webp', 'avif', 'jxl'])
        .default('same')
        .describe(
          '`same` keeps the format; `auto` takes the smallest of JPEG, WebP, AVIF and PNG that keeps transparency, animation and depth.',
        ),
      lossless: z.boolean().default(false).describe('Whether every pixel has to stay as it is.'),
      ssim: z
        .number()
        .min(0)
        .max(1)
        .optional()
        .describe(
          'The smallest file whose measured likeness (SSIM of luma in full size) to this one is at least so. Without it and `maxBytes`: 0.98, within qualities at which no difference is seen; what is coded at such a quality already is then packed tighter without loss only.',
        ),
      maxBytes: z
        .int()
        .min(1)
        .optional()
        .describe('The best file of at most so many bytes; one that is within them already is only packed tighter.'),
      metadata: z
        .enum(['keep', 'strip', 'strip-gps'])
        .default('strip')
        .describe('What becomes of EXIF, XMP and IPTC. Orientation and colour profile always stay.'),
      effort: z
        .enum(['fast', 'usual', 'best'])
        .default('usual')
        .describe('How long encoders search for a smaller file.'),
      dryRun: z.boolean().default(false).describe('Only tells what would be saved; no file is made.'),
    })
    .refine(({ lossless, ssim }) => !lossless || ssim === undefined, {
      path: ['ssim'],
      message: 'Expected no likeness when nothing may be lost',
    }),
  result: z.object({
    gained: z.boolean().describe('Whether a smaller file is possible, and made unless it is a dry run.'),
    reason: z.string().optional().describe('Why nothing was gained.'),
    format: z.string().describe('Of the new file, or of the original when nothing was gained.'),
    originalFormat: z.string(),
    bytes: z.int(),
    originalBytes: z.int(),
    savedBytes: z.int(),
    savedShare: z.number().describe('Of the original, 0–1.'),
    lossless: z.boolean(),
    quality: z.int().optional().describe("The encoder's own scale; absent without loss."),
    ssim: z
      .number()
      .describe('Measured likeness to the original: SSIM of luma in full size, of the first frame; 1 without loss.'),
    width: z.int(),
    height: z.int(),
    metadata: z.enum(['keep', 'strip', 'strip-gps']),
    dropped: z
      .array(z.string())
      .optional()
      .describe(
        'What the original holds beside the picture and the new file does not: the film of a motion photo, a gain map, the other views of a stereo picture.',
      ),
    tried: z.array(candidate).describe('What was tried, in order.'),
  }),
  artifacts: ['picture'],
  examples: [
    { title: 'The same format, with no difference to be seen', params: {} },
    { title: 'The smallest format at a likeness', params: { format: 'auto', ssim: 0.95, effort: 'fast' } },
    { title: 'No more than 200 kB, without its place', params: { maxBytes: 200_000, metadata: 'strip-gps' } },
  ],

  edge: () => 65_535,

  async run(media, params, io) {
    const picture = await media.picture()
    // What is missing of a damaged file can not be seen in what is made of it, and might be read by better means one day.
    if (picture.damage !== undefined) throw new MediaError('MEDIA_DAMAGED', [picture.damage])
    const { format: originalFormat, bytes: originalBytes } = media.identity
    const needs = await needsOf(media, picture)
    const workshop = new Workshop(media, picture, needs, params, io)
    const refusal = kept[originalFormat]
    const made = refusal === undefined ? await makeAll({ media, needs, workshop, wish: params }) : []
    const choice =
      refusal === undefined
        ? chooseOf(made, originalBytes, params, workshop.tried)
        : { reason: `Nothing is made of it: ${refusal}. The operation convert makes a picture.` }
    const common = { originalFormat, originalBytes, metadata: params.metadata, tried: workshop.tried }
    if ('reason' in choice) {
      const { width, height } = picture
      const unchanged = { format: originalFormat, bytes: originalBytes, savedBytes: 0, savedShare: 0, width, height }
      return {
        gained: false,
        reason: choice.reason,
        ...common,
        metadata: 'keep' as const,
        ...unchanged,
        lossless: true,
        ssim: 1,
      }
    }
    const { format, isLossless, quality, bytes, ssim, data, width, height } = choice
    if (!params.dryRun) await io.artifact({ role: 'picture', format, width, height }, data)
    return {
      gained: true,
      format,
      ...common,
      bytes,
      savedBytes: originalBytes - bytes,
      savedShare: savedShareOf(bytes, originalBytes),
      lossless: isLossless,
      ...(isLossless ? {} : { quality }),
      ssim,
      width,
      height,
      ...(needs.extras.length > 0 ? { dropped: [...needs.extras] } : {}),
    }
  },
})
