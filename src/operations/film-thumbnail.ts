import { z } from 'zod'
import type { FrameAt } from '../media/film.ts'
import { defineOperation } from './operation.ts'
import { edgeNeeded, encodeOptionsOf, keepThumbnail } from './thumbnail.ts'
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
  version: 3,
  category: 'thumbnail',
  dependsOn: 'pixels',
  summary: 'Makes a small upright SDR picture of a film, or of the cover of a sound.',
  params: thumbnailParams.extend({
    at: z
      .union([z.literal('best'), z.number().min(0), percent])
      .default('best')
      .describe(
        '`best` looks for a telling frame; else seconds from the beginning, or a part of the length: "25%". For a part the ' +
          'nearest key frame is taken, which takes a fraction of the time, where one is at most 5 s or 5 % of the length away, ' +
          'and never more than a tenth of it.',
      ),
    exact: z
      .boolean()
      .optional()
      .describe(
        'For `at` in seconds or as a part: true takes the frame that is shown at that very moment, false the nearest key ' +
          'frame. Left out, seconds are exact and parts are not.',
      ),
  }),
  result: thumbnailResult.extend({ atMs: z.number().describe('When the frame is shown; 0 for a cover.') }),
  artifacts: ['thumbnail', 'preview'],
  examples: [
    { title: 'The most telling frame', params: {} },
    { title: 'A preview of the first second', params: { at: 1, edge: 1440, format: 'jpeg', role: 'preview' } },
    { title: 'About a quarter into the film', params: { at: '25%' } },
    { title: 'Soon: the key frame nearest to 90 seconds', params: { at: 90, exact: false } },
  ],

  isQuick: ({ at }) => at !== 'best',

  edge: ({ edge, fit }) => (fit === 'cover' ? edge * 2 : edge),

  async run(media, { at, exact, ...params }, io) {
    const { picture, atMs } = await media.frame(momentOf(at, exact), { edge: edgeNeeded(params, media.identity) })
    const options = encodeOptionsOf(params)
    return { ...(await keepThumbnail(await picture.encode(options), options, params.role, io)), atMs }
  },
})

function momentOf(at: 'best' | number | string, exact: boolean | undefined): FrameAt {
  if (at === 'best') return at
  const how = exact === undefined ? {} : { exact }
  return typeof at === 'number' ? { ms: at * 1000, ...how } : { fraction: Number.parseFloat(at) / 100, ...how }
}
