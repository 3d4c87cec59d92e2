import type { Socket } from 'node:net'
import multipart from '@fastify/multipart'
import swagger from '@fastify/swagger'
import fastify, { type RouteOptions } from 'fastify'
import { validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { createMetrics } from '../telemetry/metrics.ts'
import { ArtifactSender, artifactRoutes } from './artifacts.ts'
import { assetRoutes } from './assets.ts'
import { collectionRoutes } from './collections.ts'
import { distinctRoutes } from './distinct.ts'
import { docsRoutes } from './docs.ts'
import { assertLoopback, guard } from './guard.ts'
import { homeRoutes } from './home.ts'
import { JobFeed } from './job-feed.ts'
import { jobRoutes } from './jobs.ts'
import { bareStamp, measure } from './measure.ts'
import { documentOptions } from './openapi.ts'
import { operationRoutes } from './operations.ts'
import type { HttpParts, Server } from './parts.ts'
import { problemSchema, sendProblem } from './reply.ts'
import { runRoutes } from './runs.ts'
import { streamRoutes } from './stream.ts'
import { systemRoutes } from './system.ts'
import { Thumbnails } from './thumbnails.ts'
import { missing, RouteBook } from './unknown-routes.ts'

/** Small enough that no request fills the memory; files come as forms, which are not held to it. */
const bodyLimit = 1024 * 1024

/** Builds the server with all its doors; it listens when it is told to. Throws CONFIG_INVALID for a public address. */
export async function createServer(parts: HttpParts): Promise<Server> {
  assertLoopback(parts.config.server)
  const { log, events, executor, catalog, config } = parts

  const server: Server = fastify({
    bodyLimit,
    // What reaches no hook and no handler still gets a problem and its headers.
    frameworkErrors: (error, request, reply) => {
      reply.headers(bareStamp())
      sendProblem(error, request, reply, log)
    },
    clientErrorHandler: refuseNoise,
    routerOptions: { maxParamLength: 512 },
    // Node would refuse requests without a host by itself, with a bare line; the guard does it in our words.
    http: { requireHostHeader: false },
  }).withTypeProvider<ZodTypeProvider>()
  // It would also refuse whatever is expected of it besides `100-continue`, which a server may as well pass over (RFC 9110).
  server.server.on('checkExpectation', (request, response) => server.server.emit('request', request, response))

  const metrics = createMetrics(events, {
    workers: () => {
      const busy = executor.pool.workers().filter(({ path }) => path !== undefined).length
      return { size: executor.pool.size, busy, waiting: executor.pool.waiting }
    },
    admission: () => executor.admission,
    openJobs: () => catalog.ledger.open().length,
  })
  const feed = new JobFeed(events, (job) => catalog.ledger.find(job))
  const thumbnails = new Thumbnails(parts)
  const sender = new ArtifactSender(parts.artifacts, config.server.pictureBytes)
  const book = new RouteBook()

  server.setValidatorCompiler(validatorCompiler)
  // The contract tests hold answers to their schemas; checking each again while serving would cost more than most handlers.
  server.setSerializerCompiler(() => (data) => JSON.stringify(data))
  server.removeContentTypeParser('text/plain')
  server.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, log))
  server.addHook('onRoute', addProblem)
  server.addHook('onRoute', (route) => book.add(route))
  // Measured first, so that refusals are measured too.
  measure(server, metrics)
  guard(server)
  server.setNotFoundHandler((request) => {
    throw missing(request, book)
  })
  await server.register(multipart, { throwFileSizeLimit: false })
  await server.register(swagger, documentOptions(config.server))

  homeRoutes(server, parts, { thumbnails, feed })
  operationRoutes(server, parts)
  assetRoutes(server, parts, { thumbnails, sender })
  streamRoutes(server, parts)
  artifactRoutes(server, parts, sender)
  collectionRoutes(server, parts, thumbnails)
  jobRoutes(server, parts, feed)
  runRoutes(server, parts)
  distinctRoutes(server, parts)
  systemRoutes(server, parts, metrics)
  docsRoutes(server, parts)

  server.addHook('preClose', (done) => {
    feed.close()
    done()
  })
  server.addHook('onClose', (_, done) => {
    metrics.close()
    done()
  })
  return server
}

/** Every route may answer with a problem, and its documentation says so. */
function addProblem(route: RouteOptions): void {
  const schema = route.schema as { response?: Record<string, unknown> } | undefined
  if (!schema?.response) return
  schema.response = {
    ...schema.response,
    '4xx': { description: 'What went wrong.', content: { 'application/problem+json': { schema: problemSchema } } },
  }
}

/** Answers what is no HTTP; there is no request to reply to, only a socket. */
function refuseNoise(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const body = JSON.stringify({
    type: '/docs/errors#request-invalid',
    title: 'Request invalid',
    status: 400,
    detail: 'The request can not be read: it is no HTTP.',
    code: 'REQUEST_INVALID',
  })
  const headers = { 'Content-Type': 'application/problem+json', 'Content-Length': Buffer.byteLength(body) }
  const lines = Object.entries({ ...headers, ...bareStamp(), Connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}`,
  )
  socket.end(`HTTP/1.1 400 Bad Request\r\n${lines.join('\r\n')}\r\n\r\n${body}`)
}
