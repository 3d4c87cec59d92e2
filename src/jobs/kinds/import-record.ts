import type { Asset } from '../../catalog/assets.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import type { Collection } from '../../catalog/collections.ts'
import type { JobRow, TaskState } from '../../catalog/ledger.ts'
import type { LocationState } from '../../catalog/locations.ts'
import { type ErrorCode, isFinalCode } from '../../errors.ts'
import type { Outcome, Processed } from '../../executor/task.ts'
import { hasMediaExtension } from '../../media/formats.ts'
import type { Identity } from '../../media/media.ts'
import type { Metadata } from '../../media/metadata.ts'
import type { RecipeMarks } from '../recipe.ts'
import type { FoundFile } from '../walk.ts'

/** A failed task as it is announced. */
interface AnnouncedFailure {
  readonly operation: string
  readonly code: ErrorCode
  readonly message: string
  readonly quarantined: boolean
  readonly remembered: boolean
}

interface FileFacts {
  readonly job: JobRow
  readonly collection: Collection
  readonly recipe: RecipeMarks
  readonly file: FoundFile
  readonly path: string
}

/** Name of the task that finds out what a file is; it stands in the ledger only when it fails. */
const identifyTask = 'identify'

/** Makes the writer of one file's rows, to be called inside a transaction; afterwards it tells what there is to announce. */
export function recordFile(catalog: Catalog, facts: FileFacts) {
  const record = {
    failures: [] as readonly AnnouncedFailure[],
    asset: undefined as string | undefined,
    isIgnored: false,
    /** True when something was really computed, so that its duration teaches something. */
    isFresh: false,
    skippedBecause: undefined as string | undefined,

    write(processed: Processed): void {
      if ('identity' in processed) {
        record.asset = processed.identity.contentId
        record.isFresh = processed.outcomes.some((outcome) => outcome.state === 'done')
        record.failures = processed.outcomes.flatMap(toFailure)
        writeAsset(catalog, processed.identity, processed.outcomes)
        forgetOtherSidecars(catalog, facts, processed.outcomes)
        writeLocation(catalog, facts, processed.identity.contentId, processed.outcomes, record.failures)
        return
      }
      const { code, message } = processed.failure
      if (code === 'FILE_MISSING') {
        record.skippedBecause = 'it vanished'
        return
      }
      // Only what claims to be media has to explain itself; texts and settings beside the photos do not.
      record.isIgnored = (code === 'UNSUPPORTED_CONTENT' || code === 'EMPTY_FILE') && !hasMediaExtension(facts.path)
      const quarantined = processed.isQuarantined
      record.failures = record.isIgnored
        ? []
        : [{ operation: identifyTask, code, message, quarantined, remembered: false }]
      const state = record.isIgnored ? 'ignored' : stateOf(record.failures)
      const location = putLocation(catalog, facts, null, state, record.failures)
      for (const failure of record.failures) putTask(catalog, facts, location, identifyTask, failure)
    },
  }
  return record
}

function toFailure(outcome: Outcome): AnnouncedFailure[] {
  if (outcome.state !== 'failed' && outcome.state !== 'quarantined') return []
  const { code, message, remembered, step, state } = outcome
  return [{ operation: step.operation.name, code, message, quarantined: state === 'quarantined', remembered }]
}

function stateOf(failures: readonly AnnouncedFailure[]): LocationState {
  // Who asks next may be let further, and folders are added to those allowed.
  if (failures.some(({ code }) => !isFinalCode(code) || code === 'PATH_FORBIDDEN')) return 'pending'
  if (failures.some(({ quarantined }) => quarantined)) return 'quarantined'
  return failures.length > 0 ? 'failed' : 'done'
}

function writeLocation(
  catalog: Catalog,
  facts: FileFacts,
  asset: string,
  outcomes: readonly Outcome[],
  failures: readonly AnnouncedFailure[],
): void {
  const location = putLocation(catalog, facts, asset, stateOf(failures), failures, outcomes.length)
  for (const outcome of outcomes) {
    const { state, step, durationMs } = outcome
    const failure = 'code' in outcome ? outcome : { code: null, message: null }
    const { code, message } = failure
    catalog.ledger.putTask({ job: facts.job.number, location, step: step.label, state, code, message, durationMs })
  }
}

function putLocation(
  catalog: Catalog,
  { job, collection, recipe, file }: FileFacts,
  asset: string | null,
  state: LocationState,
  failures: readonly AnnouncedFailure[],
  tasks = failures.length,
): number {
  const location = catalog.locations.put({
    ...file,
    collection: collection.id,
    asset,
    state,
    recipe: failures.length > 0 ? recipe.failed : recipe.finished,
    tasks,
    failures: failures.map(({ operation, code, message, quarantined }) => ({ operation, code, message, quarantined })),
    job: job.number,
  })
  catalog.ledger.dropTasks(job.number, location)
  return location
}

function putTask(catalog: Catalog, facts: FileFacts, location: number, step: string, failure: AnnouncedFailure): void {
  const state: TaskState = failure.quarantined ? 'quarantined' : 'failed'
  const { code, message } = failure
  catalog.ledger.putTask({ job: facts.job.number, location, step, state, code, message, durationMs: null })
}

/** An asset has one metadata: what was read with other sidecars, or without these, is not told of it any more. */
function forgetOtherSidecars(catalog: Catalog, facts: FileFacts, outcomes: readonly Outcome[]): void {
  const { collection, file } = facts
  const before = catalog.locations.find(collection.id, file.folder, file.name)
  if (!file.sidecar && !before?.sidecar) return
  for (const { key, step } of outcomes) {
    const stored = step.operation.readsSidecars ? catalog.results.find(key) : undefined
    if (!stored) continue
    const { subject, operation, params } = stored
    for (const other of catalog.results.of(subject, subject)) {
      if (other.operation === operation && other.params === params && other.key !== key) catalog.results.drop(other.key)
    }
  }
}

function writeAsset(catalog: Catalog, identity: Identity, outcomes: readonly Outcome[]): void {
  const metadata = outcomes.find(({ step }) => step.operation.name === 'metadata')
  const said = (metadata && 'result' in metadata ? metadata.result : {}) as Partial<Metadata>
  const { contentId, pixelId, kind, format, bytes, decodedBytes } = identity
  catalog.assets.put({
    id: contentId,
    pixelId,
    kind,
    format,
    bytes,
    decodedBytes,
    width: identity.width ?? said.width ?? null,
    height: identity.height ?? said.height ?? null,
    durationMs: identity.durationMs ?? said.durationMs ?? null,
    originMs: identity.originMs ?? null,
    frames: identity.frames ?? null,
    takenAt: said.takenAt ?? null,
    camera: said.camera?.model ?? null,
    title: said.title ?? null,
    rating: said.rating ?? null,
    latitude: said.gps?.latitude ?? null,
    longitude: said.gps?.longitude ?? null,
    pairId: said.motion?.identifier ?? null,
  } satisfies Asset)
}
