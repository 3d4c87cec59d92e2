import type { ArtifactStore } from '../cache/artifacts.ts'
import type { ResultCache } from '../cache/cache.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { EventBus, StateCounts } from '../events.ts'
import type { Executor } from '../executor/executor.ts'
import type { PauseSwitch } from '../executor/pause.ts'

/** What a job has done so far, or did: tasks are file × operation, files count once by their worst task. */
export interface JobSummary {
  readonly assets: number
  readonly tasks: StateCounts
  readonly files: StateCounts
  /** Files that are no media. */
  readonly ignored: number
}

/** What jobs work with. */
export interface JobTools {
  readonly catalog: Catalog
  readonly cache: ResultCache
  readonly artifacts: ArtifactStore
  /** Folder of the store, for threads, which open it themselves. */
  readonly artifactFolder: string
  readonly executor: Executor
  readonly events: EventBus
  /** Folders never entered, such as the data folder. */
  readonly exclude: readonly string[]
}

/** A job of one kind while it runs. */
export interface JobRun {
  /** Runs to the end; rejects when cancelled or when the job as a whole is in trouble. */
  run(): Promise<void>
  /** Holds its work where it is; absent where that can only be let go. */
  readonly pause?: PauseSwitch | undefined
  /** The counts so far. */
  summary(): JobSummary
}

/** Waits for all; when one fails the others are stopped, and waited for too, before its error is thrown. */
export async function allOrNone(work: readonly Promise<void>[], stop: () => void): Promise<void> {
  try {
    await Promise.all(work)
  } catch (error) {
    stop()
    await Promise.allSettled(work)
    throw error
  }
}
