import { MediaError, toMediaError } from '../errors.ts'
import type { Identity, MediaCounts } from '../media/media.ts'
import type { Naming } from '../media/naming.ts'
import { formatBytes, formatDuration, MiB } from '../units.ts'
import { type Lenders, Loan } from './loan.ts'
import type { Answers, Opens, Request } from './protocol.ts'
import type { ExecutorSettings } from './settings.ts'
import { bytesDecoded, bytesHeld, edgeOf } from './step-needs.ts'
import type { FileTask, Outcome, Step } from './task.ts'
import { type Death, type RequestLimits, WorkerDied } from './worker-process.ts'

const noCounts: MediaCounts = { pictureDecodes: 0, demuxes: 0, framesDecoded: 0 }

/** One file in the hands of workers: opened once, its steps run in order, a crash tried once more alone. */
export class FileRun {
  readonly #task: FileTask
  readonly #settings: ExecutorSettings
  readonly #loan: Loan
  /** Whether the worker has the file open; one that was just taken may still have another. */
  #isOpen = false
  #closing: Promise<void> | undefined
  #counts: MediaCounts = noCounts

  constructor(task: FileTask, { settings, ...lenders }: Lenders & { readonly settings: ExecutorSettings }) {
    this.#task = task
    this.#settings = settings
    this.#loan = new Loan(task, lenders)
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
      this.#loan.giveBack()
    }
  }

  /** Runs the steps in order; one that fails does not keep the others from running. */
  async run(steps: readonly { step: Step; key: string }[], identity: Identity): Promise<Outcome[]> {
    const edges = steps.map(({ step }) => edgeOf(step)).filter((edge) => edge !== undefined)
    const edge = edges.length > 0 ? Math.max(...edges) : null
    await this.#loan.admit(Math.max(...steps.map(({ step }) => bytesHeld(step, identity))))
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
      this.#loan.giveBack()
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
    const { worker } = this.#loan
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
    const { timeoutMs, memoryBytes } = this.#settings
    return this.#ask({ type: 'open', ...this.#opens }, this.#limits({ timeoutMs, memoryBytes }))
  }

  get #opens(): Opens {
    return { path: this.#task.path, maxPixels: this.#settings.maxPixels, naming: namingOf(this.#task) }
  }

  async #runStep(step: Step, needs: { edge: number | null; isLast: boolean }, identity: Identity) {
    const { timeoutMs, memoryBytes } = this.#settings
    const limits = this.#limits({
      // 5 MB decoded a second is slower than the slowest codec on the slowest machine that is of use.
      timeoutMs: timeoutMs + bytesDecoded(step, identity) / 5000,
      memoryBytes: Math.max(memoryBytes, 3 * bytesHeld(step, identity) + 256 * MiB),
    })
    const opens = this.#isOpen ? {} : { opens: { ...this.#opens, expected: identity } }
    const params = step.paramsForWork ?? step.params
    return this.#ask({ type: 'run', ...opens, operation: step.operation.name, params, ...needs }, limits)
  }

  async #ask<Type extends Request['type']>(
    request: Extract<Request, { type: Type }>,
    limits: RequestLimits,
  ): Promise<Answers[Type]> {
    const worker = await this.#loan.hold()
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

  /** Does something with a worker; if the worker dies of it, once more in a fresh one with no other giant beside it. */
  async #twice<T>(attempt: () => Promise<T>): Promise<T> {
    try {
      return await this.#once(attempt)
    } catch (error) {
      if (!(error instanceof WorkerDied)) throw error
    }
    await this.#loan.admit(this.#settings.budgetBytes / 2)
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

  #letGo(): void {
    this.#loan.letGo()
    this.#isOpen = false
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
  const { identity, mark } = known
  return mark === undefined ? {} : { known: { identity, mark } }
}

function quarantineError(death: Death): MediaError {
  if (death.kind === 'timeout') return new MediaError('DECODER_TIMED_OUT', [formatDuration(death.limitMs)])
  if (death.kind === 'memory') return new MediaError('DECODER_OUT_OF_MEMORY', [formatBytes(death.limitBytes)])
  return new MediaError('DECODER_CRASHED', [death.signal])
}
