import type { ArtifactRef } from '../catalog/results.ts'
import type { ErrorCode } from '../errors.ts'
import type { Identity, MediaCounts } from '../media/media.ts'
import type { Naming } from '../media/naming.ts'
import type { Told } from './worker-io.ts'

/** How a file is opened. */
export interface Opens {
  readonly path: string
  readonly maxPixels: number
  readonly naming: Naming
}

/** What a file that is opened must turn out to be. */
export type Expected = Pick<Identity, 'contentId' | 'sidecarId'>

/** What the server asks of a worker; answered under the same id. */
export type Request =
  | ({ readonly type: 'open' } & Opens)
  /**
   * `edge` is the longest edge that any coming step needs, so that the first decode serves them all. A file that is known is
   * opened by its first step, and a picture closed after the last one if all went well: while two messages more for each come
   * and go, a worker has nothing to do.
   */
  | {
      readonly type: 'run'
      /** Answered with FILE_CHANGED when its content, or that of its sidecars, is not the expected one. */
      readonly opens?: Opens & { readonly expected: Expected }
      readonly operation: string
      readonly params: unknown
      readonly edge: number | null
      readonly isLast: boolean
    }
  | { readonly type: 'close' }

/** What a worker answers to each kind of request. */
export interface Answers {
  open: Identity
  run: {
    readonly result: unknown
    readonly artifacts: readonly ArtifactRef[]
    readonly durationMs: number
    /** There after the last step. */
    readonly counts?: MediaCounts
  }
  /** All zero where they were told before. */
  close: MediaCounts
}

/** A failure on its way between processes. */
export interface SentError {
  readonly code: ErrorCode
  readonly details: readonly string[]
  /** The sentence, which may be another than the code's own with the details in it. */
  readonly message: string
  /** Stack of the original for the log; never shown to clients. */
  readonly stack: string
}

/** From server to worker. */
export type ToWorker = ({ readonly id: number } & Request) | { readonly type: 'cancel' }

/** From worker to server; `isOpen` says whether it has a file open now. */
export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'answer'; readonly id: number; readonly answer: Answers[keyof Answers]; readonly isOpen: boolean }
  | { readonly type: 'error'; readonly id: number; readonly error: SentError; readonly isOpen: boolean }
  | ({ readonly type: 'progress' } & Told)
