import { EventEmitter } from 'node:events'

/** How many tasks or files ended in each state. */
export interface StateCounts {
  done: number
  cached: number
  failed: number
  quarantined: number
  skipped: number
}

/** Everything that is announced, as facts in the past, with what listeners get. */
export interface Events {
  'job.started': {
    job: string
    kind: string
    /** Absent for an import. */
    operation?: string
    collection?: string
    root?: string
    resumed: boolean
  }
  'job.progress': JobProgress
  /** It was stopped and can go on. */
  'job.paused': { job: string }
  'job.finished': {
    job: string
    state: 'finished' | 'cancelled' | 'failed'
    assets: number
    tasks: StateCounts
    files: StateCounts
    ignored: number
    durationMs: number
  }
  'task.failed': {
    job: string
    path: string
    operation: string
    code: string
    message: string
    quarantined: boolean
    remembered: boolean
  }
  /** A bulk run has an answer: of one file, or, without `asset`, of a whole collection. */
  'task.finished': {
    job: string
    operation: string
    /** The file, or the collection's folder; absolute. */
    path: string
    asset?: string
    collection?: string
    cached: boolean
    durationMs: number
    result: unknown
    artifacts: readonly unknown[]
  }
  /** A bulk run found something out about a file that it is still working on, in a sentence. */
  'task.note': { job: string; path: string; operation: string; note: string }
  'task.skipped': { job: string; path: string; reason: string }
  'asset.imported': { job: string; asset: string; path: string }
  'cache.hit': { operation: string; tier: 'l1' | 'l2' | 'catalog' }
  'cache.missed': { operation: string }
  'cache.failed': { message: string }
  'operation.finished': { operation: string; outcome: 'done' | 'failed' | 'quarantined'; durationMs: number }
  'worker.started': { pid: number }
  'worker.stopped': { pid: number; reason: string }
  'file.quarantined': { path: string; operation: string; code: string }
}

/** How far a job is; `etaMs` and `total` are absent until they are known. */
export interface JobProgress {
  job: string
  done: number
  total: number
  fraction: number
  etaMs: number | null
  filesPerSecond: number
  bytesPerSecond: number
  /** False while the walk still finds files, so that `total` may grow. */
  isCounted: boolean
  /** Frames a second of all films at work together; absent when none is. */
  framesPerSecond?: number
  /** Seconds of film in a second, of all films at work together. */
  speed?: number
}

/** The one channel on which lower parts tell higher ones what happened. Listeners must not throw. */
export class EventBus {
  readonly #emitter = new EventEmitter({ captureRejections: false }).setMaxListeners(0)

  /** Announces a fact to all listeners, at once and in order. */
  emit<Name extends keyof Events>(name: Name, fact: Events[Name]): void {
    this.#emitter.emit(name, fact)
  }

  /** Listens; the returned function ends it. */
  on<Name extends keyof Events>(name: Name, listener: (fact: Events[Name]) => void): () => void {
    this.#emitter.on(name, listener)
    return () => this.#emitter.off(name, listener)
  }
}
