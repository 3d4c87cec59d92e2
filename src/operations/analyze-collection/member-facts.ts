import { z } from 'zod'
import { metadataSchema } from '../../media/metadata.ts'
import { probeSchema } from '../../media/probe.ts'
import type { Member } from '../collection-operation.ts'

// Without the tags: they are most of what a file says of itself, and no statistic asks for them.
const metadataFacts = metadataSchema.pick({ takenAt: true, camera: true, exposure: true, gps: true, rating: true })
const probeFacts = probeSchema.pick({ video: true, audio: true })
const analyzeFacts = z.object({
  exposure: z.object({ mean: z.number() }),
  isGrey: z.boolean(),
  hasAlpha: z.boolean(),
})
const qualityFacts = z.object({
  score: z.number().min(0).max(100),
  issues: z.array(z.object({ kind: z.string(), severity: z.number(), confidence: z.number() })),
})

/** What the statistics use of a member's results; a field is absent when the operation failed on the file. */
export interface MemberFacts {
  readonly metadata?: z.output<typeof metadataFacts>
  readonly probe?: z.output<typeof probeFacts>
  readonly analyze?: z.output<typeof analyzeFacts>
  readonly quality?: z.output<typeof qualityFacts>
}

/** Reads the results of a member; what has another shape than the operation promises is as absent as a failure. */
export function factsOf({ results }: Member): MemberFacts {
  const metadata = read(metadataFacts, results.metadata)
  const probe = read(probeFacts, results.probe)
  const analyze = read(analyzeFacts, results.analyze)
  const quality = read(qualityFacts, results['quality-issues'])
  return {
    ...(metadata ? { metadata } : {}),
    ...(probe ? { probe } : {}),
    ...(analyze ? { analyze } : {}),
    ...(quality ? { quality } : {}),
  }
}

const read = <Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> | undefined =>
  value === undefined ? undefined : schema.safeParse(value).data
