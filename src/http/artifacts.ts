import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ArtifactStore } from '../cache/artifacts.ts'
import { describe, forEver, isKnown, mimeOf, sendFile } from './files.ts'
import type { HttpParts, Server } from './parts.ts'
import { PictureMemory } from './picture-memory.ts'

/** A file of the artifact store, as much of it as is needed to send it. */
export interface SendableArtifact {
  readonly id: string
  readonly format: string
  /** Absent when it is not known; the file tells. */
  readonly bytes?: number
}

/** Sends files of the artifact store: small ones from memory, large ones and ranges as streams. */
export class ArtifactSender {
  readonly #store: ArtifactStore
  readonly #memory: PictureMemory

  constructor(store: ArtifactStore, memoryBytes: number) {
    this.#store = store
    this.#memory = new PictureMemory(memoryBytes)
  }

  /** Sends an artifact. Throws FILE_MISSING when it is not there any more. */
  async send(
    request: FastifyRequest,
    reply: FastifyReply,
    { id, format, bytes }: SendableArtifact,
    cacheControl: string,
  ): Promise<FastifyReply> {
    const path = this.#store.pathOf(id, format)
    const file = { path, mime: mimeOf(format), tag: id, cacheControl }
    const isSmall = bytes !== undefined && this.#memory.takes(bytes)
    if (request.headers.range !== undefined || !isSmall || isKnown(request, id)) {
      reply.cacheStrategy = 'disk'
      return sendFile(request, reply, file)
    }
    let content = this.#memory.find(id)
    reply.cacheStrategy = content ? 'memory' : 'disk'
    try {
      content ??= await this.#memory.read(id, path)
    } catch {
      // Tells in our words what is wrong with it.
      return sendFile(request, reply, file)
    }
    describe(reply, file)
    return reply.send(content)
  }
}

/** Files that operations made, by their content: `/api/artifacts/<id>.<format>`. */
export function artifactRoutes(server: Server, _parts: HttpParts, sender: ArtifactSender): void {
  server.get(
    '/api/artifacts/:id.:format',
    {
      schema: {
        summary: 'Sends a file that an operation made; it never changes.',
        tags: ['artifacts'],
        params: z.object({
          id: z.string().describe('SHA-256 of the content in hex.'),
          format: z.string().describe('The format, as the operation named it.'),
        }),
        response: { 200: z.any().describe('The file.') },
      },
    },
    (request, reply) => sender.send(request, reply, request.params, forEver),
  )
}
