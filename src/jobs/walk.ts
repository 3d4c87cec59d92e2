import { Worker } from 'node:worker_threads'
import type { RecipeMarks } from './recipe.ts'

/** A file that an import has to look at, as the walk saw it. */
export interface FoundFile {
  /** Relative to the root, with `/`; empty for the root itself. */
  readonly folder: string
  readonly name: string
  readonly bytes: number
  readonly mtimeMs: number
  readonly ctimeMs: number
  readonly inode: number
  /** Sizes and times of the XMP files that belong to it; absent when there are none. */
  readonly sidecar?: string
}

/** A file that is as it was when it was imported, and failed then. */
export interface KnownFailure {
  readonly folder: string
  readonly name: string
  readonly failures: readonly {
    readonly operation: string
    readonly code: string
    readonly message: string
    readonly quarantined: boolean
  }[]
}

/** What the walk found in one folder. */
export interface WalkBatch {
  /** Files that are new, changed, or due for other reasons. */
  readonly due: readonly FoundFile[]
  /** Files that are as they were: nothing to do. */
  readonly unchanged: {
    readonly files: number
    readonly tasks: number
    readonly ignored: number
    readonly bytes: number
  }
  readonly knownFailures: readonly KnownFailure[]
  /** Files that this very job has finished before it was interrupted. */
  readonly alreadyDone: number
  /** What can't be read, with the reason in words. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[]
  /** Files that were here and are gone. */
  readonly gone: readonly { readonly folder: string; readonly name: string }[]
}

/** What the walk needs to know. */
export interface WalkOptions {
  readonly root: string
  readonly collection: string
  readonly catalogFile: string
  /** What files must have been imported with to be left alone. */
  readonly recipe: RecipeMarks
  /** Number of the job, to tell apart what it finished itself before an interruption. */
  readonly job: number
  /** Treats files that failed for good as due. */
  readonly retryFailed: boolean
  /** Folders that are never entered, such as the data folder. */
  readonly exclude: readonly string[]
}

/** The end of a walk: all folders that were read, to find those that vanished. */
export interface WalkEnd {
  readonly folders: readonly string[]
  readonly entries: number
}

/**
 * Walks a folder in a thread of its own, so that a hundred thousand stats hold up nobody, and compares what it finds
 * with the catalog. Calls `onBatch` per folder, in a stable order; rejects with what the walk threw, or when aborted.
 */
export function walk(options: WalkOptions, onBatch: (batch: WalkBatch) => void, signal: AbortSignal): Promise<WalkEnd> {
  const script = new URL(import.meta.url.endsWith('.ts') ? './walk-thread.ts' : './walk-thread.js', import.meta.url)
  return new Promise((resolve, reject) => {
    const thread = new Worker(script, { workerData: options, execArgv: ['--disable-warning=ExperimentalWarning'] })
    const onAbort = () => {
      void thread.terminate()
      reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    thread.on('message', (message: { batch: WalkBatch } | { end: WalkEnd }) => {
      if (signal.aborted) return
      if ('batch' in message) onBatch(message.batch)
      else {
        signal.removeEventListener('abort', onAbort)
        resolve(message.end)
      }
    })
    thread.on('error', reject)
    if (signal.aborted) onAbort()
  })
}
