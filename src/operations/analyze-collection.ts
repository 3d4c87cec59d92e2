import { z } from 'zod'
import { reportPage } from './analyze-collection/report/page.ts'
import { gatherStatistics, statisticsSchema } from './analyze-collection/statistics.ts'
import { tellStatistics } from './analyze-collection/tell.ts'
import { defineCollectionOperation, type Need } from './collection-operation.ts'

/** A whole collection in figures and charts, for people to read and print. */
export const analyzeCollection = defineCollectionOperation({
  name: 'analyze-collection',
  group: 'advanced-image-processing',
  version: 1,
  summary:
    'Describes a collection in figures and charts: formats, cameras, dates, quality, waste, what could be saved.',
  params: z.object({
    list: z
      .number()
      .int()
      .min(1)
      .max(100)
      .default(20)
      .describe('How many entries lists have: cameras, largest files, worst pictures, …'),
    sample: z
      .number()
      .int()
      .min(0)
      .max(1000)
      .default(40)
      .describe('How many pictures of each format are optimised to forecast what that would save; 0: no forecast.'),
  }),
  result: statisticsSchema,
  artifacts: ['report'],
  examples: [
    { title: 'The usual report', params: {} },
    { title: 'Longer lists, and no forecast, which takes most of the time', params: { list: 50, sample: 0 } },
  ],

  tell: tellStatistics,

  needs: ({ sample }) => [...asked, { operation: 'optimize', params: { dryRun: true }, kinds: ['picture'], sample }],

  async run(collection, { list, sample }, io) {
    const statistics = await gatherStatistics(collection, { limit: list, sample, needs: asked, signal: io.signal })
    await io.artifact({ role: 'report', format: 'html' }, Buffer.from(reportPage(statistics)))
    io.progress(1)
    return statistics
  },
})

/** Kinds are named so that a missing answer is a failure, and not a question that was never put. */
const asked: readonly Need[] = [
  { operation: 'metadata', kinds: ['picture', 'film', 'sound'] },
  { operation: 'analyze', kinds: ['picture'] },
  { operation: 'quality-issues', kinds: ['picture'] },
  { operation: 'probe', kinds: ['film', 'sound'] },
]
