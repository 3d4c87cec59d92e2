import { MediaError, toMediaError } from '../errors.ts'
import type { Identity, MediaCounts } from '../media/media.ts'
import type { Naming } from '../media/naming.ts'
import { formatBytes, formatDuration, MiB } from '../units.ts'
import type { Admission } from './admission.ts'
import { ownMark } from './owner.ts'
import type { Pausable } from './pause.ts'
import type { WorkerPool } from './pool.ts'
import type { Answers, Opens, Request } from './protocol.ts'
import type { ExecutorSettings } from './settings.ts'
import { bytesDecoded, bytesHeld, edgeOf } from './step-needs.ts'
import type { FileTask, Outcome, Step } from './task.ts'
import { type Death, type RequestLimits, WorkerDied, type WorkerProcess } from './worker-process.ts'

/** The journal's verbs, handed in so that this file needs to know no database. */
export interface HandOverJournal {
  open(path: string, worker: number, owner: string): number
  close(id: number): void
}

/** What a run on workers needs. */
export interface FileRunTools {
  readonly pool: WorkerPool
  readonly admission: Admission
  readonly settings: ExecutorSettings
  readonly journal: HandOverJournal
}

const noCounts: MediaCounts = { pictureDecodes: 0, demuxes: 0, framesDecoded: 0 }

/** One file in the hands of workers: opened once, its steps run in order, a crash tried once more alone. */
export class FileRun {
  readonly #task: FileTask
  readonly #tools: FileRunTools
  #worker: WorkerProcess | undefined
  /** Whether the worker has the file open; one that was just taken may still have another. */
  #isOpen = false
  #closing: Promise<void> | undefined
  #journalEntry: number | undefined
  /** The memory that is granted, and what gives it back; undefined when none is. */
  #granted: { readonly bytes: number; readonly release: () => void } | undefined
  #unfollow: (() => void) | undefined
  #counts: MediaCounts = noCounts

  constructor(task: FileTask, tools: FileRunTools) {
    this.#task = task
    this.#tools = tools
  }

  /** How often the file was opened and decoded, over all workers that held it. */
  get counts(): MediaCounts {
    return this.#counts
  }

  /** Opens the file and tells what it is. Throws a MediaError; a crash is tried once more, then DECODER_… is thrown. */
  async open(): Promise<Identity> {
    try {
      return await this.#twice(() => this.#open())
    } finally {
      this.#giveBack()
    }
  }

  /** Runs the steps in order; one that fails does not keep the others from running. */
  async run(steps: readonly { step: Step; key: string }[], identity: Identity): Promise<Outcome[]> {
    const edges = steps.map(({ step }) => edgeOf(step)).filter((edge) => edge !== undefined)
    const edge = edges.length > 0 ? Math.max(...edges) : null
    await this.#admit(Math.max(...steps.map(({ step }) => bytesHeld(step, identity))))
    const outcomes: Outcome[] = []
    let deadly: MediaError | undefined
    try {
      for (const [at, { step, key }] of steps.entries()) {
        const startedAt = performance.now()
        const needs = { edge, isLast: at === steps.length - 1 }
        try {
          // After a crash, whatever needs the same decoder would crash it again, twice each.
          if (deadly && edgeOf(step) !== undefined) throw deadly
          const { counts, ...answer } = await this.#twice(() => this.#runStep(step, needs, identity))
          if (counts) this.#addCounts(counts)
          outcomes.push({ state: 'done', step, key, ...answer })
        } catch (thrown) {
          const error = toMediaError(thrown)
          if (error.code === 'CANCELLED') throw error
          const { code, message } = error
          const isQuarantined = code.startsWith('DECODER_')
          if (isQuarantined && edgeOf(step) !== undefined) deadly = error
          const state = isQuarantined ? 'quarantined' : 'failed'
          const durationMs = performance.now() - startedAt
          outcomes.push({ state, step, key, code, message, remembered: false, durationMs })
        }
      }
      return outcomes
    } finally {
      this.#giveBack()
    }
  }

