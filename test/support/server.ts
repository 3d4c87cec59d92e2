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
    /** Imports a folder and waits for its end; answers the last event. */
    import: importing,
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
