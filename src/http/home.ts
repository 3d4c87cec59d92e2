import { randomBytes } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { MediaError } from '../errors.ts'
import { collectionView } from './collections.ts'
import { failuresPage } from './failures-page.ts'
import { homePage } from './home-page.ts'
import type { JobFeed } from './job-feed.ts'
import { jobView } from './job-view.ts'
import type { HttpParts, Server } from './parts.ts'
import type { Thumbnails } from './thumbnails.ts'

const tags = ['pages']
const html = { produces: ['text/html'], response: { 200: z.string().describe('A page.') } }
const mostFailures = 500

/** The pages for people: what there is, what runs, what failed. They need no other server and no framework. */
export function homeRoutes(
  server: Server,
  parts: HttpParts,
  { thumbnails, feed }: { thumbnails: Thumbnails; feed: JobFeed },
): void {
  const { catalog } = parts

  server.get(
    '/',
    { schema: { summary: 'The first page: collections, running jobs, import.', tags, ...html } },
    async (_, reply) => {
      const nonce = protect(reply)
      const collections = catalog.collections.summaries().map((one) => collectionView(one, parts, thumbnails))
      const jobs = catalog.ledger.open().map((row) => jobView(row, parts, feed))
      return reply.send(homePage({ collections, jobs, nonce, canMakeSample: parts.makeSample !== undefined }))
    },
  )

  server.get(
    '/collections/:id/failures',
    {
      schema: {
        summary: 'The failed files of a collection with their reasons, for people.',
        tags,
        params: z.object({ id: z.string().describe('Id of the collection.') }),
        ...html,
      },
    },
    async (request, reply) => {
      const collection = catalog.collections.summary(request.params.id)
      if (!collection) throw new MediaError('NOT_FOUND', ['collection', request.params.id])
      const nonce = protect(reply)
      return reply.send(failuresPage(collection, catalog.locations.failed(collection.id, mostFailures), nonce))
    },
  )
}

/** Only what carries the nonce runs, so that a file name full of markup stays a name, even if escaping had a hole. */
function protect(reply: FastifyReply): string {
  const nonce = randomBytes(16).toString('base64url')
  reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .header(
      'content-security-policy',
      `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    )
  return nonce
}
