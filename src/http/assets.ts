import { z } from 'zod'
import type { Asset } from '../catalog/assets.ts'
import { type AssetFilter, assetOrders } from '../catalog/assets.ts'
import { MediaError } from '../errors.ts'
import { locateAsset } from '../executor/locate.ts'
import { artifactSchema } from './artifact-view.ts'
import type { ArtifactSender } from './artifacts.ts'
import { assetSchema, present, viewOf } from './asset-view.ts'
import { askAgain, forEver, mimeOf, sendFile } from './files.ts'
import { signalOf } from './operations.ts'
import { boundsFor } from './other-files.ts'
import type { HttpParts, Server } from './parts.ts'
import { fromCursor, listOf, paging } from './reply.ts'
import { type Thumbnails, thumbnailSizes } from './thumbnails.ts'

const params = z.object({ id: z.string().describe('Id of the asset, or its unique beginning.') })
const tags = ['assets']

/** Everything about single assets: lists, facts, the original, its pictures. */
export function assetRoutes(
  server: Server,
  parts: HttpParts,
  { thumbnails, sender }: { thumbnails: Thumbnails; sender: ArtifactSender },
): void {
  const { catalog, artifacts } = parts

  server.get(
    '/api/assets',
    {
      schema: {
        summary: 'Lists assets, filtered and sorted, page by page.',
        tags,
        querystring: z
          .object({
            collection: z.string().optional().describe('Only what lies in this collection (its id).'),
            kind: z.enum(['picture', 'film', 'sound']).optional().describe('Only this kind.'),
            format: z.string().optional().describe('Only this format: jpeg, heic, mp4, …'),
            camera: z.string().optional().describe('Only of this camera model.'),
            takenFrom: z.string().optional().describe('Taken at this time or later, ISO 8601.'),
            takenTo: z.string().optional().describe('Taken before this time, ISO 8601.'),
            minRating: z.coerce.number().int().min(1).max(5).optional().describe('Rated so or better.'),
            text: z.string().optional().describe('Part of the file name, the title or the camera.'),
            sort: z.enum(assetOrders).default('-added').describe('The order; a minus turns it round.'),
            ...paging,
          })
          .strict(),
        response: { 200: listOf(assetSchema) },
      },
    },
    ({ query }) => {
      const { sort, limit, cursor, ...filter } = query
      fromCursor(cursor, z.tuple([z.union([z.string(), z.number()]), z.number().int()]))
      const page = catalog.assets.list(present(filter) as AssetFilter, sort, limit, cursor)
      return { ...page, items: page.items.map((asset) => viewOf(asset, catalog, thumbnails)) }
    },
  )

  server.get(
    '/api/assets/:id',
    {
      schema: {
        summary: 'Tells everything that is known of an asset: facts, places, results, failures.',
        tags,
        params,
        response: {
          200: assetSchema.extend({
            results: z.array(
              z.object({
                operation: z.string(),
                version: z.number().int().describe('Version of the operation that answered.'),
                params: z.record(z.string(), z.unknown()),
                result: z.unknown().describe('As the operation answered.'),
                artifacts: z.array(artifactSchema),
                durationMs: z.number(),
              }),
            ),
            failures: z.array(
              z.object({
                operation: z.string(),
                code: z.string(),
                message: z.string(),
                quarantined: z.boolean(),
                at: z.string().describe('ISO 8601.'),
              }),
            ),
          }),
        },
      },
    },
    (request) => {
      const asset = find(request.params.id)
      return {
        ...viewOf(asset, catalog, thumbnails),
        results: catalog.results.of(asset.id, asset.pixelId).map((stored) => ({
          operation: stored.operation,
          version: stored.version,
          params: JSON.parse(stored.params) as Record<string, unknown>,
          result: stored.result,
          artifacts: stored.artifacts.map(({ id, ...artifact }) => ({
            ...artifact,
            path: artifacts.pathOf(id, artifact.format),
            url: `/api/artifacts/${id}.${artifact.format}`,
          })),
          durationMs: stored.durationMs,
        })),
        failures: catalog.results.failuresOf(asset.id).map(({ operation, code, message, quarantined, at }) => ({
          operation,
          code,
          message,
          quarantined,
          at: new Date(at).toISOString(),
        })),
      }
    },
  )

  server.get(
    '/api/assets/:id/original',
    {
      schema: {
        summary: 'Sends the original file, or a range of it.',
        tags,
        params,
        response: { 200: z.any().describe('The file.'), 206: z.any().describe('The range that was asked for.') },
      },
    },
    (request, reply) => {
      const asset = find(request.params.id)
      const bounds = boundsFor(parts, request)
      const { path, bytes, mtimeMs } = locateAsset(catalog, asset.id, bounds.within)
      reply.cacheStrategy = 'disk'
      return sendFile(request, reply, {
        path,
        mime: mimeOf(asset.format),
        tag: asset.id,
        cacheControl: askAgain,
        ...bounds,
        // Looked at and opened are two moments: what is sent must be what the tag names.
        check: (stats) => {
          if (stats.size !== bytes || Math.abs(stats.mtimeMs - mtimeMs) >= 0.001) throw new MediaError('FILE_CHANGED')
        },
      })
    },
  )

  server.get(
    '/api/assets/:id/thumbnail',
    {
      schema: {
        summary: 'Sends the thumbnail or preview of an asset; it is made when there is none yet.',
        tags,
        params,
        querystring: z
          .object({
            size: z.enum(thumbnailSizes).default('thumbnail').describe('250 pixels, or 1440 for the preview.'),
            v: z.string().optional().describe('Beginning of the id of the picture: with it the answer may be kept.'),
          })
          .strict(),
        response: { 200: z.any().describe('The picture.'), 206: z.any().describe('The range that was asked for.') },
      },
    },
    async (request, reply) => {
      const { size, v } = request.query
      const { id } = request.params
      const known = thumbnails.find(id, size)
      if (known) {
        try {
          return await sender.send(request, reply, known, keptFor(v, known.id))
        } catch (error) {
          if (!(error instanceof MediaError) || error.code !== 'FILE_MISSING') throw error
        }
      }
      const made = await thumbnails.make(find(id).id, size, { signal: signalOf(reply), ...boundsFor(parts, request) })
      reply.code(200)
      return sender.send(request, reply, made, keptFor(v, made.id))
    },
  )

  function find(id: string): Asset {
    const asset = catalog.assets.find(id) ?? catalog.assets.findByPrefix(id)
    if (!asset) throw new MediaError('NOT_FOUND', ['asset', id])
    return asset
  }
}

/** Only the address that names this very picture may be kept for ever: after an update another one may show another. */
const keptFor = (version: string | undefined, id: string): string =>
  version !== undefined && version.length >= 8 && id.startsWith(version) ? forEver : askAgain
