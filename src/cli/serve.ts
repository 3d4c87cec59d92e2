import { MediaError } from '../errors.ts'
import { createServer } from '../http/server.ts'
import { clearUploads } from '../http/uploads.ts'
import { makeSample } from '../jobs/sample.ts'
import { openApp } from './open-app.ts'
import { createOutput, exitCodes } from './output.ts'
import type { CommandContext } from './program.ts'
import { announceServer, findServer, makeToken, withdrawServer } from './server-file.ts'

/** How long requests may go on when the server stops. */
const patienceMs = 3000

/** `mediamill serve`: the server, until it is told to stop. */
export async function serve(context: CommandContext): Promise<number> {
  const output = createOutput(context.isJson)
  const { config, app: build } = openApp(context)
  const other = findServer(config.data)
  if (other) throw new MediaError('DATA_IN_USE', [config.data, `with the address ${other.url}`])
  const app = build()
  const token = makeToken()
  const server = await createServer({ ...app, token, makeSample: () => makeSample(config.data) })
  try {
    await app.clearLeftovers()
    await clearUploads(config.data)
    const url = await listen(server, config.server)
    announceServer(config.data, { url, token })
    app.jobs.resumeInterrupted()
    app.keepTidy()
    output.event('server.started', { url })
    output.line(`mediamill serves on ${url}  (documentation: ${url}/docs)`)
    const signal = await stopSignal()
    output.note(`\n${signal}: stopping; jobs go on at the next start.`)
    return exitCodes.done
  } finally {
    withdrawServer(config.data)
    // Jobs first: an open stream of their events would keep the server from closing.
    await app.jobs.close()
    const impatience = setTimeout(() => server.server.closeAllConnections(), patienceMs)
    await server.close()
    clearTimeout(impatience)
    await app.stop()
  }
}

async function listen(
  server: { listen(to: object): Promise<string> },
  to: { host: string; port: number },
): Promise<string> {
  try {
    return await server.listen({ host: to.host, port: to.port })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') throw new MediaError('PORT_IN_USE', [`${to.host}:${to.port}`], { cause: error })
    throw error
  }
}

function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal))
  })
}
