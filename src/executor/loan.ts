import type { Admission } from './admission.ts'
import { ownMark } from './owner.ts'
import type { Pausable } from './pause.ts'
import type { WorkerPool } from './pool.ts'
import type { FileTask } from './task.ts'
import type { WorkerProcess } from './worker-process.ts'

/** The journal's verbs, handed in so that this file needs to know no database. */
export interface HandOverJournal {
  open(path: string, worker: number, owner: string): number
  close(id: number): void
}

/** What lends. */
export interface Lenders {
  readonly pool: WorkerPool
  readonly admission: Admission
  readonly journal: HandOverJournal
}

/** A worker and memory that are lent for one file; while its work is paused others have them. */
export class Loan {
  readonly #task: FileTask
  readonly #lenders: Lenders
  #worker: WorkerProcess | undefined
  #journalEntry: number | undefined
  /** The memory that is granted, and what gives it back; undefined when none is. */
  #granted: { readonly bytes: number; readonly release: () => void } | undefined
  #unfollow: (() => void) | undefined

  constructor(task: FileTask, lenders: Lenders) {
    this.#task = task
    this.#lenders = lenders
  }

  /** The worker that is held; undefined when none is. */
  get worker(): WorkerProcess | undefined {
    return this.#worker
  }

  /** The worker that is held, or one that has just started or become free; the journal names the file from then on. */
  async hold(): Promise<WorkerProcess> {
    if (!this.#worker) {
      this.#worker = await this.#acquire()
      this.#journalEntry = this.#lenders.journal.open(this.#task.path, this.#worker.pid, ownMark())
      this.#unfollow = this.#task.pause?.follow(this.#standstill)
    }
    return this.#worker
  }

  async #acquire(): Promise<WorkerProcess> {
    const { path, priority, signal, pause } = this.#task
    for (let attempt = 1; ; ) {
      await pause?.passable(signal)
      const worker = await this.#lenders.pool.acquire(path, priority, signal)
      const failure = await worker.ready.then(
        () => undefined,
        (thrown: unknown) => ({ thrown }),
      )
      if (!failure && !pause?.isPaused) return worker
      this.#lenders.pool.release(worker)
      // One that is killed while it starts has not seen the file, which is not to blame.
      if (failure && attempt++ > 1) throw failure.thrown
    }
  }

  /** While it stands still, its worker and its memory are for others; a system may move what it holds to disk. */
  readonly #standstill: Pausable = {
    pause: () => {
      if (!this.#worker?.suspend()) return
      this.#granted?.release()
      this.#lenders.pool.setAside(this.#worker)
    },
    resume: async () => {
      const worker = this.#worker
      if (!worker?.isSuspended) return
      // A cancelled one is told so by its own signal.
      if (this.#granted) await this.admit(this.#granted.bytes).catch(() => {})
      if (this.#task.pause?.isPaused || this.#worker !== worker) return
      this.#lenders.pool.takeIn(worker)
      worker.resume()
    },
  }

  /** Gives the worker back, where one is held. */
  letGo(): void {
    const entry = this.#journalEntry
    this.#unfollow?.()
    if (this.#worker) this.#lenders.pool.release(this.#worker)
    this.#worker = undefined
    this.#journalEntry = undefined
    if (entry !== undefined) this.#lenders.journal.close(entry)
  }

  /** Waits until so much memory is granted. What was granted before is given back first: it would wait for itself. */
  async admit(bytes: number): Promise<void> {
    this.giveBack()
    const { priority, signal, pause } = this.#task
    for (;;) {
      await pause?.passable(signal)
      const release = await this.#lenders.admission.admit(bytes, priority, signal)
      this.#granted = { bytes, release }
      if (!pause?.isPaused) return
      release()
    }
  }

  /** Gives the memory back, where some is granted. */
  giveBack(): void {
    this.#granted?.release()
    this.#granted = undefined
  }
}
