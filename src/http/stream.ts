import { stat } from 'node:fs/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Asset } from '../catalog/assets.ts'
import type { ArtifactRef } from '../catalog/results.ts'
import { MediaError } from '../errors.ts'
import { askAgain, sendFile } from './files.ts'
import { signalOf } from './operations.ts'
import type { HttpParts, Server } from './parts.ts'
import { type StreamPatience, StreamRuns } from './stream-runs.ts'

const mimes = { m3u8: 'application/vnd.apple.mpegurl', mp4: 'video/mp4' } as const

/** A plain name without a path; what is asked for comes from outside. */
const names = /^[a-z0-9][a-z0-9-]{0,40}\.(m3u8|mp4)$/

/** Films for players, as HLS: from the package that is remembered, else from the one that is being made. */
export function streamRoutes(server: Server, parts: HttpParts, patience?: StreamPatience): void {
  const { catalog, artifacts } = parts
  const runs = new StreamRuns(parts, patience)
  server.addHook('preClose', () => runs.close())

  server.get(
    '/api/assets/:id/stream/:name',
    {
      schema: {
        summary: 'Streams a film as HLS; players begin with master.m3u8.',
        description:
          'Playing begins with the first segment, while the rest is still encoded: then playlists grow, and players come back for them. All viewers share one encode. It is given up when nobody has asked for anything for half a minute; 429 says that too many films are being encoded.',
        tags: ['assets'],
        params: z.object({
          id: z.string().describe('Id of the asset, or its unique beginning.'),
          name: z.string().describe('`master.m3u8`, or what the playlists name.'),
        }),
        response: { 200: z.any().describe('The file.'), 206: z.any().describe('The range that was asked for.') },
      },
    },
    async (request, reply) => {
      const { id, name } = request.params
      const ending = names.exec(name)?.[1]
      if (ending !== 'm3u8' && ending !== 'mp4') throw new MediaError('NOT_FOUND', ['file of the stream', name])
      const asset = catalog.assets.find(id) ?? catalog.assets.findByPrefix(id)
      if (!asset) throw new MediaError('NOT_FOUND', ['asset', id])
      return await send(asset, { name, mime: mimes[ending] }, request, reply)
    },
  )

  async function send(asset: Asset, file: Named, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const finished = await runs.finished(asset)
    if (finished) {
      try {
        return await sendKept(finished, file, request, reply)
      } catch (error) {
        if (!isGone(error)) throw error
        // Whoever tidied up took it; it is made again.
        runs.forget(asset.id)
      }
    }
    const run = runs.of(asset)
    const path = await run.growing(file.name, signalOf(reply))
    if (path !== undefined) {
      try {
        return await sendGrowing(path, file, request, reply)
      } catch (error) {
        // The package was completed, and its folder removed, a moment ago.
        if (!isGone(error)) throw error
      }
    } else if (!run.isOver) throw new MediaError('NOT_FOUND', ['file of the stream', file.name])
    return await sendKept(await run.files, file, request, reply)
  }

  function sendKept(
    files: readonly ArtifactRef[],
    { name, mime }: Named,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const found = files.find((file) => file.name === name)
    if (!found) throw new MediaError('NOT_FOUND', ['file of the stream', name])
    reply.code(200).cacheStrategy = 'disk'
    const path = artifacts.pathOf(found.id, found.format)
    return sendFile(request, reply, { path, mime, tag: found.id, cacheControl: askAgain })
  }
}

interface Named {
  readonly name: string
  readonly mime: string
}

async function sendGrowing(
  path: string,
  { mime }: Named,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  reply.cacheStrategy = 'miss'
  const { size, mtimeMs } = await stat(path).catch((cause: unknown) => {
    throw new MediaError('FILE_MISSING', [path], { cause })
  })
  return await sendFile(request, reply, { path, mime, tag: `${size}-${mtimeMs}`, cacheControl: 'no-store' })
}

const isGone = (error: unknown): boolean => error instanceof MediaError && error.code === 'FILE_MISSING'
