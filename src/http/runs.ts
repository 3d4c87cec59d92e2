import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { AssetFilter } from '../catalog/assets.ts'
import type { Selection } from '../catalog/selections.ts'
import { MediaError } from '../errors.ts'
import type { RunningJob } from '../jobs/engine.ts'
import { findNamedCollection } from '../jobs/named-collection.ts'
import type { CollectionOperation } from '../operations/collection-operation.ts'
import { collectionOperations, findCollectionOperation, operationsNamed } from '../operations/index.ts'
import type { OperationGroup } from '../operations/operation.ts'
import { sentencesOf } from '../operations/parameter-errors.ts'
import { artifactSchema, withUrls } from './artifact-view.ts'
import { present } from './asset-view.ts'
import { allowedParams, boundsFor } from './other-files.ts'
import type { HttpParts, Server } from './parts.ts'

/** The answer of whatever starts a bulk run. */
export const runStarted = z.object({
  job: z.string().describe('Its id; its address is in the header Location.'),
  operation: z.string().describe('What is run.'),
  collection: z.string().nullable().describe('Over which collection; null for single assets.'),
})

const collectionField = z
  .string()
  .min(1)
  .describe('Id of a collection, or the absolute path of its folder or of one inside it.')

const filter = z
  .object({
    kind: z.enum(['picture', 'film', 'sound']).optional().describe('Only this kind.'),
    format: z.string().optional().describe('Only this format: jpeg, heic, mp4, …'),
    camera: z.string().optional().describe('Only of this camera model.'),
    takenFrom: z.string().optional().describe('Taken at this time or later, ISO 8601.'),
    takenTo: z.string().optional().describe('Taken before this time, ISO 8601.'),
    minRating: z.number().int().min(1).max(5).optional().describe('Rated so or better.'),
    text: z.string().optional().describe('Part of the file name, the title or the camera.'),
  })
  .strict()

/** Operations over many files, and on whole collections. */
export function runRoutes(server: Server, parts: HttpParts): void {
  server.post(
    '/api/bulk-operations/run',
    {
      schema: {
        summary: 'Runs any operation over a selection of files, as a job.',
        description:
          "Besides the fields below it takes the operation's own parameters, flat. The answers are told by the job's events and remembered with each asset.",
        tags: ['bulk-operations'],
        body: z
          .object({
            operation: z.string().min(1).describe('Its name.'),
            collection: collectionField.optional().describe('Over a collection, or a folder inside one.'),
            assets: z
              .array(z.string().min(1))
              .min(1)
              .max(10_000)
              .optional()
              .describe('Over these assets, by their ids.'),
            where: filter.optional().describe('Only those of them.'),
          })
          .catchall(z.unknown()),
        response: { 202: runStarted },
      },
    },
    async (request, reply) => {
      const { operation, collection, assets, where, ...params } = request.body
      const selection = {
        ...(collection === undefined ? {} : selectionOf(parts, collection)),
        ...(assets ? { assets: assets.map((asset) => wholeId(parts, asset)) } : {}),
        ...(where ? { filter: present(where) as Omit<AssetFilter, 'collection'> } : {}),
      }
      if (collection === undefined && !assets) {
        throw new MediaError('PARAMS_INVALID', ['Expected "collection" or "assets", to say which files.'])
      }
      return start(parts, { operation, params }, selection, request, reply)
    },
  )

  for (const operation of collectionOperations) collectionRoute(server, parts, operation)
}

function collectionRoute(server: Server, parts: HttpParts, operation: CollectionOperation): void {
  const { name, group, summary, params, result } = operation
  const body = params.safeExtend({ collection: collectionField }).strict()
  server.post(
    `/api/${group}/${name}`,
    {
      validatorCompiler: () => (value) => ({ value }),
      schema: {
        summary: name,
        description: `${summary}\n\nWorks on a collection as a job, and answers when it has ended; with the header \`Prefer: respond-async\` at once, with 202 and the job.`,
        tags: [group],
        body,
        response: {
          200: z.object({
            operation: z.string(),
            path: z.string().describe('The folder of the collection, absolute.'),
            collection: z.string().describe('Its id.'),
            job: z.string().describe('The job that did it.'),
            cached: z.boolean().describe('True when nothing has changed since it was answered before.'),
            durationMs: z.number().describe('How long it took.'),
            result: result.describe('The answer of the operation itself.'),
            artifacts: z.array(artifactSchema).describe('Files that it made.'),
          }),
          202: runStarted,
        },
      },
    },
    async (request, reply) => {
      const parsed = body.safeParse(request.body ?? {})
      if (!parsed.success) {
        const { error } = parsed
        throw new MediaError('PARAMS_INVALID', [sentencesOf(error, body, request.body)], { cause: error })
      }
      const { collection, ...given } = parsed.data as { collection: string } & Record<string, unknown>
      const selection = selectionOf(parts, collection)
      if (prefersAsync(request)) return start(parts, { operation: name, params: given }, selection, request, reply)
      const startedAt = performance.now()
      const bounds = boundsFor(parts, request)
      const { job, ended } = await parts.jobs.startRun({ operation: name, params: given, selection, ...bounds })
      const { state, error } = await ended
      if (error) throw error
      const answer = parts.jobs.find(job.id).result as { cached: boolean; result: unknown; artifacts: [] } | null
      if (state !== 'finished' || !answer) throw new MediaError('CANCELLED')
      const { root: path, id } = findNamedCollection(parts.catalog, collection).collection
      const durationMs = Math.round(performance.now() - startedAt)
      reply.cacheStrategy = answer.cached ? 'hit' : 'miss'
      return { operation: name, path, collection: id, job: job.id, ...withUrls({ ...answer, durationMs }) }
    },
  )
}

/** Starts a run and answers 202. Other files that the parameters name must be allowed. */
export async function start(
  parts: HttpParts,
  asked: { operation: string; group?: OperationGroup; params: Record<string, unknown> },
  selection: Selection,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const { operation, group } = asked
  const named = operationsNamed(operation).filter((one) => group === undefined || one.group === group)
  const params = findCollectionOperation(operation)
    ? asked.params
    : await allowedParams(parts, named, asked.params, request)
  const running: RunningJob = await parts.jobs.startRun({ ...asked, params, selection, ...boundsFor(parts, request) })
  reply.code(202).header('location', `/api/bulk-operations/jobs/${running.job.id}`)
  return { job: running.job.id, operation, collection: running.collection?.id ?? null }
}

/** Whether a client would rather have a job than wait (RFC 7240). */
export const prefersAsync = ({ headers }: FastifyRequest): boolean =>
  /(^|[\s,;])respond-async($|[\s,;])/i.test(String(headers.prefer ?? ''))

/** The selection of a collection by its id or by a folder. Throws NOT_FOUND. */
export function selectionOf({ catalog }: HttpParts, named: string): Selection {
  const { collection, folder } = findNamedCollection(catalog, named)
  return { collection: collection.id, ...(folder === undefined ? {} : { folder }) }
}

/** The whole id of an asset that is named by its unique beginning. Throws NOT_FOUND. */
export function wholeId({ catalog }: HttpParts, named: string): string {
  const asset = catalog.assets.find(named) ?? catalog.assets.findByPrefix(named)
  if (!asset) throw new MediaError('NOT_FOUND', ['asset', named])
  return asset.id
}
