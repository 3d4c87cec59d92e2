import type { ArtifactRef } from '../catalog/results.ts'
import type { ErrorCode } from '../errors.ts'
import type { Identity, MediaCounts } from '../media/media.ts'
import type { Naming } from '../media/naming.ts'
import type { Told } from './worker-io.ts'

/** What the server asks of a worker; answered by a `Reply` of the same id. */
export type Request =
  | { readonly type: 'open'; readonly path: string; readonly maxPixels: number; readonly naming: Naming }
  /**
   * `edge` is the longest edge that any coming step needs, so that the first decode serves them all. After the last one a
   * picture is closed if all went well: a message less for each.
   */
  | {
      readonly type: 'run'
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
    /** There when the file is closed. */
    readonly counts?: MediaCounts
  }
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

/** From worker to server. */
export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'answer'; readonly id: number; readonly answer: Answers[keyof Answers] }
  | { readonly type: 'error'; readonly id: number; readonly error: SentError }
  | ({ readonly type: 'progress' } & Told)
