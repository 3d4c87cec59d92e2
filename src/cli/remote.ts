import { resolve } from 'node:path'
import { type ErrorCode, errorCodes, errorSaying, MediaError } from '../errors.ts'
import type { Events } from '../events.ts'
import type { JobEnd } from '../jobs/engine.ts'
import type { JobView } from './job-view.ts'
import { exitCodes } from './output.ts'
import type { ServerAddress } from './server-file.ts'

/** Asks the server and gives its JSON answer; a problem is thrown as the MediaError that the server met. */
export async function askServer(
  server: ServerAddress,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<unknown> {
  const response = await request(server, method, path, body, signal)
  return response.json()
}

/** Imports a folder in the server, and shows it as if it ran here. */
export async function importRemotely(
  server: ServerAddress,
  folder: string,
  options: { retryFailed: boolean },
  view: JobView,
): Promise<number> {
  return followRemotely(server, '/api/bulk-operations/import', { path: resolve(folder), ...options }, view)
}

/** Starts a job in the server by a request that answers 202, and shows it as if it ran here; answers the exit code. */
export async function followRemotely(
  server: ServerAddress,
  path: string,
  body: object,
  view: JobView,
): Promise<number> {
  const { job } = (await askServer(server, 'POST', path, body)) as { job: string }
  const leave = () => {
    view.end()
    view.note(`The job goes on in the server. To stop it:  mediamill jobs pause ${job}`)
    process.exit(exitCodes.interrupted)
  }
  process.on('SIGINT', leave)
  try {
    const response = await request(server, 'GET', `/api/bulk-operations/jobs/${job}/events`)
    for await (const line of linesOf(response)) {
      const { event: told, at, ...fact } = JSON.parse(line) as { event: string; at: string }
      const event = (told === 'result' ? 'task.finished' : told) as keyof Events
      view.take(event, fact as never)
      if (event === 'job.paused') {
        view.end()
        view.note(`The job was paused. To go on with it:  mediamill jobs resume ${job}`)
        return exitCodes.interrupted
      }
      if (event === 'job.finished') {
        const { error } = (await askServer(server, 'GET', `/api/bulk-operations/jobs/${job}`)) as { error?: string }
        if (error) throw errorSaying('INTERNAL', error)
        return view.finish(fact as unknown as JobEnd)
      }
    }
    throw new MediaError('INTERNAL', ['the server closed the connection before the job ended'])
  } finally {
    process.off('SIGINT', leave)
  }
}

async function request(
  server: ServerAddress,
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<Response> {
  const response = await fetch(new URL(path, server.url), {
    method,
    headers: {
      'x-mediamill-token': server.token,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  })
  if (response.ok) return response
  const problem = (await response.json().catch(() => ({}))) as { code?: string; detail?: string }
  const code = errorCodes.find((known) => known === problem.code) ?? ('INTERNAL' satisfies ErrorCode)
  throw new SaidByServer(code, problem.detail ?? `the server answered ${response.status}`)
}

/** An error in the server's own words. */
class SaidByServer extends MediaError {
  constructor(code: ErrorCode, sentence: string) {
    super(code)
    this.message = sentence
  }
}

async function* linesOf(response: Response): AsyncGenerator<string> {
  let rest = ''
  const decoder = new TextDecoder()
  try {
    for await (const chunk of response.body ?? []) {
      rest += decoder.decode(chunk, { stream: true })
      const lines = rest.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line !== '') yield line
    }
  } catch {
    throw errorSaying('INTERNAL', 'The server went away. The job goes on when it is started again.')
  }
}
