import { z } from 'zod'

const optimizedFacts = z.union([
  z.object({ gained: z.literal(false) }),
  z.object({ gained: z.literal(true), bytes: z.number() }),
])

/** What is left of a file after `optimize`, in bytes, or `bytes` where it gained nothing; undefined without an answer. */
export function bytesOf(result: unknown): number | undefined {
  if (result === undefined) return undefined
  const facts = optimizedFacts.safeParse(result).data
  return facts?.gained === true ? facts.bytes : facts?.gained === false ? Number.POSITIVE_INFINITY : undefined
}
