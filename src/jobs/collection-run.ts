import { Worker } from 'node:worker_threads'
import type { JobRow } from '../catalog/ledger.ts'
import type { ArtifactRef, StoredResult } from '../catalog/results.ts'
import type { Selection } from '../catalog/selections.ts'
import { type ErrorCode, errorSaying, MediaError } from '../errors.ts'
import { withPaths } from '../executor/run.ts'
import type { CollectionOperation } from '../operations/collection-operation.ts'
import type { JobTools } from './job-run.ts'

/** What the thread of a collection operation gets. */
export interface CollectionWork {
  readonly catalogFile: string
  readonly artifactFolder: string
  readonly operation: string
  readonly params: Record<string, unknown>
  readonly selection: Selection & { readonly collection: string }
}

/** What it says: how far it is, 0–1, any number of times, and one end. */
export type CollectionSaid = CollectionEnd | { readonly progress: number }

/** How it ended. */
export type CollectionEnd =
  | {
      readonly answer: Pick<StoredResult, 'key' | 'result' | 'artifacts' | 'durationMs'>
      readonly isRemembered: boolean
    }
  | { readonly error: { readonly code: ErrorCode; readonly message: string; readonly stack: string } }

const script = new URL(
  import.meta.url.endsWith('.ts') ? './collection-thread.ts' : './collection-thread.js',
  import.meta.url,
)

/**
 * Runs an operation on what is known of a whole collection, in a thread of its own, and keeps and announces its answer.
 * Tells `io.progress` how far it is.
 */
export async function runCollection(
  { catalog, artifacts, artifactFolder, events }: JobTools,
  job: JobRow,
  { operation, params }: { operation: CollectionOperation; params: Record<string, unknown> },
  io: { readonly signal: AbortSignal; readonly progress: (fraction: number) => void },
): Promise<void> {
  const { selection } = job.params as { selection: Selection }
  const collection = catalog.collections.find(selection.collection ?? '')
  if (!collection) throw new MediaError('NOT_FOUND', ['collection', selection.collection ?? ''])
  const { name, version } = operation
  const said = await inThread(
    {
      catalogFile: catalog.file,
      artifactFolder,
      operation: name,
      params,
      selection: { ...selection, collection: collection.id },
    },
    io,
  )
  if ('error' in said) throw errorSaying(said.error.code, said.error.message, { cause: said.error.stack })
  const { key, result, artifacts: refs, durationMs } = said.answer
  const answer = { result, artifacts: withPaths(refs as ArtifactRef[], artifacts), cached: said.isRemembered }
  const question = JSON.stringify({ ...params, selection })
  const subject = `collection:${collection.id}`
  await catalog.write(() => {
    if (!said.isRemembered) {
      const stored = { key, subject, operation: name, version, params: question, result, artifacts: refs, durationMs }
      catalog.results.replace(stored)
    }
    catalog.ledger.setResult(job.id, answer)
  })
  events.emit('task.finished', {
    job: job.id,
    operation: name,
    path: collection.root,
    collection: collection.id,
    durationMs: said.isRemembered ? 0 : Math.round(durationMs),
    ...answer,
  })
}

async function inThread(
  workerData: CollectionWork,
  { signal, progress }: Parameters<typeof runCollection>[3],
): Promise<CollectionEnd> {
  signal.throwIfAborted()
  const thread = new Worker(script, { workerData, execArgv: ['--disable-warning=ExperimentalWarning'] })
  const { promise, resolve, reject } = Promise.withResolvers<CollectionEnd>()
  const stop = () => reject(new MediaError('CANCELLED'))
  signal.addEventListener('abort', stop, { once: true })
  thread.on('message', (said: CollectionSaid) => ('progress' in said ? progress(said.progress) : resolve(said)))
  thread.once('error', reject)
  thread.once('exit', () => reject(new MediaError('INTERNAL', ['the thread of the operation ended without an answer'])))
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', stop)
    await thread.terminate()
  }
}