  /** Gives the worker back once the file is closed. Never rejects; safe to call at any time, also twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close().finally(() => {
      this.#closing = undefined
    })
    return this.#closing
  }

  async #close(): Promise<void> {
    const worker = this.#worker
    if (!worker) return
    try {
      if (worker.isAlive && this.#isOpen)
        this.#addCounts(await worker.request({ type: 'close' }, { timeoutMs: 5000, memoryBytes: Number.MAX_VALUE }))
    } catch {
      worker.kill()
    } finally {
      this.#letGo()
    }
  }

  async #open(): Promise<Identity> {
    const { timeoutMs, memoryBytes } = this.#tools.settings
    return this.#ask({ type: 'open', ...this.#opens }, this.#limits({ timeoutMs, memoryBytes }))
  }

  get #opens(): Opens {
    return { path: this.#task.path, maxPixels: this.#tools.settings.maxPixels, naming: namingOf(this.#task) }
  }

  async #runStep(step: Step, needs: { edge: number | null; isLast: boolean }, identity: Identity) {
    const { timeoutMs, memoryBytes } = this.#tools.settings
    const limits = this.#limits({
      // 5 MB decoded a second is slower than the slowest codec on the slowest machine that is of use.
      timeoutMs: timeoutMs + bytesDecoded(step, identity) / 5000,
      memoryBytes: Math.max(memoryBytes, 3 * bytesHeld(step, identity) + 256 * MiB),
    })
    const { contentId, sidecarId } = identity
    const expected = sidecarId === undefined ? { contentId } : { contentId, sidecarId }
    const opens = this.#isOpen ? {} : { opens: { ...this.#opens, expected } }
    const params = step.paramsForWork ?? step.params
    return this.#ask({ type: 'run', ...opens, operation: step.operation.name, params, ...needs }, limits)
  }

  async #ask<Type extends Request['type']>(
    request: Extract<Request, { type: Type }>,
    limits: RequestLimits,
  ): Promise<Answers[Type]> {
    const worker = await this.#hold()
    try {
      return await worker.request(request, limits)
    } finally {
      this.#isOpen = worker.isFileOpen
    }
  }

  #limits(bounds: { timeoutMs: number; memoryBytes: number }): RequestLimits {
    const { signal, onProgress } = this.#task
    return { ...bounds, ...(signal ? { signal } : {}), ...(onProgress ? { onProgress } : {}) }
  }

  async #hold(): Promise<WorkerProcess> {
    if (!this.#worker) {
      this.#worker = await this.#acquire()
      this.#journalEntry = this.#tools.journal.open(this.#task.path, this.#worker.pid, ownMark())
      this.#unfollow = this.#task.pause?.follow(this.#standstill)
    }
    return this.#worker
  }

  async #acquire(): Promise<WorkerProcess> {
    const { path, priority, signal, pause } = this.#task
    for (let attempt = 1; ; ) {
      await pause?.passable(signal)
      const worker = await this.#tools.pool.acquire(path, priority, signal)
      const failure = await worker.ready.then(
        () => undefined,
        (thrown: unknown) => ({ thrown }),
      )
      if (!failure && !pause?.isPaused) return worker
      this.#tools.pool.release(worker)
      // One that is killed while it starts has not seen the file, which is not to blame.
      if (failure && attempt++ > 1) throw failure.thrown
    }
  }

  /** While it stands still, its worker and its memory are for others; a system may move what it holds to disk. */
  readonly #standstill: Pausable = {
    pause: () => {
      if (!this.#worker?.suspend()) return
      this.#granted?.release()
      this.#tools.pool.setAside(this.#worker)
    },
    resume: async () => {
      const worker = this.#worker
      if (!worker?.isSuspended) return
      // A cancelled one is told so by its own signal.
      if (this.#granted) await this.#admit(this.#granted.bytes).catch(() => {})
      if (this.#task.pause?.isPaused || this.#worker !== worker) return
      this.#tools.pool.takeIn(worker)
      worker.resume()
    },
  }

  #letGo(): void {
    const entry = this.#journalEntry
    this.#unfollow?.()
    if (this.#worker) this.#tools.pool.release(this.#worker)
    this.#worker = undefined
    this.#isOpen = false
    this.#journalEntry = undefined
    if (entry !== undefined) this.#tools.journal.close(entry)
  }

  /** Waits until so much memory is granted. What was granted before is given back first: it would wait for itself. */
  async #admit(bytes: number): Promise<void> {
    this.#giveBack()
    const { priority, signal, pause } = this.#task
    for (;;) {
      await pause?.passable(signal)
      const release = await this.#tools.admission.admit(bytes, priority, signal)
      this.#granted = { bytes, release }
      if (!pause?.isPaused) return
      release()
    }
  }

  #giveBack(): void {
    this.#granted?.release()
    this.#granted = undefined
  }

  /** Does something with a worker; if the worker dies of it, once more in a fresh one with no other giant beside it. */
  async #twice<T>(attempt: () => Promise<T>): Promise<T> {
    try {
      return await this.#once(attempt)
    } catch (error) {
      if (!(error instanceof WorkerDied)) throw error
    }
    await this.#admit(this.#tools.admission.budgetBytes / 2)
    try {
      return await this.#once(attempt)
    } catch (error) {
      if (error instanceof WorkerDied) throw quarantineError(error.death)
      throw error
    }
  }

  async #once<T>(attempt: () => Promise<T>): Promise<T> {
    try {
      return await attempt()
    } catch (error) {
      if (this.#task.signal?.aborted) throw new MediaError('CANCELLED', [], { cause: error })
      if (error instanceof WorkerDied) this.#letGo()
      throw error
    }
  }

  #addCounts(more: MediaCounts): void {
    this.#counts = {
      pictureDecodes: this.#counts.pictureDecodes + more.pictureDecodes,
      demuxes: this.#counts.demuxes + more.demuxes,
      framesDecoded: this.#counts.framesDecoded + more.framesDecoded,
    }
  }
}

/** What spares a worker the hashing of a file. */
function namingOf({ known, isQuick = false }: FileTask): Naming {
  if (!known) return { isQuick }
  const { contentId, pixelId } = known.identity
  return known.mark === undefined ? {} : { known: { contentId, pixelId, mark: known.mark } }
}

function quarantineError(death: Death): MediaError {
  if (death.kind === 'timeout') return new MediaError('DECODER_TIMED_OUT', [formatDuration(death.limitMs)])
  if (death.kind === 'memory') return new MediaError('DECODER_OUT_OF_MEMORY', [formatBytes(death.limitBytes)])
  return new MediaError('DECODER_CRASHED', [death.signal])
}
