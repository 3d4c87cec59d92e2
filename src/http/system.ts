import { statfs } from 'node:fs/promises'
import { z } from 'zod'
import { decoderVersions } from '../media/versions.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { HttpParts, Server } from './parts.ts'
import { programVersion } from './version.ts'

const tags = ['system-health']

/** How the server is: for people, for supervisors, for Prometheus. */
export function systemRoutes(server: Server, parts: HttpParts, metrics: Metrics): void {
  const { executor, cache, catalog, config } = parts
  const startedAt = Date.now()

  server.get(
    '/api/system-health/status',
    {
      schema: {
        summary: 'Tells how the server is: versions, workers, memory, cache, disk.',
        tags,
        response: {
          200: z.object({
            version: z.string(),
            node: z.string(),
            decoders: z.record(z.string(), z.string()).describe('Versions of the libraries that read media.'),
            startedAt: z.string().describe('ISO 8601.'),
            uptimeMs: z.number(),
            residentBytes: z.number().int().describe('Memory of the server itself, without its workers.'),
            workers: z.object({
              size: z.number().int().describe('How many may run at once.'),
              waiting: z.number().int().describe('Files that wait for one.'),
              processes: z.array(
                z.object({
                  pid: z.number().int(),
                  files: z.number().int().describe('How many files it has had.'),
                  residentBytes: z.number().int(),
                  path: z.string().optional().describe('The file in its hands.'),
                }),
              ),
            }),
            admission: z.object({
              usedBytes: z.number().int(),
              budgetBytes: z.number().int(),
              waiting: z.number().int(),
            }),
            cache: z.object({
              disk: z.enum(['ok', 'down']).describe('Without the disk everything goes on from memory.'),
              reason: z.string().optional(),
              memory: z.object({
                entries: z.number().int(),
                bytes: z.number().int(),
                maxBytes: z.number().int(),
                evictions: z.number().int(),
              }),
              categories: z.record(
                z.string(),
                z.object({
                  entries: z.number().int(),
                  bytes: z.number().int(),
                  l1Hits: z.number().int(),
                  l2Hits: z.number().int(),
                  misses: z.number().int(),
                  evictions: z.number().int(),
                }),
              ),
            }),
            jobs: z.object({ open: z.number().int() }),
            data: z.object({
              folder: z.string(),
              freeBytes: z.number().int().optional().describe('Absent where the system does not tell.'),
              totalBytes: z.number().int().optional(),
            }),
          }),
        },
      },
    },
    async () => {
      const { l1, categories } = await cache.statistics()
      const { l2, reason } = cache.health()
      return {
        version: programVersion,
        node: process.versions.node,
        decoders: decoderVersions(),
        startedAt: new Date(startedAt).toISOString(),
        uptimeMs: Date.now() - startedAt,
        residentBytes: process.memoryUsage.rss(),
        workers: {
          size: executor.pool.size,
          waiting: executor.pool.waiting,
          processes: executor.pool.workers().map((worker) => ({ ...worker })),
        },
        admission: {
          usedBytes: executor.admission.usedBytes,
          budgetBytes: executor.admission.budgetBytes,
          waiting: executor.admission.waiting,
        },
        cache: { disk: l2, ...(reason === undefined ? {} : { reason }), memory: l1, categories },
        jobs: { open: catalog.ledger.open().length },
        data: { folder: config.data, ...(await spaceOf(config.data)) },
      }
    },
  )

  server.get(
    '/api/system-health/live',
    {
      schema: {
        summary: 'Answers as long as the process lives.',
        tags,
        response: { 200: z.object({ live: z.literal(true) }) },
      },
    },
    () => ({ live: true as const }),
  )

  server.get(
    '/api/system-health/ready',
    {
      schema: {
        summary: 'Tells whether work can be taken: the catalog answers and the queue has room.',
        tags,
        response: {
          200: z.object({ ready: z.literal(true) }),
          503: z.object({ ready: z.literal(false), reason: z.string() }),
        },
      },
    },
    async (_request, reply) => {
      try {
        catalog.ledger.count()
        return { ready: true as const }
      } catch {
        return reply.code(503).send({ ready: false as const, reason: 'the catalog can not be read' })
      }
    },
  )

  server.get(
    '/api/system-health/metrics',
    {
      schema: {
        summary: 'The metrics in the format of Prometheus.',
        tags,
        produces: ['text/plain'],
        response: { 200: z.string().describe('Lines of metrics.') },
      },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  )
}

async function spaceOf(folder: string): Promise<{ freeBytes?: number; totalBytes?: number }> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder)
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
  } catch {
    return {}
  }
}
