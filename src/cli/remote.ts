import { resolve } from 'node:path'
import { type ErrorCode, errorCodes, errorSaying, MediaError } from '../errors.ts'
import type { Events } from '../events.ts'
import type { Told } from '../executor/worker-io.ts'
import type { JobEnd } from '../jobs/job-end.ts'
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

/** Has the server run an operation; `onProgress` learns meanwhile how far it is. */
export async function runInServer(
  server: ServerAddress,
  path: string,
  body: unknown,
  signal: AbortSignal,
  onProgress: (told: Told) => void,
): Promise<unknown> {
  const response = await request(server, 'POST', path, body, signal, { accept: 'application/x-ndjson' })
  let latest: Told = { fraction: 0 }
  for await (const line of linesOf(response, 'The server went away before it had an answer.')) {
    const { event, at: _, ...fact } = JSON.parse(line) as { event: string; at: string } & Record<string, unknown>
    if (event === 'result') return fact
    if (event === 'task.failed') throw new SaidByServer(fact.code as ErrorCode, String(fact.message))
    const {
      fraction = 0,
      framesPerSecond,
      speed,
      note,
    } = fact as Partial<Record<'fraction' | 'framesPerSecond' | 'speed', number>> & { note?: string }
    if (note !== undefined) {
      onProgress({ ...latest, note })
      continue
    }
    const pace = framesPerSecond === undefined ? {} : { pace: { frames: 0, framesPerSecond, speed: speed ?? 0 } }
    latest = { fraction, ...pace }
    onProgress(latest)
  }
  throw new MediaError('INTERNAL', ['the server closed the connection before it had an answer'])
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
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const response = await fetch(new URL(path, server.url), {
    method,
    headers: {
      ...headers,
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

async function* linesOf(response: Response, gone = jobGoesOn): AsyncGenerator<string> {
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
    throw errorSaying('INTERNAL', gone)
  }
}

const jobGoesOn = 'The server went away. The job goes on when it is started again.'
