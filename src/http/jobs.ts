import { z } from 'zod'
import { absolute } from './collections.ts'
import type { JobFeed } from './job-feed.ts'
import { jobSchema, jobStarted, jobView } from './job-view.ts'
import { boundsFor } from './other-files.ts'
import type { HttpParts, Server } from './parts.ts'
import { fromCursor, listOf, paging, toCursor } from './reply.ts'

const tags = ['bulk-operations']
const params = z.object({ id: z.string().describe('Id of the job.') })
const taskStates = ['done', 'cached', 'failed', 'quarantined', 'skipped'] as const

/** Bulk runs: start, watch, steer, and the truth about each of their tasks. */
export function jobRoutes(server: Server, parts: HttpParts, feed: JobFeed): void {
  const { catalog, jobs } = parts

  server.post(
    '/api/bulk-operations/import',
    {
      schema: {
        summary: 'Imports a folder: makes it a collection, or looks for what is new and changed in it.',
        tags,
        body: z
          .object({
            path: z.string().min(1).describe('The folder, absolute.'),
            retryFailed: z.boolean().default(false).describe('Also tries the files again that failed before.'),
          })
          .strict(),
        response: { 202: jobStarted },
      },
    },
    (request, reply) => {
      const { path, retryFailed } = request.body
      const { job, collection, isResumed } = jobs.startImport(absolute(path), {
        retryFailed,
        ...boundsFor(parts, request),
      })
      reply.code(202).header('location', `/api/bulk-operations/jobs/${job.id}`)
      return { job: job.id, collection: collection.id, root: collection.root, resumed: isResumed }
    },
  )

  server.get(
    '/api/bulk-operations/jobs',
    {
      schema: {
        summary: 'Lists all jobs, the newest first.',
        tags,
        querystring: z.object(paging).strict(),
        response: { 200: listOf(jobSchema) },
      },
    },
    ({ query: { limit, cursor } }) => {
      const rows = catalog.ledger.list(limit + 1, fromCursor(cursor, z.number().int()))
      const page = rows.slice(0, limit)
      return {
        items: page.map((row) => jobView(row, parts, feed)),
        next: rows.length > limit ? toCursor(page.at(-1)?.number) : null,
        total: catalog.ledger.count(),
      }
    },
  )

  server.get(
    '/api/bulk-operations/jobs/:id',
    {
      schema: { summary: 'Tells how a job stands.', tags, params, response: { 200: jobSchema } },
    },
    (request) => jobView(jobs.find(request.params.id), parts, feed),
  )

  const moves = {
    pause: 'Pauses a job; it can go on later.',
    resume: 'Goes on with a paused job.',
    cancel: 'Ends a job for good; what it finished stays.',
  } as const
  for (const [move, summary] of Object.entries(moves) as [keyof typeof moves, string][]) {
    server.post(
      `/api/bulk-operations/jobs/:id/${move}`,
      { schema: { summary, tags, params, response: { 200: jobSchema } } },
      async (request) => {
        const { id } = request.params as z.output<typeof params>
        await jobs[move](id)
        return jobView(jobs.find(id), parts, feed)
      },
    )
  }

  server.get(
    '/api/bulk-operations/jobs/:id/tasks',
    {
      schema: {
        summary: 'Lists the tasks of a job: each file × operation with its state and reason.',
        tags,
        params,
        querystring: z
          .object({ state: z.enum(taskStates).optional().describe('Only tasks that ended so.'), ...paging })
          .strict(),
        response: {
          200: listOf(
            z.object({
              path: z.string(),
              operation: z.string().describe('With `:role` behind it where one operation is asked twice.'),
              state: z.enum(taskStates),
              code: z.string().nullable(),
              message: z.string().nullable(),
              durationMs: z.number().nullable(),
              at: z.string().describe('When it ended, ISO 8601.'),
            }),
          ),
        },
      },
    },
    (request) => {
      const { number } = jobs.find(request.params.id)
      const { state, limit, cursor } = request.query
      const after = fromCursor(cursor, z.object({ location: z.number().int(), step: z.string() }))
      const rows = catalog.ledger.tasks(number, {
        limit: limit + 1,
        ...(state ? { state } : {}),
        ...(after ? { after } : {}),
      })
      const page = rows.slice(0, limit)
      const last = page.at(-1)
      const counts = catalog.ledger.taskCounts(number)
      return {
        items: page.map(({ path, step, state: ended, code, message, durationMs, at }) => ({
          path,
          operation: step,
          state: ended,
          code,
          message,
          durationMs,
          at: new Date(at).toISOString(),
        })),
        next: rows.length > limit && last ? toCursor({ location: last.location, step: last.step }) : null,
        total: state ? counts[state] : Object.values(counts).reduce((sum, count) => sum + count, 0),
      }
    },
  )

  server.get(
    '/api/bulk-operations/jobs/:id/events',
    {
      // A stream without end for somebody who wants its headers only.
      exposeHeadRoute: false,
      schema: {
        summary: "Streams a job's events as NDJSON, from its beginning on, and ends when it ends or is paused.",
        description:
          'The events are those of `mediamill import --json`: job.started, job.progress, task.note, task.failed, task.skipped, job.paused, job.finished. While nothing else happens, the last progress is told again every ten seconds.',
        tags,
        params,
        produces: ['application/x-ndjson'],
        response: { 200: z.any().describe('One event a line.') },
      },
    },
    (request, reply) => {
      const row = jobs.find(request.params.id)
      const stream = feed.stream(row, jobs.countsOf(row))
      reply.raw.once('close', () => stream.destroy())
      return reply.type('application/x-ndjson').header('cache-control', 'no-store').send(stream)
    },
  )
}
