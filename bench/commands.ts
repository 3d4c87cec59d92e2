import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** How a command went. */
export interface Ended {
  readonly stdout: string
  /** From before its start until after its end. */
  readonly wholeMs: number
  /** Most memory that the process itself held, without its children; 0 where the system does not tell. */
  readonly peakBytes: number
}

/** How many commands run side by side: as many as there are cores. */
export const cores = availableParallelism()

/** A file of this repository, by its path from the top. */
export const inRepository = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** Runs a command to its end; rejects, with the end of what it said, when that is not success. */
export function run(
  command: string,
  args: readonly string[],
  options: { env?: Record<string, string>; input?: string } = {},
): Promise<Ended> {
  const { promise, resolve, reject } = Promise.withResolvers<Ended>()
  const startedAt = performance.now()
  const child = spawn(command, args, { env: { ...environment(), ...options.env } })
  running.add(child)
  let [stdout, stderr, peakBytes] = ['', '', 0]
  const watch = setInterval(() => {
    peakBytes = Math.max(peakBytes, peakOf(child.pid))
  }, 50)
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr = (stderr + chunk).slice(-4000)
  })
  child.on('error', reject)
  child.on('close', (code, signal) => {
    clearInterval(watch)
    running.delete(child)
    if (code === 0) resolve({ stdout, wholeMs: performance.now() - startedAt, peakBytes })
    else
      reject(
        new Error(
          `${command} ${args.join(' ').slice(0, 200)} ended with ${signal ?? code}: ${stderr}${stdout.slice(-1000)}`,
        ),
      )
  })
  child.stdin.end(options.input ?? '')
  return promise
}

const running = new Set<ChildProcess>()

/** Ends the commands that run, at once: for a bench that is interrupted. */
export function killRunning(): void {
  for (const child of running) child.kill('SIGKILL')
}

/** Runs a line of shell once for each path, as `$1`, so many at once. */
export function eachWithShell(
  line: string,
  paths: readonly string[],
  options: { parallel: number; env?: Record<string, string> },
): Promise<Ended> {
  const input = paths.map((path) => `${path}\0`).join('')
  const { parallel, ...rest } = options
  return run('xargs', ['-0', '-n', '1', '-P', String(parallel), 'sh', '-c', line, 'sh'], { ...rest, input })
}

/** The first of these programs that is installed; undefined when none is. */
export function findProgram(...names: readonly string[]): string | undefined {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? '').split(delimiter)) {
      try {
        accessSync(join(folder, name), constants.X_OK)
        return name
      } catch {
        // Not in this folder.
      }
    }
  }
  return undefined
}

/** Without what would change mediamill's own settings. */
const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('MEDIAMILL_')))

function peakOf(pid: number | undefined): number {
  try {
    const [, kiB] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kiB ?? 0) * 1024
  } catch {
    return 0
  }
}
