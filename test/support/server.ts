import { createServer } from '../../src/http/server.ts'
import { anApp, dataIn } from './app.ts'

/** A real server on a free port of this machine, over real parts; stopped by `await using`. */
export async function aServer(
  folder: string,
  options: { settings?: Record<string, unknown>; token?: string; makeSample?: () => Promise<string> } = {},
) {
  const { settings = {}, ...more } = options
  const app = anApp(dataIn(folder), { 'server.port': 0, ...settings })
  const server = await createServer({ ...app, ...more })
  const url = await server.listen({ host: '127.0.0.1', port: 0 })

  const ask = (path: string, init?: RequestInit) => fetch(url + path, init)
  const tell = (method: string, path: string, body?: unknown) =>
    ask(path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })

  return {
    app,
    server,
    url,
    ask,
    /** Posts JSON. */
    post: (path: string, body?: unknown) => tell('POST', path, body),
    tell,
    /** Imports a folder and waits for its end; answers the last event. */
    async import(path: string): Promise<Record<string, unknown>> {
      const { job } = await (await tell('POST', '/api/bulk-operations/import', { path })).json()
      const lines = (await (await ask(`/api/bulk-operations/jobs/${job}/events`)).text()).trim().split('\n')
      return JSON.parse(lines.at(-1) ?? '{}')
    },
    async [Symbol.asyncDispose]() {
      await app.jobs.close()
      await server.close()
      await app.stop()
    },
  }
}

/** The five headers that stand on every answer. */
export const fiveHeaders = [
  'x-response-time',
  'x-processed-at',
  'x-processing-time',
  'x-memory-delta',
  'x-cache-strategy',
] as const
