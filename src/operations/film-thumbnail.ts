import { z } from 'zod'
import type { FrameAt } from '../media/film.ts'
import { defineOperation } from './operation.ts'
import { edgeNeeded, makeThumbnail } from './thumbnail.ts'
import { thumbnailParams, thumbnailResult } from './thumbnail-params.ts'

const percent = z
  .string()
  .regex(
    /^(?:100(?:\.0+)?|\d{1,2}(?:\.\d+)?)%$/,
    '"best", a number of seconds, or a part of the length from "0%" to "100%"',
  )

/** A small picture of a film: its most telling frame, or the one at a moment; of a sound its cover. */
export const filmThumbnail = defineOperation({
  name: 'thumbnail',
  group: 'video-processing',
  accepts: ['film', 'sound'],
  version: 2,
  category: 'thumbnail',
  dependsOn: 'pixels',
  summary: 'Makes a small upright SDR picture of a film, or of the cover of a sound.',
  params: thumbnailParams.extend({
    at: z
      .union([z.literal('best'), z.number().min(0), percent])
      .default('best')
      .describe('`best` looks for a telling frame; else seconds from the beginning, or a part of the length: "25%".'),
  }),
  result: thumbnailResult.extend({ atMs: z.number().describe('When the frame is shown; 0 for a cover.') }),
  artifacts: ['thumbnail', 'preview'],
  examples: [
    { title: 'The most telling frame', params: {} },
    { title: 'A preview of the first second', params: { at: 1, edge: 1440, format: 'jpeg', role: 'preview' } },
    { title: 'A quarter into the film', params: { at: '25%' } },
  ],

  edge: ({ edge, fit }) => (fit === 'cover' ? edge * 2 : edge),

  async run(media, { at, ...params }, io) {
    const film = await media.film()
    const { picture, atMs } = await film.frame(momentOf(at), { edge: edgeNeeded(params, media.identity) })
    return { ...(await makeThumbnail(picture, params, io)), atMs }
  },
})

function momentOf(at: 'best' | number | string): FrameAt {
  if (typeof at === 'number') return { ms: at * 1000 }
  return at === 'best' ? 'best' : { fraction: Number.parseFloat(at) / 100 }
}
