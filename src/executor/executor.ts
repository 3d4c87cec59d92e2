import { setImmediate } from 'node:timers/promises'
import type { ArtifactStore } from '../cache/artifacts.ts'
import type { ResultCache } from '../cache/cache.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { MediaError, toMediaError } from '../errors.ts'
import type { EventBus } from '../events.ts'
import type { Identity } from '../media/media.ts'
import { Admission } from './admission.ts'
import { blame, quarantinedOther } from './blame.ts'
import { assertInside } from './bounds.ts'
import { FileRun } from './file-run.ts'
import { type FileFacts, lookAt, looksSame } from './identities.ts'
import { Memory, resultKey } from './memory.ts'
import { assertStillThere } from './other-files.ts'
import { WorkerPool } from './pool.ts'
import type { ExecutorSettings } from './settings.ts'
import type { FileTask, Outcome, Processed, Step } from './task.ts'

/** What the executor is built from. */
export interface ExecutorParts {
  readonly settings: ExecutorSettings
  readonly cache: ResultCache
  readonly catalog: Catalog
  readonly events: EventBus
  readonly artifacts: ArtifactStore
  /** Folder of the store, for the workers, which open it themselves. */
  readonly artifactFolder: string
  /** Module that workers load their operations from; tests hand in one with faults. */
  readonly operationsUrl?: string
}

const ownOperations = new URL(
  import.meta.url.endsWith('.ts') ? '../operations/index.ts' : '../operations/index.js',
  import.meta.url,
).href

/** Runs operations on files, cache-first: remembered results, single flight, admission, supervised workers, quarantine. */
export class Executor {
  readonly pool: WorkerPool
  readonly admission: Admission
  readonly memory: Memory
  readonly #catalog: Catalog
  readonly #events: EventBus
  readonly #settings: ExecutorSettings
  /** Keys that are being worked on, so that the same work asked twice at once is done once. */
  readonly #inFlight = new Map<string, Promise<void>>()
  readonly #clearing = new Set<Promise<unknown>>()
  #interactive = 0

