import { z } from 'zod'
import type { Catalog } from '../catalog/catalog.ts'
import type { JobRow } from '../catalog/ledger.ts'
import type { JobEngine } from '../jobs/engine.ts'
import type { JobFeed } from './job-feed.ts'

const counts = z.object({
  done: z.number().int(),
  cached: z.number().int(),
  failed: z.number().int(),
  quarantined: z.number().int(),
  skipped: z.number().int(),
})

/** The answer of whatever starts a job. */
export const jobStarted = z.object({
  job: z.string().describe('Its id.'),
  collection: z.string(),
  root: z.string().describe('The folder that is imported, absolute.'),
  resumed: z.boolean().describe('True when an interrupted import goes on.'),
})

/** How far a running job is. */
export const progressSchema = z.object({
  done: z.number().int(),
  total: z.number().int(),
  fraction: z.number(),
  etaMs: z.number().nullable().describe('Time that is left; null until it can be told.'),
  filesPerSecond: z.number(),
  bytesPerSecond: z.number(),
  isCounted: z.boolean().describe('False while files are still being found, so that the total may grow.'),
})

/** A job as the API gives it. */
export const jobSchema = z.object({
  job: z.string().describe('Its id.'),
  kind: z.string(),
  state: z.enum(['waiting', 'running', 'paused', 'finished', 'cancelled', 'failed']),
  collection: z.string().nullable(),
  root: z.string().nullable().describe('The folder, absolute; null when its collection was forgotten.'),
  params: z.record(z.string(), z.unknown()),
  createdAt: z.string().describe('ISO 8601.'),
  finishedAt: z.string().nullable().describe('ISO 8601.'),
  error: z.string().nullable().describe('Why the job as a whole failed.'),
  counts: z
    .object({
      assets: z.number().int(),
      tasks: counts.describe('File × operation.'),
      files: counts.describe('Each media file once, by its worst task.'),
      ignored: z.number().int().describe('Files that are no media.'),
    })
    .nullable(),
  answer: z
    .object({ cached: z.boolean(), result: z.unknown(), artifacts: z.array(z.unknown()) })
    .nullable()
    .describe('What an operation on the whole collection answered; in lists null.'),
  progress: progressSchema.nullable().describe('Only while it runs.'),
})

/** A job in the words of the API. */
export type JobView = z.output<typeof jobSchema>

/** A job in the words of the API, with what its feed knows of its progress. */
export function jobView(row: JobRow, parts: { catalog: Catalog; jobs: JobEngine }, feed: JobFeed): JobView {
  const { id, kind, state, collection, params, createdAt, finishedAt, error } = row
  const progress = state === 'running' ? feed.progress(id) : undefined
  const { job: _, ...numbers } = progress ?? { job: id }
  // Where links may lead is the server's own affair.
  const { within: __, ...asked } = params as Record<string, unknown>
  return {
    job: id,
    kind,
    state,
    collection,
    root: (collection && parts.catalog.collections.find(collection)?.root) || null,
    params: asked,
    createdAt: new Date(createdAt).toISOString(),
    finishedAt: finishedAt === null ? null : new Date(finishedAt).toISOString(),
    error,
    counts: parts.jobs.countsOf(row) ?? null,
    answer: (row.result as JobView['answer']) ?? null,
    progress: progress ? (numbers as JobView['progress']) : null,
  }
}
