import { z } from 'zod'
import { probeSchema } from '../media/probe.ts'
import { defineOperation } from './operation.ts'

/** What a film or sound is made of: container, tracks, chapters, covers, tags. Nothing is decoded for it. */
export const probe = defineOperation({
  name: 'probe',
  group: 'video-processing',
  accepts: ['film', 'sound'],
  version: 4,
  category: 'probe',
  dependsOn: 'content',
  summary: 'Reads what a film or sound is made of: container, tracks, chapters, covers and tags.',
  params: z.object({}),
  result: probeSchema,
  artifacts: [],
  examples: [{ title: 'All that is known', params: {} }],

  isQuick: () => true,

  run: async (media) => (await media.film()).probe,
})
