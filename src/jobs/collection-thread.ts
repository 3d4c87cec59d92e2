/** The thread behind collection-run.ts: looks at what is known of every file of a collection and posts one answer. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { createArtifactStore } from '../cache/artifacts.ts'
import { cacheKey } from '../cache/key.ts'
import { openCatalog } from '../catalog/catalog.ts'
import type { ArtifactRef } from '../catalog/results.ts'
import type { SelectedFile } from '../catalog/selections.ts'
import { toMediaError } from '../errors.ts'
import { identityOf } from '../executor/identities.ts'
import { resultOfAsset } from '../executor/memory.ts'
import type { Step } from '../executor/task.ts'
import { engineVersions } from '../media/versions.ts'
import type { CollectionOperation, CollectionView, Member } from '../operations/collection-operation.ts'
import { findCollectionOperation, findOperation } from '../operations/index.ts'
import type { CollectionSaid, CollectionWork } from './collection-run.ts'

const { catalogFile, artifactFolder, operation: name, params, selection, isNews } = workerData as CollectionWork
const catalog = openCatalog(catalogFile)
const kinds = ['picture', 'film', 'sound'] as const

/** All that an answer hangs on besides the results of each file. */
function keyOf(operation: CollectionOperation): string {
  const hash = createHash('sha256')
  for (const { location, root, folder, name: file, mtimeMs, asset } of catalog.selections.each(selection, kinds)) {
    hash.update(`${location}\0${join(root, folder, file)}\0${mtimeMs}\0${asset.id}\n`)
  }
  for (const pair of catalog.distinct.list()) hash.update(`${pair.join(' ')}\n`)
  return cacheKey({
    subject: hash.digest('hex'),
    operation: name,
    version: operation.version,
    params: { ...params, selection },
    engine: engineVersions().series,
  })
}

function viewOf(operation: CollectionOperation): CollectionView {
  const {
    id,
    name: title,
    root,
  } = catalog.collections.find(selection.collection) ?? {
    id: selection.collection,
    name: '',
    root: '',
  }
  const steps = operation.needs(params).flatMap(({ operation: needed, params: given = {}, kinds: some = kinds }) =>
    some.flatMap((kind) => {
      const found = findOperation(needed, kind)
      return found ? [{ kind, step: { operation: found, params: found.params.parse(given), label: needed } }] : []
    }),
  )
  return {
    id,
    name: title,
    root,
    *members() {
      for (const file of catalog.selections.each(selection, kinds)) {
        yield memberOf(
          file,
          steps.filter(({ kind }) => kind === file.asset.kind).map(({ step }) => step),
        )
      }
    },
    distinctPairs: () => catalog.distinct.list(),
  }
}

function memberOf({ root, folder, name: file, asset }: SelectedFile, steps: readonly Step[]): Member {
  const identity = identityOf(asset)
  const results: Record<string, unknown> = {}
  for (const step of steps) {
    const stored = resultOfAsset(catalog, identity, step)
    if (stored) results[step.label] = stored.result
  }
  const { contentId, decodedBytes: _, ...facts } = identity
  return { ...facts, asset: contentId, path: join(root, folder, file), results }
}

async function answer(): Promise<CollectionSaid> {
  const operation = findCollectionOperation(name)
  if (!operation) throw new Error(`there is no operation ${name} on collections`)
  const key = keyOf(operation)
  const remembered = isNews ? undefined : catalog.results.find(key)
  if (remembered) return { answer: remembered, isRemembered: true }
  const store = createArtifactStore(artifactFolder)
  const artifacts: ArtifactRef[] = []
  const startedAt = performance.now()
  const result = await operation.run(viewOf(operation), params as never, {
    signal: new AbortController().signal,
    progress: () => {},
    artifact: async (draft, content) => {
      artifacts.push({ ...draft, ...(await store.write(content, draft.format)) })
    },
  })
  return { answer: { key, result, artifacts, durationMs: performance.now() - startedAt }, isRemembered: false }
}

let said: CollectionSaid
try {
  said = await answer()
} catch (thrown) {
  const { code, message, stack = '' } = toMediaError(thrown)
  said = { error: { code, message, stack } }
}
catalog.close()
parentPort?.postMessage(said)
