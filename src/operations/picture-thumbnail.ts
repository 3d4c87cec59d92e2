import { defineOperation } from './operation.ts'
import { edgeNeeded, encodeOptionsOf, keepThumbnail } from './thumbnail.ts'
import { thumbnailParams, thumbnailResult } from './thumbnail-params.ts'

/** A small picture of a picture: upright, sRGB, never enlarged. Damaged files give what can be read, and say so. */
export const pictureThumbnail = defineOperation({
  name: 'thumbnail',
  group: 'image-processing',
  accepts: ['picture'],
  version: 3,
  category: 'thumbnail',
  dependsOn: 'pixels',
  summary: 'Makes a small upright sRGB picture of a picture.',
  params: thumbnailParams,
  result: thumbnailResult,
  artifacts: ['thumbnail', 'preview'],
  examples: [
    { title: 'The usual thumbnail', params: {} },
    { title: 'A preview for the screen', params: { edge: 1440, format: 'jpeg', role: 'preview' } },
    { title: 'A square around what draws the eye', params: { edge: 320, fit: 'cover', focus: 'attention' } },
  ],

  edge: ({ edge, fit }) => (fit === 'cover' ? edge * 2 : edge),

  async run(media, params, io) {
    const options = encodeOptionsOf(params)
    const encoded = await media.encode(options, { edge: edgeNeeded(params, media.identity) })
    return keepThumbnail(encoded, options, params.role, io)
  },
})
