import { getHeapStatistics } from 'node:v8'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Server } from './parts.ts'

/**
 * Where an answer came from. `hit`: a remembered result; `miss`: made for this request; `memory` and `disk`: a file
 * that never changes; `revalidated`: the client has it already; `none`: nothing that is remembered.
 */
export type CacheStrategy = 'hit' | 'miss' | 'memory' | 'disk' | 'revalidated' | 'none'

declare module 'fastify' {
  interface FastifyReply {
    /** Told by the handler, for the header X-Cache-Strategy and the metrics. */
    cacheStrategy: CacheStrategy
  }
  interface FastifyRequest {
    /** Heap in use when the request came. */
    heapBefore: number
    /** When its handler began, by `reply.elapsedTime`; undefined before. */
    handledAt: number | undefined
    /** Bytes written on its connection before it. */
    writtenBefore: number
  }
}

/** The one place where requests are measured: five headers on every answer, and the metrics. */
export function measure(server: Server, metrics: Metrics): void {
  server.decorateReply('cacheStrategy', 'none')
  server.decorateRequest('heapBefore', 0)
  server.decorateRequest('handledAt', undefined)
  server.decorateRequest('writtenBefore', 0)

  server.addHook('onRequest', (request, _reply, done) => {
    request.heapBefore = heapInUse()
    request.writtenBefore = request.socket.bytesWritten ?? 0
    done()
  })
  server.addHook('preHandler', (request, reply, done) => {
    request.handledAt = reply.elapsedTime
    done()
  })
  server.addHook('onSend', (request, reply, payload, done) => {
    stamp(request, reply)
    done(null, payload)
  })
  server.addHook('onResponse', (request, reply, done) => {
    metrics.request({
      method: request.method,
      // The pattern, never the address: one series per asset would fill the memory.
      route: request.routeOptions.url ?? 'unknown',
      status: reply.statusCode,
      cache: reply.cacheStrategy,
      seconds: reply.elapsedTime / 1000,
      bytes: Math.max(0, (request.socket.bytesWritten ?? 0) - request.writtenBefore),
    })
    done()
  })
}

function stamp(request: FastifyRequest, reply: FastifyReply): void {
  const elapsed = reply.elapsedTime
  if (reply.statusCode === 304) reply.cacheStrategy = 'revalidated'
  reply.header('x-response-time', milliseconds(elapsed))
  reply.header('x-processed-at', new Date().toISOString())
  reply.header('x-processing-time', milliseconds(request.handledAt === undefined ? 0 : elapsed - request.handledAt))
  reply.header('x-memory-delta', String(heapInUse() - request.heapBefore))
  reply.header('x-cache-strategy', reply.cacheStrategy)
}

/** The five headers for answers that pass no hook: to what can not be read as a request of ours. */
export const bareStamp = (): Readonly<Record<string, string>> => ({
  'X-Response-Time': milliseconds(0),
  'X-Processed-At': new Date().toISOString(),
  'X-Processing-Time': milliseconds(0),
  'X-Memory-Delta': '0',
  'X-Cache-Strategy': 'none',
})

const milliseconds = (value: number): string => `${value.toFixed(2)}ms`

/** Costs half a microsecond; process.memoryUsage() would cost ten and read a file. */
const heapInUse = (): number => getHeapStatistics().used_heap_size
