import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { getCompileCacheDir } from 'node:module'
import { fileURLToPath } from 'node:url'
import { MediaError } from '../errors.ts'
import type { Answers, FromWorker, Request, SentError, ToWorker } from './protocol.ts'
import { workerEnvironment } from './settings.ts'
import type { Told } from './worker-io.ts'

/** Why a worker process ended while it held a file. */
export type Death =
  | { readonly kind: 'crash'; readonly signal: string }
  | { readonly kind: 'timeout'; readonly limitMs: number }
  | { readonly kind: 'memory'; readonly limitBytes: number }

/** Rejects a request whose worker died of it; names the reason so that the file can be tried alone or quarantined. */
export class WorkerDied extends Error {
  override readonly name = 'WorkerDied'
  readonly death: Death

  constructor(death: Death) {
    super(`the worker died: ${death.kind}`)
    this.death = death
  }
}

/** Limits of one request. */
export interface RequestLimits {
  readonly timeoutMs: number
  readonly memoryBytes: number
  readonly signal?: AbortSignal
  readonly onProgress?: (told: Told) => void
}

interface Pending {
  readonly resolve: (answer: never) => void
  readonly reject: (error: unknown) => void
  readonly limits: RequestLimits
  /** When it began, or last got on. */
  startedAt: number
  /** How far it was then, 0–1, and after how many frames of a film. */
  fraction: number
  frames: number
}

/** How often limits are looked at: short enough that a runaway decoder can't fill the machine meanwhile. */
const watchMs = 100
/** After a polite cancel, a native call that does not come back is ended by force. */
const cancelGraceMs = 800

const script = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './worker-main.ts' : './worker-main.js', import.meta.url),
)

/** One supervised child process that handles one request at a time. */
export class WorkerProcess {
  readonly #child: ChildProcess
  readonly #watch: NodeJS.Timeout
  #pending: Pending | undefined
  #nextId = 1
  #death: Death | undefined
  #exited = false
  #isKilled = false
  #suspendedAt: number | undefined
  #resident = { bytes: 0, lookedAt: Number.NEGATIVE_INFINITY }
  #stderr = ''
  /** Whether it has a file open, as its last answer said: whatever file that is. */
  isFileOpen = false
  /** Requests of files handled, for recycling by age. */
  files = 0
  /** Resolves once the worker can take work; rejects when it could not start. */
  readonly ready: Promise<void>
  /** Resolves when the process is no more. */
  readonly gone: Promise<void>

