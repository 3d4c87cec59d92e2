import type { ArtifactRef } from '../catalog/results.ts'
import type { ErrorCode, MediaError } from '../errors.ts'
import type { Identity, MediaCounts } from '../media/media.ts'
import type { Operation } from '../operations/operation.ts'
import type { Priority } from './admission.ts'
import type { Known } from './identities.ts'
import type { OtherFile } from './other-files.ts'
import type { PauseSwitch } from './pause.ts'
import type { Told } from './worker-io.ts'

/** One operation asked of a file. */
export interface Step {
  readonly operation: Operation
  /** Parsed parameters: defaults filled in, other files named by their content. The answer's key is made of them. */
  readonly params: Record<string, unknown>
  /** The same with other files named by their paths; absent when no other file is named. */
  readonly paramsForWork?: Record<string, unknown>
  /** The other files that are named; absent when none is. */
  readonly others?: readonly OtherFile[]
  /** Name of the task in the ledger: the operation, with `:role` behind it where one operation is asked twice. */
  readonly label: string
}

/** A file and what is asked of it. */
export interface FileTask {
  /** Absolute. */
  readonly path: string
  readonly steps: (identity: Identity) => readonly Step[]
  readonly priority: Priority
  /** `catalog`: kept for good, for files of a collection. `cache`: kept as long as the category says. */
  readonly keepIn: 'catalog' | 'cache'
  /** What it is, when it looks as it did when it was read. */
  readonly known?: Known
  /** What is asked takes less time than to hash a large film. */
  readonly isQuick?: boolean
  /** Tries again what failed before and is remembered. */
  readonly retry?: boolean
  /** Folders that it may be read from, whatever links lead there; from anywhere when absent. */
  readonly within?: readonly string[]
  readonly signal?: AbortSignal
  /** While it is on, the work stands still. */
  readonly pause?: PauseSwitch
  readonly onProgress?: (told: Told) => void
  /** Called inside the transaction that keeps the results, so that both are there or neither. */
  readonly commit?: (processed: Processed) => void
}

/** How one step ended. */
export type Outcome =
  | {
      readonly state: 'done' | 'cached'
      readonly step: Step
      readonly key: string
      readonly result: unknown
      readonly artifacts: readonly ArtifactRef[]
      readonly durationMs: number
    }
  | {
      readonly state: 'failed' | 'quarantined'
      readonly step: Step
      readonly key: string
      readonly code: ErrorCode
      readonly message: string
      /** True when it failed earlier and was not tried again. */
      readonly remembered: boolean
      readonly durationMs: number
    }

/** What became of a file: its identity and each step's outcome, or the failure that stopped it before any step. */
export type Processed =
  | { readonly identity: Identity; readonly outcomes: readonly Outcome[]; readonly counts: MediaCounts }
  | { readonly failure: MediaError; readonly isQuarantined: boolean }
