import { z } from 'zod'
import { MiB } from '../units.ts'

/** The cache's settings, as they stand in configuration file, environment and flags. */
export const cacheSettings = z.object({
  l1Bytes: z.coerce
    .number()
    .int()
    .min(0)
    .default(64 * MiB)
    .describe('Memory for the most recent results.'),
})
