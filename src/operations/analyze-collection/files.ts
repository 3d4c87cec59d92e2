import { z } from 'zod'
import type { Need } from '../collection-operation.ts'
import { Top } from '../top.ts'
import type { Collector } from './collector.ts'

const count = z.number().int()

/** The files that take most room. */
export const largestSchema = z.array(
  z.object({
    path: z.string(),
    format: z.string(),
    bytes: count,
    width: z.number().optional(),
    height: z.number().optional(),
  }),
)

/** The files on which something went wrong. */
export const problemsSchema = z.object({
  files: count.describe('Files on which at least one operation failed.'),
  operations: z.array(z.object({ operation: z.string(), files: count })).describe('Most failures first.'),
  list: z
    .array(z.object({ path: z.string(), format: z.string(), failed: z.array(z.string()) }))
    .describe('The first of them, those with most failures before others.'),
})

/** See `largestSchema`. */
export type Largest = z.output<typeof largestSchema>

/** See `problemsSchema`. */
export type Problems = z.output<typeof problemsSchema>

/** Keeps the largest files. */
export function findLargest(limit: number): Collector<Largest> {
  const largest = new Top<Largest[number]>(limit, (a, b) => b.bytes - a.bytes)
  return {
    add({ path, format, bytes, width, height }) {
      const size = width !== undefined && height !== undefined ? { width, height } : {}
      largest.offer({ path, format, bytes, ...size })
    },
    result: () => largest.list(),
  }
}

/** Counts files without the answer of an operation that every file of their kind had to undergo. */
export function findProblems(limit: number, needs: readonly Need[]): Collector<Problems> {
  const asked = needs.filter((need) => need.sample === undefined)
  const failures = new Map<string, number>()
  const list = new Top<Problems['list'][number]>(limit, (a, b) => b.failed.length - a.failed.length)
  let files = 0
  return {
    add({ path, kind, format, results }) {
      const failed = asked
        .filter(({ kinds, operation }) => (kinds?.includes(kind) ?? true) && results[operation] === undefined)
        .map(({ operation }) => operation)
      if (failed.length === 0) return
      files++
      for (const operation of failed) failures.set(operation, (failures.get(operation) ?? 0) + 1)
      list.offer({ path, format, failed })
    },
    result: () => ({
      files,
      operations: [...failures]
        .map(([operation, failed]) => ({ operation, files: failed }))
        .sort((a, b) => b.files - a.files || (a.operation < b.operation ? -1 : 1)),
      list: list.list(),
    }),
  }
}
