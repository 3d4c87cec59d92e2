import { z } from 'zod'
import { decodesHeldBy } from './decodes-held.ts'
import { framesHeldBy } from './frames-held.ts'
import { defineOperation } from './operation.ts'
import { colorParam, formatParam, keepPicture, writeParams, writeResult } from './write-params.ts'

/** The picture in another format: upright, with its frames, colours and metadata as far as asked and as the format can. */
export const pictureConvert = defineOperation({
  name: 'convert',
  group: 'advanced-image-processing',
  accepts: ['picture'],
  version: 4,
  category: 'conversion',
  dependsOn: 'content',
  decodesHeld: ({ format }) => decodesHeldBy(format),
  framesHeld: ({ format, lossless, frames }, file) =>
    frames === 'all' ? framesHeldBy({ format, isExact: lossless }, file) : 0,
  summary:
    'Writes a picture in another format, with its frames, colours and metadata as far as the format can hold them.',
  params: z
    .object({
      format: formatParam.default('webp').describe('The format of the new file.'),
      lossless: z
        .boolean()
        .default(false)
        .describe(
          'Keeps every sample. JPEG can not, and GIF only up to 256 colours: these are refused. An AVIF that moves is then made of frames each by itself, and some browsers show it with too much contrast: PNG and WebP are shown as they are.',
        ),
      frames: z
        .enum(['all', 'first'])
        .default('all')
        .describe(
          '`all` keeps an animation moving in GIF, WebP, AVIF, PNG and JPEG XL, and keeps the pages of a TIFF in TIFF; else the first is taken, and `intent` says so. `first` takes one.',
        ),
      background: colorParam
        .default('#ffffff')
        .describe('#rrggbb under transparent parts, where the format has no transparency.'),
      ...writeParams.shape,
    })
    .refine(({ format, lossless }) => !lossless || format !== 'jpeg', {
      path: ['format'],
      message: 'Expected a format that can be written without loss',
    }),
  result: writeResult,
  artifacts: ['picture'],
  examples: [
    { title: 'A small WebP', params: {} },
    {
      title: 'An AVIF for the web, in sRGB and without metadata',
      params: { format: 'avif', color: 'srgb', metadata: 'strip' },
    },
    { title: 'A GIF as an AVIF that moves, at a fraction of its size', params: { format: 'avif', effort: 'fast' } },
    {
      title: 'A PNG that keeps every pixel, but not the place',
      params: { format: 'png', lossless: true, metadata: 'strip-gps' },
    },
  ],

  async run(media, { quality, ...rest }, io) {
    io.signal.throwIfAborted()
    const { signal, progress } = io
    const options = { ...rest, ...(quality === undefined ? {} : { quality }), signal, progress }
    return keepPicture(await media.rewrite(options), options, media.identity.bytes, io)
  },
})
