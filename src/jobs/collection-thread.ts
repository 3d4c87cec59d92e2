/** The thread behind collection-run.ts: looks at what is known of every file of a collection and posts one answer. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { createArtifactStore } from '../cache/artifacts.ts'
import { cacheKey } from '../cache/key.ts'
import { openCatalog } from '../catalog/catalog.ts'
import type { ArtifactRef } from '../catalog/results.ts'
import type { SelectedFile } from '../catalog/selections.ts'
import { MediaError, toMediaError } from '../errors.ts'
import { identityOf } from '../executor/identities.ts'
import { resultKey, resultOfAsset } from '../executor/memory.ts'
import type { Step } from '../executor/task.ts'
import type { Kind } from '../media/formats.ts'
import { engineVersions } from '../media/versions.ts'
import type { CollectionOperation, CollectionView, Member } from '../operations/collection-operation.ts'
import { findCollectionOperation, findOperation } from '../operations/index.ts'
import type { CollectionEnd, CollectionSaid, CollectionWork } from './collection-run.ts'

const { catalogFile, artifactFolder, operation: name, params, selection } = workerData as CollectionWork
const catalog = openCatalog(catalogFile)
const store = createArtifactStore(artifactFolder)
const kinds = ['picture', 'film', 'sound'] as const

/** What the operation needs of a file of each kind. */
function stepsByKind(operation: CollectionOperation): ReadonlyMap<Kind, readonly Step[]> {
  const steps = new Map<Kind, Step[]>(kinds.map((kind) => [kind, []]))
  for (const { operation: needed, params: given = {}, kinds: some = kinds } of operation.needs(params)) {
    for (const kind of some) {
      const found = findOperation(needed, kind)
      if (found) steps.get(kind)?.push({ operation: found, params: found.params.parse(given), label: needed })
    }
  }
  return steps
}

/** All that an answer hangs on: the files, which results there are of each, and what was declared distinct. */
function keyOf(operation: CollectionOperation, steps: ReadonlyMap<Kind, readonly Step[]>): string {
  const hash = createHash('sha256')
  for (const file of catalog.selections.each(selection, kinds)) {
    const keys = (steps.get(file.asset.kind) ?? []).map((step) => keyOfResult(file, step)).join(' ')
    const { location, mtimeMs, inode, asset } = file
    hash.update(`${location}\0${pathOf(file)}\0${mtimeMs}\0${inode}\0${asset.id}\0${keys}\n`)
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

/** Empty when there is no result; results are not read for it, as those of a whole collection can be gigabytes. */
function keyOfResult({ asset }: SelectedFile, step: Step): string {
  const identity = identityOf(asset)
  const key = resultKey(identity, step)
  if (catalog.results.has(key)) return key
  return step.operation.readsSidecars ? (resultOfAsset(catalog, identity, step)?.key ?? '') : ''
}

function viewOf(steps: ReadonlyMap<Kind, readonly Step[]>): CollectionView {
  const collection = catalog.collections.find(selection.collection)
  if (!collection) throw new MediaError('NOT_FOUND', ['collection', selection.collection])
  const { id, name: title, root } = collection
  return {
    id,
    name: title,
    root,
    *members() {
      for (const file of catalog.selections.each(selection, kinds)) {
        yield memberOf(file, steps.get(file.asset.kind) ?? [])
      }
    },
    distinctPairs: () => catalog.distinct.list(),
  }
}

function memberOf(file: SelectedFile, steps: readonly Step[]): Member {
  const identity = identityOf(file.asset)
  const results: Record<string, unknown> = {}
  for (const step of steps) {
    const stored = resultOfAsset(catalog, identity, step)
    if (stored) results[step.label] = stored.result
  }
  const { contentId, decodedBytes: _, ...facts } = identity
  return { ...facts, asset: contentId, path: pathOf(file), results }
}

const pathOf = ({ root, folder, name: file }: SelectedFile): string => join(root, folder, file)

let told = 0

/** Not more often than anybody could see. */
function tell(fraction: number): void {
  if (fraction < told + 0.01) return
  told = fraction
  parentPort?.postMessage({ progress: fraction } satisfies CollectionSaid)
}

async function answer(): Promise<CollectionEnd> {
  const operation = findCollectionOperation(name)
  if (!operation) throw new Error(`there is no operation ${name} on collections`)
  const steps = stepsByKind(operation)
  const key = keyOf(operation, steps)
  const remembered = catalog.results.find(key)
  if (remembered?.artifacts.every(({ id, format }) => existsSync(store.pathOf(id, format)))) {
    return { answer: remembered, isRemembered: true }
  }
  const artifacts: ArtifactRef[] = []
  const startedAt = performance.now()
  const result = await operation.run(viewOf(steps), params as never, {
    // The thread is ended when nobody waits any more.
    signal: new AbortController().signal,
    progress: tell,
    artifact: async (draft, content) => {
      artifacts.push({ ...draft, ...(await store.write(content, draft.format)) })
    },
  })
  return { answer: { key, result, artifacts, durationMs: performance.now() - startedAt }, isRemembered: false }
}

let said: CollectionEnd
try {
  said = await answer()
} catch (thrown) {
  const { code, message, stack = '' } = toMediaError(thrown)
  said = { error: { code, message, stack } }
}
catalog.close()
parentPort?.postMessage(said)
