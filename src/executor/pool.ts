import type { EventBus } from '../events.ts'
import { type Priority, priorities } from './admission.ts'
import type { ExecutorSettings } from './settings.ts'
import { WorkerProcess } from './worker-process.ts'

/** What is known of a worker, for health pages. */
export interface WorkerInfo {
  readonly pid: number
  readonly files: number
  readonly residentBytes: number
  /** The file in its hands; absent when it is idle. */
  readonly path?: string
}

interface Waiter {
  readonly priority: number
  readonly grant: (worker: WorkerProcess) => void
  readonly reject: (error: unknown) => void
}

/**
 * A pool of supervised child processes, one file at a time in each. Written here because workerpool and tinypool keep
 * to themselves which process holds which task: without it no file can be named by the process that died of it, no
 * memory limit be held per file, and no worker be replaced by age or size (docs/architecture.md, "Workers").
 */
export class WorkerPool {
  readonly #create: () => WorkerProcess
  readonly #settings: ExecutorSettings
  readonly #idle: WorkerProcess[] = []
  readonly #busy = new Map<WorkerProcess, { readonly path: string; readonly priority: number }>()
  /** Of the busy ones those that stand still, which take no place of others. */
  readonly #aside = new Set<WorkerProcess>()
  readonly #waiting: Waiter[] = []
  #size: number
  #isClosed = false

  constructor(artifactFolder: string, operationsUrl: string, settings: ExecutorSettings, events: EventBus) {
    this.#settings = settings
    this.#size = settings.count
    this.#create = () => {
      const worker = new WorkerProcess(artifactFolder, operationsUrl, (gone, reason) => {
        events.emit('worker.stopped', { pid: gone.pid, reason })
        this.#forget(gone)
      })
      events.emit('worker.started', { pid: worker.pid })
      return worker
    }
  }

  get size(): number {
    return this.#size
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** All workers: those at work first. */
  workers(): WorkerInfo[] {
    return [
      ...[...this.#busy].map(([worker, { path }]) => ({ ...info(worker), path })),
      ...this.#idle.map((worker) => info(worker)),
    ]
  }

  /** Changes the number of workers while they run; superfluous ones finish their file first. */
  resize(size: number): void {
    this.#size = size
    while (this.#idle.length > 0 && this.#idle.length + this.#atWork > size) this.#idle.pop()?.kill()
    this.#serve()
  }

  /** Lends a worker for one file; give it back with `release`. Rejects when the signal fires or the pool closes. */
  async acquire(path: string, priority: Priority, signal?: AbortSignal): Promise<WorkerProcess> {
    signal?.throwIfAborted()
    const worker = await new Promise<WorkerProcess>((resolve, reject) => {
      const waiter: Waiter = {
        priority: priorities.indexOf(priority),
        grant: (granted) => {
          signal?.removeEventListener('abort', onAbort)
          resolve(granted)
        },
        reject,
      }
      const onAbort = () => {
        const at = this.#waiting.indexOf(waiter)
        if (at >= 0) this.#waiting.splice(at, 1)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      const at = this.#waiting.findIndex((other) => other.priority > waiter.priority)
      this.#waiting.splice(at < 0 ? this.#waiting.length : at, 0, waiter)
      this.#serve()
    })
    this.#busy.set(worker, { path, priority: priorities.indexOf(priority) })
    return worker
  }

  /** A lent worker stands still: another may work in its place until it is taken in again. */
  setAside(worker: WorkerProcess): void {
    this.#aside.add(worker)
    this.#serve()
  }

  /** A worker that was set aside works again, also beyond the pool's size. */
  takeIn(worker: WorkerProcess): void {
    this.#aside.delete(worker)
  }

  /** Takes a worker back; one that is dead, old or swollen is replaced when it is next needed. */
  release(worker: WorkerProcess): void {
    this.#busy.delete(worker)
    this.#aside.delete(worker)
    worker.files++
    const { recycleFiles, recycleBytes } = this.#settings
    const isWorn = worker.files >= recycleFiles || worker.residentBytes > recycleBytes
    const isTooMany = this.#atWork + this.#idle.length >= this.#size
    if (this.#isClosed || isWorn || isTooMany) worker.kill()
    else if (worker.isAlive) this.#idle.push(worker)
    this.#serve()
  }

  /** Ends all workers at once, also those at work, and whoever waits; resolves when they are no more. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const waiter of this.#waiting.splice(0)) waiter.reject(new Error('the pool is closed'))
    const workers = [...this.#idle.splice(0), ...this.#busy.keys()]
    for (const worker of workers) worker.kill()
    await Promise.all(workers.map(({ gone }) => gone))
  }

  get #atWork(): number {
    return this.#busy.size - this.#aside.size
  }

  #serve(): void {
    for (let next = this.#waiting[0]; next && this.#hasRoomFor(next); next = this.#waiting[0]) {
      const worker = this.#idle.pop() ?? this.#create()
      // Busy from now on, so that the loop counts it; acquire() adds the path.
      this.#busy.set(worker, { path: '', priority: next.priority })
      this.#waiting.shift()
      next.grant(worker)
    }
  }

  /** While all workers have bulk work in hand, which can take minutes a file, one more is made for who waits for an answer. */
  #hasRoomFor({ priority }: Waiter): boolean {
    if (this.#idle.length > 0 || this.#atWork < this.#size) return true
    const isInteractive = priority === 0
    return isInteractive && ![...this.#busy.values()].some((work) => work.priority === 0)
  }

  #forget(worker: WorkerProcess): void {
    const at = this.#idle.indexOf(worker)
    if (at >= 0) this.#idle.splice(at, 1)
  }
}

const info = (worker: WorkerProcess): WorkerInfo => ({
  pid: worker.pid,
  files: worker.files,
  residentBytes: worker.residentBytes,
})
