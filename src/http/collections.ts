import { join } from 'node:path'
import { z } from 'zod'
import type { CollectionSummary } from '../catalog/collections.ts'
import { MediaError } from '../errors.ts'
import { jobStarted } from './job-view.ts'
import { boundsFor } from './other-files.ts'
import type { HttpParts, Server } from './parts.ts'
import { fromCursor, listOf, paging, toCursor } from './reply.ts'
import type { Thumbnails } from './thumbnails.ts'

const tags = ['collections']
const params = z.object({ id: z.string().describe('Id of the collection.') })
const coversPerCollection = 12

/** A collection as the API gives it. */
export const collectionSchema = z.object({
  collection: z.string().describe('Its id.'),
  name: z.string(),
  path: z.string().describe('Its folder, absolute.'),
  assets: z.number().int().describe('Different contents in it.'),
  bytes: z.number().int().describe('Of all its media files.'),
  failed: z.number().int().describe('Files that could not be read or processed.'),
  createdAt: z.string().describe('ISO 8601.'),
  importedAt: z.string().nullable().describe('When the last import ended; null before the first has.'),
  covers: z
    .array(
      z.object({
        asset: z.string(),
        url: z.string().describe('The thumbnail.'),
        width: z.number().int(),
        height: z.number().int(),
        color: z.string().optional().describe('Its mean colour, #rrggbb, to be shown until it arrives.'),
      }),
    )
    .describe('A few of its pictures.'),
})

/** Collections: folders that are imported. */
export function collectionRoutes(server: Server, parts: HttpParts, thumbnails: Thumbnails): void {
  const { catalog, jobs, makeSample } = parts

  server.get(
    '/api/collections',
    {
      schema: {
        summary: 'Lists all collections with their numbers and a few pictures.',
        tags,
        response: { 200: listOf(collectionSchema) },
      },
    },
    () => {
      const items = catalog.collections.summaries().map((one) => collectionView(one, parts, thumbnails))
      return { items, next: null, total: items.length }
    },
  )

  server.get(
    '/api/collections/:id',
    {
      schema: { summary: 'Tells about one collection.', tags, params, response: { 200: collectionSchema } },
    },
    (request) => collectionView(find(request.params.id), parts, thumbnails),
  )

  server.get(
    '/api/collections/:id/failures',
    {
      schema: {
        summary: 'Lists the files of a collection that failed, with the reasons.',
        tags,
        params,
        querystring: z.object(paging).strict(),
        response: {
          200: listOf(
            z.object({
              path: z.string(),
              state: z.enum(['failed', 'quarantined']),
              failures: z.array(
                z.object({
                  operation: z.string(),
                  code: z.string(),
                  message: z.string(),
                  quarantined: z.boolean(),
                }),
              ),
            }),
          ),
        },
      },
    },
    (request) => {
      const { id, root, failed } = find(request.params.id)
      const { limit, cursor } = request.query
      const rows = catalog.locations.failed(id, limit + 1, fromCursor(cursor, z.number().int()))
      const page = rows.slice(0, limit)
      return {
        items: page.map(({ folder, name, state, failures }) => ({
          path: join(root, folder, name),
          state: state as 'failed' | 'quarantined',
          failures: [...failures],
        })),
        next: rows.length > limit ? toCursor(page.at(-1)?.id) : null,
        total: failed,
      }
    },
  )

  server.post(
    '/api/collections',
    {
      schema: {
        summary: 'Makes a folder a collection, and imports it.',
        tags,
        body: z.object({ path: z.string().min(1).describe('The folder, absolute.') }).strict(),
        response: { 202: jobStarted },
      },
    },
    (request, reply) => {
      const { job, collection, isResumed } = jobs.startImport(absolute(request.body.path), boundsFor(parts, request))
      reply.code(202).header('location', `/api/bulk-operations/jobs/${job.id}`)
      return { job: job.id, collection: collection.id, root: collection.root, resumed: isResumed }
    },
  )

  server.delete(
    '/api/collections/:id',
    {
      schema: {
        summary: 'Forgets a collection. Its files stay, and so does what is known of their content.',
        tags,
        params,
        response: { 204: z.undefined().describe('It is forgotten.') },
      },
    },
    async (request, reply) => {
      const { id, root } = find(request.params.id)
      const running = catalog.ledger.open().find(({ collection }) => collection === id)
      if (running?.state === 'running') {
        throw new MediaError('JOB_RUNNING', [root, running.owner?.split('@')[0] ?? 'unknown'])
      }
      if (running) await jobs.cancel(running.id)
      await catalog.write(() => catalog.collections.remove(id))
      return reply.code(204).send()
    },
  )

  if (makeSample) {
    server.post(
      '/api/collections/sample',
      {
        schema: {
          summary: 'Draws a small sample library, and imports it.',
          tags,
          response: { 202: jobStarted },
        },
      },
      async (_request, reply) => {
        const { job, collection, isResumed } = jobs.startImport(await makeSample())
        reply.code(202).header('location', `/api/bulk-operations/jobs/${job.id}`)
        return { job: job.id, collection: collection.id, root: collection.root, resumed: isResumed }
      },
    )
  }

  function find(id: string): CollectionSummary {
    const found = catalog.collections.summary(id)
    if (!found) throw new MediaError('NOT_FOUND', ['collection', id])
    return found
  }
}

/** A collection in the words of the API. */
export function collectionView(
  { id, name, root, assets, bytes, failed, createdAt, importedAt }: CollectionSummary,
  { catalog }: HttpParts,
  thumbnails: Thumbnails,
): z.output<typeof collectionSchema> {
  const covers = catalog.locations.covers(id, coversPerCollection).flatMap((cover) => {
    const asset = catalog.assets.find(cover)
    const link = asset && thumbnails.link(asset, 'thumbnail')
    if (!link) return []
    const color = thumbnails.colorOf(asset)
    return [{ asset: cover, ...link, ...(color === undefined ? {} : { color }) }]
  })
  return {
    collection: id,
    name,
    path: root,
    assets,
    bytes,
    failed,
    createdAt: new Date(createdAt).toISOString(),
    importedAt: importedAt === null ? null : new Date(importedAt).toISOString(),
    covers,
  }
}

/** The folder that a request names; relative ones would mean the server's own working directory. */
export function absolute(path: string): string {
  if (!/^([/\\]|[a-z]:[/\\])/i.test(path) || path.includes('\0')) {
    throw new MediaError('PARAMS_INVALID', [
      `Expected an absolute path for "path", but it was ${JSON.stringify(path)}.`,
    ])
  }
  return path
}
