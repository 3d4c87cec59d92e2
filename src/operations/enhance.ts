import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import type { Identity } from '../media/media.ts'
import { type WritableFormat, writableFormats } from '../media/picture.ts'
import { decodesHeldBy } from './decodes-held.ts'
import { correctionNames } from './enhance/corrections.ts'
import { enhancePicture } from './enhance/enhance-picture.ts'
import { defineOperation, wholeEdge } from './operation.ts'
import { intentSchema } from './thumbnail-params.ts'
import { writeParams } from './write-params.ts'

/** A better picture by what quality-issues finds, or none when nothing is wrong. */
export const enhance = defineOperation({
  name: 'enhance',
  group: 'advanced-image-processing',
  accepts: ['picture'],
  version: 2,
  category: 'conversion',
  dependsOn: 'pixels',
  decodesHeld: ({ format }) => 1 + decodesHeldBy(format),
  summary:
    'Corrects exposure, white balance, contrast, noise, blocks and softness where they are found, if that makes the picture better.',
  params: z.object({
    strength: z
      .number()
      .min(0)
      .max(1)
      .default(0.5)
      .describe(
        'How far corrections go: at 0.5 three quarters of the way, at 1 all of it. Less is taken where that is better.',
      ),
    only: z
      .array(z.enum(correctionNames))
      .min(1)
      .default([...correctionNames])
      .describe(`The corrections that may be made: any of ${correctionNames.join(', ')}.`),
    format: z
      .enum(['same', ...writableFormats])
      .default('same')
      .describe(
        'The format of the new picture, which is 8-bit sRGB without metadata; `same` is JPEG, or PNG with transparency, where that one can not be written.',
      ),
    quality: writeParams.shape.quality,
  }),
  result: z.object({
    changed: z.boolean().describe('Whether there is a new picture.'),
    reason: z.string().optional().describe('Why there is none.'),
    score: z.object({
      before: z.number().describe('0–100, as quality-issues scores the pixels alone.'),
      after: z.number().optional().describe('Of the new picture, before it was encoded.'),
    }),
    corrections: z
      .array(
        z.object({
          name: z.enum(correctionNames),
          strength: z.number().describe('How much of the full correction was made, 0–1.'),
          details: z
            .record(z.string(), z.number())
            .describe(
              'What was done: `stops` of exposure, gains of white balance and contrast, deviation of the noise.',
            ),
        }),
      )
      .describe('What was done, in this order.'),
    width: z.int().optional().describe('Of the new picture, as the next three.'),
    height: z.int().optional(),
    format: z.string().optional(),
    bytes: z.int().optional(),
    intent: intentSchema,
    damaged: z.string().optional().describe('What is wrong with the file, when only part of it could be decoded.'),
  }),
  artifacts: ['picture'],
  examples: [
    { title: 'Whatever makes it better', params: {} },
    {
      title: 'Only its light and colours, with restraint',
      params: { only: ['exposure', 'white-balance', 'contrast'], strength: 0.3 },
    },
    {
      title: 'Noise taken away as far as it goes, as a WebP',
      params: { only: ['denoise'], strength: 1, format: 'webp', quality: 90 },
    },
  ],

  edge: () => wholeEdge,

  async run(media, { strength, only, format, quality }, io) {
    const picture = await media.picture()
    const { intent, damage } = picture
    const coding = media.jpegCoding()
    const found = await enhancePicture(picture, {
      strength,
      only,
      ...(coding === undefined ? {} : { jpegQuality: coding.quality }),
      // Without a turn for others nobody could call this off.
      pause: async (fraction) => {
        io.progress(fraction)
        await setImmediate()
        io.signal.throwIfAborted()
      },
    })
    const known = { intent, ...(damage === undefined ? {} : { damaged: damage }) }
    if ('reason' in found) {
      return { changed: false, reason: found.reason, score: { before: found.before }, corrections: [], ...known }
    }
    const chosen = format === 'same' ? formatLike(media.identity, picture.hasAlpha) : format
    const { data, width, height } = await found.picture.write({
      format: chosen,
      ...(quality === undefined ? {} : { quality }),
    })
    await io.artifact({ role: 'picture', format: chosen, width, height }, data)
    return {
      changed: true,
      score: { before: found.before, after: found.after },
      corrections: found.corrections.map((each) => ({ ...each, details: { ...each.details } })),
      width,
      height,
      format: chosen,
      bytes: data.length,
      ...known,
    }
  },
})

function formatLike({ format }: Identity, hasAlpha: boolean): WritableFormat {
  const same = writableFormats.find((each) => each === format)
  return same ?? (hasAlpha ? 'png' : 'jpeg')
}
