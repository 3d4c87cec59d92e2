import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'
import { createServer } from '../../src/http/server.ts'
import { anApp, dataIn } from './app.ts'

/** An answer whose shape the test checks by looking into it. */
// biome-ignore lint/suspicious/noExplicitAny: what comes over the wire has no type until a test has looked at it.
export type Json = any

/** The body of an answer. */
export const json = (response: Response): Promise<Json> => response.json()

/** A real server on a free port of this machine, over real parts; stopped by `await using`. */
export async function aServer(
  folder: string,
  options: {
    settings?: Record<string, unknown>
    token?: string
    makeSample?: () => Promise<string>
    operationsUrl?: string
  } = {},
) {
  const { settings = {}, operationsUrl, ...more } = options
  const app = anApp(dataIn(folder), { 'server.port': 0, ...settings }, operationsUrl)
  const server = await createServer({ ...app, ...more })
  const url = await server.listen({ host: '127.0.0.1', port: 0 })

  const ask = (path: string, init?: RequestInit) => fetch(url + path, init)
  const tell = (method: string, path: string, body?: unknown) =>
    ask(path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })

  const importing = async (path: string): Promise<Json> => {
    const { job } = await json(await tell('POST', '/api/bulk-operations/import', { path }))
    const lines = (await (await ask(`/api/bulk-operations/jobs/${job}/events`)).text()).trim().split('\n')
    return JSON.parse(lines.at(-1) ?? '{}')
  }

  return {
    app,
    server,
    url,
    ask,
    /** Posts JSON. */
    post: (path: string, body?: unknown) => tell('POST', path, body),
    tell,
    /** Gets a JSON answer, whatever its status. */
    get: async (path: string): Promise<Json> => json(await ask(path)),
    /** A request as it is given: `fetch` would tidy up addresses and refuse headers. */
    raw: (method: string, path: string, headers: OutgoingHttpHeaders = {}, body?: string) =>
      rawRequest(url, method, path, headers, body),
    /** Posts a form; values that are no texts are files. */
    form: (path: string, fields: Record<string, string | File>, init: RequestInit = {}) => {
      const body = new FormData()
      for (const [name, value] of Object.entries(fields)) body.append(name, value)
      return ask(path, { ...init, method: 'POST', body })
    },
    /** Imports a folder and waits for its end; answers the last event. */
    import: importing,
    async [Symbol.asyncDispose]() {
      await app.jobs.close()
      await server.close()
      await app.stop()
    },
  }
}

interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

function rawRequest(url: string, method: string, path: string, headers: OutgoingHttpHeaders, body?: string) {
  const { hostname, port } = new URL(url)
  return new Promise<RawAnswer>((resolve, reject) => {
    const asked = request({ host: hostname, port, method, path, headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
      response.on('error', reject)
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

/** Resolves once something holds; the test's own timeout is the limit. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20))
}

/** The five headers that stand on every answer. */
export const fiveHeaders = [
  'x-response-time',
  'x-processed-at',
  'x-processing-time',
  'x-memory-delta',
  'x-cache-strategy',
] as const