  constructor(artifactFolder: string, operationsUrl: string, onExit: (worker: WorkerProcess, reason: string) => void) {
    this.#child = fork(script, [artifactFolder, operationsUrl], {
      // Who sets one of these for the whole program knows why.
      env: { ...workerEnvironment(), ...process.env, ...compileCache() },
      execArgv: ['--disable-warning=ExperimentalWarning'],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    // Only the end is kept: decoders can print without bound.
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-2000)
    })
    const { promise: gone, resolve: go } = Promise.withResolvers<void>()
    this.gone = gone
    const end = (reason: string, reject: (error: Error) => void) => {
      if (this.#exited) return
      this.#exited = true
      clearInterval(this.#watch)
      const death = this.#death ?? { kind: 'crash' as const, signal: reason }
      reject(new Error(`a worker could not start (${reason}): ${this.#stderr.trim()}`))
      this.#settle((pending) => pending.reject(new WorkerDied(death)))
      onExit(this, this.#death?.kind ?? reason)
      go()
    }
    this.ready = new Promise((resolve, reject) => {
      this.#child.on('message', (message: FromWorker) => {
        if (message.type === 'ready') resolve()
        else this.#receive(message)
      })
      this.#child.once('exit', (code, signal) => end(signal ?? `exit code ${code}`, reject))
      // A process that could not even be made has no exit.
      this.#child.once('error', (error) => end(error.message, reject))
    })
    this.ready.catch(() => {})
    this.#watch = setInterval(() => this.#checkLimits(), watchMs)
    this.#watch.unref()
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get isAlive(): boolean {
    return !this.#exited && !this.#isKilled
  }

  /** Resident memory in bytes, a moment ago; 0 where the system does not tell. */
  get residentBytes(): number {
    // Small files come faster than a look at them is worth: it costs as much as sending one.
    if (performance.now() - this.#resident.lookedAt > watchMs) this.#look()
    return this.#resident.bytes
  }

  /** Sends one request to a worker that is `ready`; rejects with WorkerDied, or with the MediaError that the worker met. */
  async request<Type extends Request['type']>(
    request: Extract<Request, { type: Type }>,
    limits: RequestLimits,
  ): Promise<Answers[Type]> {
    limits.signal?.throwIfAborted()
    if (this.#pending) throw new Error('the worker is busy')
    const onAbort = () => this.#cancel()
    try {
      return await new Promise<Answers[Type]>((resolve, reject) => {
        this.#pending = { resolve, reject, limits, startedAt: performance.now(), fraction: 0, frames: 0 }
        limits.signal?.addEventListener('abort', onAbort, { once: true })
        if (this.#exited)
          return this.#settle((pending) => pending.reject(new WorkerDied({ kind: 'crash', signal: 'exit' })))
        this.#child.send({ ...request, id: this.#nextId++ } satisfies ToWorker)
      })
    } finally {
      limits.signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Stops the process where it is until `resume`, its time with it. False where it is dead or the system can not. */
  suspend(): boolean {
    if (!this.isAlive || process.platform === 'win32') return false
    this.#suspendedAt ??= performance.now()
    return this.#child.kill('SIGSTOP')
  }

  /** Lets a stopped process go on. */
  resume(): void {
    const since = this.#suspendedAt
    if (since === undefined) return
    this.#suspendedAt = undefined
    if (this.#pending) this.#pending.startedAt += performance.now() - Math.max(since, this.#pending.startedAt)
    this.#child.kill('SIGCONT')
  }

  get isSuspended(): boolean {
    return this.#suspendedAt !== undefined
  }

  /** Ends the process at once; a request under way rejects. */
  kill(death?: Death): void {
    this.#death ??= death
    this.#isKilled = true
    this.#child.kill('SIGKILL')
  }

  #receive(message: FromWorker): void {
    if (message.type === 'progress') this.#progressed(message)
    if (message.type !== 'answer' && message.type !== 'error') return
    this.isFileOpen = message.isOpen
    if (message.type === 'answer') this.#settle((pending) => pending.resolve(message.answer as never))
    else this.#settle((pending) => pending.reject(revive(message.error)))
  }

  /** Work that gets on is not hung: its time begins anew with each hundredth, or with each frame of a film. */
  #progressed({ type: _, ...told }: Told & { type: string }): void {
    const { fraction, pace: { frames } = { frames: 0 } } = told
    const pending = this.#pending
    if (!pending) return
    if (fraction >= pending.fraction + 0.01 || frames !== pending.frames) {
      pending.fraction = fraction
      pending.frames = frames
      pending.startedAt = performance.now()
    }
    pending.limits.onProgress?.(told)
  }

  #settle(how: (pending: Pending) => void): void {
    const pending = this.#pending
    this.#pending = undefined
    if (pending) how(pending)
  }

  #checkLimits(): void {
    const pending = this.#pending
    if (!pending || this.isSuspended) return
    const { timeoutMs, memoryBytes } = pending.limits
    if (performance.now() - pending.startedAt > timeoutMs) this.kill({ kind: 'timeout', limitMs: timeoutMs })
    else if (this.#look() > memoryBytes) this.kill({ kind: 'memory', limitBytes: memoryBytes })
  }

  #look(): number {
    const bytes = residentBytesOf(this.pid)
    this.#resident = { bytes, lookedAt: performance.now() }
    return bytes
  }

  #cancel(): void {
    const pending = this.#pending
    if (!pending) return
    // It must run to clear up.
    this.resume()
    this.#child.send({ type: 'cancel' } satisfies ToWorker)
    setTimeout(() => {
      if (this.#pending !== pending) return
      this.#settle(({ reject }) => reject(new MediaError('CANCELLED')))
      this.kill()
    }, cancelGraceMs).unref()
  }
}

/** Workers share the code that this process keeps compiled, and so start in half the time. */
function compileCache(): Record<string, string> {
  const folder = getCompileCacheDir()
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder }
}

function revive(sent: SentError): MediaError {
  const cause = new Error('in the worker')
  cause.stack = sent.stack
  const error = new MediaError(sent.code, sent.details, { cause })
  error.message = sent.message
  return error
}

/** Resident memory of a process by /proc; 0 where there is none. */
export function residentBytesOf(pid: number): number {
  try {
    // In KiB whatever the size of a page is, which differs between processors.
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}
