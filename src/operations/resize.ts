import { z } from 'zod'
import type { Media } from '../media/media.ts'
import { type WritableFormat, writableFormats } from '../media/picture.ts'
import { decodesHeldBy } from './decodes-held.ts'
import { framesHeldBy } from './frames-held.ts'
import { defineOperation } from './operation.ts'
import { keepPicture, writeParams, writeResult } from './write-params.ts'

const side = z.int().min(1).max(65_535).optional()

/** The picture in another size, in its own format where that can be written. */
export const resize = defineOperation({
  name: 'resize',
  group: 'image-processing',
  accepts: ['picture'],
  version: 4,
  category: 'conversion',
  dependsOn: 'content',
  decodesHeld: ({ format }) => decodesHeldBy(format),
  framesHeld: ({ format, fit }, file) => framesHeldBy({ format, isPadded: fit === 'contain' }, file),
  summary: 'Brings a picture to another size, all frames of an animation included.',
  params: z
    .object({
      width: side.describe('Pixels. With one side given the other follows from the aspect; one of them is needed.'),
      height: side.describe('Pixels. With one side given the other follows from the aspect; one of them is needed.'),
      fit: z
        .enum(['inside', 'outside', 'cover', 'contain', 'fill'])
        .default('inside')
        .describe(
          'With both sides given: `inside` and `outside` keep the aspect, `cover` cuts, `contain` puts a border around, `fill` distorts.',
        ),
      focus: z
        .enum(['centre', 'attention', 'entropy'])
        .default('centre')
        .describe('Where `cover` cuts: the middle, what draws the eye, or where most is to be seen.'),
      enlarge: z.boolean().default(false).describe('Whether a smaller picture is made larger.'),
      background: z
        .string()
        .regex(/^#([0-9a-fA-F]{6}|[0-9a-fA-F]{8})$/, 'expected a colour such as #ffffff, or #ffffff80 with alpha')
        .optional()
        .describe(
          '#rrggbb or #rrggbbaa around the picture with `contain`; left out: transparent where the format can, else white.',
        ),
      format: z
        .enum(['same', ...writableFormats])
        .default('same')
        .describe(
          'The format of the new file. What `same` can not write becomes JPEG, or WebP when it has transparency.',
        ),
      ...writeParams.shape,
    })
    .refine(({ width, height }) => width !== undefined || height !== undefined, {
      path: ['width'],
      message: 'Expected a width, a height or both',
    }),
  result: writeResult.extend({
    instead: z
      .string()
      .optional()
      .describe('Why the new file is of another format than the original, when `same` was asked.'),
  }),
  artifacts: ['picture'],
  examples: [
    { title: 'No wider than a page', params: { width: 1200 } },
    {
      title: 'A square around what draws the eye',
      params: { width: 400, height: 400, fit: 'cover', focus: 'attention' },
    },
    {
      title: 'A banner on black',
      params: { width: 800, height: 200, fit: 'contain', background: '#000000', format: 'png' },
    },
  ],

  async run(media, params, io) {
    const { width, height, fit, focus, enlarge, background, format: asked, quality, ...rest } = params
    io.signal.throwIfAborted()
    const { format, instead } = asked === 'same' ? await sameFormat(media) : { format: asked }
    const options = { ...rest, format, frames: 'all', ...(quality === undefined ? {} : { quality }) } as const
    const size = {
      fit,
      focus,
      enlarge,
      ...(width === undefined ? {} : { width }),
      ...(height === undefined ? {} : { height }),
      ...(background === undefined ? {} : { background }),
    }
    const written = await media.rewrite({ ...options, resize: size, signal: io.signal, progress: io.progress })
    return {
      ...(await keepPicture(written, options, media.identity.bytes, io)),
      ...(instead === undefined ? {} : { instead }),
    }
  },
})

async function sameFormat({ identity, picture }: Media): Promise<{ format: WritableFormat; instead?: string }> {
  const own = writableFormats.find((format) => format === identity.format)
  if (own) return { format: own }
  // The rewriting needs this decode too, so it costs nothing more.
  const format = (await picture()).hasAlpha ? 'webp' : 'jpeg'
  return { format, instead: `${identity.format} can not be written, so it became ${format}` }
}
