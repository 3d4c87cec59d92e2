import { z } from 'zod'
import { MediaError } from '../errors.ts'
import type { Media } from '../media/media.ts'
import type { Picture, PictureStep } from '../media/picture.ts'
import { decodesHeldBy } from './decodes-held.ts'
import { defineOperation, exampleFiles, wholeEdge } from './operation.ts'
import { pictureOfOther } from './other-picture.ts'
import { intentSchema } from './thumbnail-params.ts'
import { resolveFirstResize, resolveStep } from './transform-resolve.ts'
import { type AskedStep, stepSchema } from './transform-steps.ts'
import { formatParam, writeParams } from './write-params.ts'

/** A picture made of a picture by a list of steps, done one after the other on the full-size rendering. */
export const transform = defineOperation({
  name: 'transform',
  group: 'image-processing',
  accepts: ['picture'],
  version: 2,
  category: 'conversion',
  dependsOn: 'pixels',
  decodesHeld: ({ format }) => 2 + decodesHeldBy(format),
  summary:
    'Crops, resizes, turns, mirrors, trims, pads, blurs, sharpens, greys and watermarks a picture, step by step.',
  params: z
    .object({
      steps: z
        .array(stepSchema)
        .min(1)
        .max(50)
        .describe('What is done, in this order, as JSON: `[{"kind":"rotate","degrees":-2},{"kind":"grey"}]`.'),
      format: formatParam
        .default('webp')
        .describe('The format of the new picture, which is 8-bit sRGB without metadata.'),
      quality: writeParams.shape.quality,
      lossless: z.boolean().default(false).describe('Keeps every pixel as the steps made it, where the format can.'),
    })
    .refine(({ format, lossless }) => !lossless || format !== 'jpeg', {
      path: ['format'],
      message: 'Expected a format that can be written without loss',
    }),
  result: z.object({
    width: z.int(),
    height: z.int(),
    format: formatParam,
    bytes: z.int(),
    intent: intentSchema,
    damaged: z.string().optional().describe('What is wrong with the file, when only part of it could be decoded.'),
  }),
  artifacts: ['picture'],
  examples: [
    {
      title: 'Straightened, cut to 16:9 and made smaller',
      params: {
        steps: [
          { kind: 'rotate', degrees: 1.5, background: '#000000' },
          { kind: 'crop', width: '92%', height: '92%', aspect: '16:9' },
          { kind: 'resize', width: 1280 },
        ],
        format: 'jpeg',
      },
    },
    {
      title: 'A watermark in the corner',
      params: {
        steps: [{ kind: 'watermark', image: exampleFiles.picture, place: 'bottom-right', share: 0.15, opacity: 0.8 }],
      },
    },
    {
      title: 'A proof: small, grey, and marked all over',
      params: {
        steps: [
          { kind: 'resize', width: 800, height: 800 },
          { kind: 'grey' },
          { kind: 'watermark', text: 'Proof © A. Photographer', place: 'tile', opacity: 0.4 },
        ],
      },
    },
  ],

  mapFiles: (params, to) => ({
    ...params,
    steps: params.steps.map((step) =>
      step.kind === 'watermark' && step.image !== undefined ? { ...step, image: to(step.image) } : step,
    ),
  }),

  edge({ steps: [first] }) {
    if (first?.kind !== 'resize') return wholeEdge
    const { width, height, fit } = first
    if (typeof width === 'string' || typeof height === 'string') return wholeEdge
    // A side that follows from the aspect, or is cut, may be longer than the one that is named.
    const isBounded = fit === 'inside' && width !== undefined && height !== undefined
    return Math.max(width ?? 0, height ?? 0) * (isBounded ? 1 : 2)
  },

  async run(media, { steps, format, quality, lossless }, io) {
    let { picture, next } = await begin(media, steps)
    for (const [index, step] of steps.entries()) {
      io.signal.throwIfAborted()
      if (index >= next)
        picture = await inStep(index, step, async () => picture.apply([await resolve(media, step, picture)]))
      io.progress((index + 1) / (steps.length + 1))
    }
    const options = { format, lossless, ...(quality === undefined ? {} : { quality }) }
    const { data, width, height } = await picture.write(options)
    await io.artifact({ role: 'picture', format, width, height }, data)
    const { intent, damage } = picture
    return { width, height, format, bytes: data.length, intent, ...(damage === undefined ? {} : { damaged: damage }) }
  },
})

/** The picture that the steps begin with, shrunk while it is decoded when the first only makes it smaller. */
async function begin(media: Media, steps: readonly AskedStep[]): Promise<{ picture: Picture; next: number }> {
  const [first] = steps
  const { width, height } = media.identity
  if (first?.kind !== 'resize' || width === undefined || height === undefined) {
    return { picture: await media.picture(), next: 0 }
  }
  const { edge, steps: resizing } = resolveFirstResize(first, { width, height })
  const picture = await media.picture({ edge })
  // The header may have told another size than the decoder found; then the step has to look at the whole.
  if (picture.fullWidth !== width || picture.fullHeight !== height) return { picture: await media.picture(), next: 0 }
  return { picture: await inStep(0, first, () => picture.apply(resizing)), next: 1 }
}

async function resolve(media: Media, step: AskedStep, picture: Picture): Promise<PictureStep> {
  if (step.kind !== 'watermark') return resolveStep(step, picture)
  const { image, text, color, ...rest } = step
  if (image === undefined) return { ...rest, text: text ?? '', color }
  const edge = Math.ceil(Math.max(picture.width * step.share, picture.height))
  return { ...rest, picture: await pictureOfOther(media, image, 'the watermark', { edge }) }
}

/** Says in which step something did not fit, as people count. */
async function inStep<T>(index: number, { kind }: AskedStep, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    if (!(thrown instanceof MediaError) || thrown.code !== 'PARAMS_INVALID') throw thrown
    throw new MediaError('PARAMS_INVALID', [`Step ${index + 1} (${kind}): ${thrown.message}`], { cause: thrown })
  }
}