  constructor({ settings, cache, catalog, artifacts, events, artifactFolder, operationsUrl }: ExecutorParts) {
    this.#settings = settings
    this.#catalog = catalog
    this.#events = events
    this.memory = new Memory({ cache, catalog, artifacts, events })
    this.admission = new Admission(settings.budgetBytes)
    this.pool = new WorkerPool(artifactFolder, operationsUrl ?? ownOperations, settings, events)
    // One that was ended by force could not remove what it was writing.
    events.on('worker.stopped', ({ pid }) => {
      // What can not be removed now is old enough for the tidier one day.
      const cleared = artifacts.removePartsOf(pid).catch(() => {})
      this.#clearing.add(cleared)
      void cleared.then(() => this.#clearing.delete(cleared))
    })
  }

  /** Brings a file and what is asked of it to its end. Rejects only when cancelled or when the queue is full. */
  async process(task: FileTask): Promise<Processed> {
    const isInteractive = task.priority === 'interactive'
    if (isInteractive && this.#interactive >= this.#settings.queueLength) throw new MediaError('QUEUE_FULL', [2])
    if (isInteractive) this.#interactive++
    try {
      return await this.#attend(task)
    } finally {
      if (isInteractive) this.#interactive--
    }
  }

  /** Stops all workers at once; what they were doing is not kept, and nothing of it stays. */
  async close(): Promise<void> {
    await this.pool.close()
    await Promise.all(this.#clearing)
  }

  async #attend(task: FileTask): Promise<Processed> {
    const { pool, admission } = this
    const run = new FileRun(task, { pool, admission, settings: this.#settings, journal: this.#catalog.journal })
    try {
      return await this.#process(task, run)
    } finally {
      await run.close()
    }
  }

  async #process(task: FileTask, run: FileRun): Promise<Processed> {
    let identity: Identity
    let before: FileFacts
    try {
      assertInside(task.path, task.within)
      before = lookAt(task.path)
      identity = task.known?.identity ?? (await run.open())
    } catch (thrown) {
      const failure = toMediaError(thrown)
      if (failure.code === 'CANCELLED') throw failure
      const failed = { failure, isQuarantined: failure.code.startsWith('DECODER_') }
      if (task.commit) await this.#catalog.write(() => task.commit?.(failed))
      return failed
    }
    const steps = task.steps(identity).map((step) => ({ step, key: resultKey(identity, step) }))
    const found = new Map<string, Outcome>()
    const missing = await this.#claim(steps, identity, found, task, run)
    try {
      const ran = missing.length > 0 ? await run.run(missing, identity) : []
      if (ran.length > 0) {
        // The worker is freed and gets its next file first: it would have nothing to do while this one is written down.
        void run.close()
        await setImmediate()
      }
      const settled = await Promise.all(ran.map((outcome) => this.#settle(outcome, task)))
      for (const outcome of settled) found.set(outcome.key, outcome)
      const changed = changeOf(before, task, missing)
      const processed: Processed = changed
        ? { failure: changed, isQuarantined: false }
        : {
            identity,
            outcomes: steps.map(({ key }) => found.get(key)).filter((outcome) => outcome !== undefined),
            counts: run.counts,
          }
      // What another file is guilty of is kept with that one alone.
      await this.memory.keep(changed ? [] : settled.filter((outcome) => ran.includes(outcome)), {
        identity,
        path: task.path,
        keepIn: task.keepIn,
        also: task.commit && (() => task.commit?.(processed)),
      })
      this.#announce(settled, task.path)
      return processed
    } finally {
      for (const { key } of missing) {
        const release = this.#releases.get(key)
        this.#releases.delete(key)
        this.#inFlight.delete(key)
        release?.()
      }
    }
  }

  readonly #releases = new Map<string, () => void>()

  /** The outcome as it is when the guilty of several files is known. */
  #settle(outcome: Outcome, task: FileTask): Outcome | Promise<Outcome> {
    if (outcome.state !== 'quarantined' || !outcome.step.others) return outcome
    return blame(outcome, task, (trial) => this.#attend(trial))
  }

  /** Fills `found` with what is remembered and claims the rest; waits while another call works on any of it. */
  async #claim(
    steps: readonly { step: Step; key: string }[],
    identity: Identity,
    found: Map<string, Outcome>,
    task: FileTask,
    run: FileRun,
  ): Promise<{ step: Step; key: string }[]> {
    const options = { hot: task.keepIn === 'cache', failuresOf: task.retry ? undefined : identity }
    for (;;) {
      const missing: { step: Step; key: string }[] = []
      for (const { step, key } of steps) {
        if (found.has(key)) continue
        const remembered =
          (await this.memory.find(key, step, options)) ??
          (task.retry ? undefined : quarantinedOther(this.#catalog, step, key))
        if (remembered) found.set(key, remembered)
        else missing.push({ step, key })
      }
      const others = missing.map(({ key }) => this.#inFlight.get(key)).filter((flight) => flight !== undefined)
      // While the cache was asked, another call may have finished what was missing a moment ago.
      const isStale = missing.some(({ key }) => this.#catalog.results.find(key) !== undefined)
      if (others.length === 0 && !isStale) {
        for (const { key, step } of missing) {
          this.#events.emit('cache.missed', { operation: step.operation.name })
          const { promise, resolve } = Promise.withResolvers<void>()
          this.#inFlight.set(key, promise)
          this.#releases.set(key, resolve)
        }
        return missing
      }
      // The other call may need this worker to get on.
      await run.close()
      await Promise.all(others)
      task.signal?.throwIfAborted()
    }
  }

  #announce(outcomes: readonly Outcome[], path: string): void {
    for (const outcome of outcomes) {
      if (outcome.state === 'cached') continue
      const operation = outcome.step.operation.name
      this.#events.emit('operation.finished', { operation, outcome: outcome.state, durationMs: outcome.durationMs })
      if (outcome.state === 'quarantined')
        this.#events.emit('file.quarantined', { path, operation, code: outcome.code })
    }
  }
}

/** Why what was done is not kept: a file is not what it was, or leads out of where it may be read. */
function changeOf(
  before: FileFacts,
  { path, within }: FileTask,
  steps: readonly { readonly step: Step }[],
): MediaError | undefined {
  if (hasChanged(before)) return new MediaError('FILE_CHANGED')
  try {
    assertInside(path, within)
    for (const { step } of steps) for (const other of step.others ?? []) assertStillThere(other, within)
    return undefined
  } catch (thrown) {
    return toMediaError(thrown)
  }
}

function hasChanged(before: FileFacts): boolean {
  try {
    return !looksSame(before, lookAt(before.path))
  } catch {
    return true
  }
}
