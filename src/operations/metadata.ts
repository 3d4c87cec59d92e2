import { z } from 'zod'
import { metadataSchema } from '../media/metadata.ts'
import { defineOperation } from './operation.ts'

/** What the file says of itself, in the same words for every format. */
export const metadata = defineOperation({
  name: 'metadata',
  group: 'advanced-image-processing',
  accepts: ['picture', 'film', 'sound'],
  version: 1,
  category: 'metadata',
  dependsOn: 'content',
  summary: 'Reads what a file says of itself: camera, exposure, place, time, words, and all its tags.',
  params: z.object({
    deep: z
      .boolean()
      .default(false)
      .describe('Also asks exiftool, which knows maker notes and rare formats; slower, and needs perl.'),
  }),
  result: metadataSchema,
  artifacts: [],
  examples: [
    { title: 'The usual facts', params: {} },
    { title: 'Everything that exiftool knows', params: { deep: true } },
  ],

  run: (media, { deep }) => media.metadata({ deep }),
})
