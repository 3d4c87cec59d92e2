import { timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { MediaError } from '../errors.ts'
import type { Server } from './parts.ts'
import type { ServerSettings } from './settings.ts'

/** Refuses to be reachable from other machines: there are no API keys yet that could tell who may come in. */
export function assertLoopback({ host }: ServerSettings): void {
  if (isLoopback(host)) return
  const wanted = 'an address of this machine alone (127.0.0.1, ::1 or localhost) as long as there are no API keys'
  throw new MediaError('CONFIG_INVALID', ['server.host', wanted, 'the configuration', `"${host}"`])
}

/**
 * Keeps web pages from reaching this server through their reader's browser: under a foreign name (DNS rebinding), and by
 * requests across sites that change something. Programs that are no browsers notice nothing of it.
 */
export function guard(server: Server): void {
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-content-type-options', 'nosniff')
    reply.header('cross-origin-resource-policy', 'same-origin')
    reply.header('referrer-policy', 'no-referrer')
    done(refusalOf(request))
  })
}

/** Whether a request carries the secret of this server's own commands. */
export function isTrusted(request: FastifyRequest, token: string | undefined): boolean {
  const given = request.headers['x-mediamill-token']
  if (token === undefined || typeof given !== 'string') return false
  // As bytes, which is what the comparison insists on having equally many of.
  const [theirs, ours] = [Buffer.from(given), Buffer.from(token)]
  return theirs.length === ours.length && timingSafeEqual(theirs, ours)
}

function refusalOf({ headers, method }: FastifyRequest): MediaError | undefined {
  const host = headers.host ?? ''
  if (!isLoopback(nameOf(host))) return new MediaError('HOST_FORBIDDEN', [host])
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return undefined
  const { origin } = headers
  const isForeign = origin !== undefined && origin !== `http://${host}`
  if (isForeign || headers['sec-fetch-site'] === 'cross-site') {
    return new MediaError('ORIGIN_FORBIDDEN', [origin ?? 'another site'])
  }
  return undefined
}

/** The name in a Host header, without port and brackets. */
const nameOf = (host: string): string =>
  host
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase()

const isLoopback = (name: string): boolean =>
  name === 'localhost' || name.endsWith('.localhost') || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name)
