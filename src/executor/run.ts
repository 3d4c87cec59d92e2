import { isAbsolute, join } from 'node:path'
import type { ArtifactStore } from '../cache/artifacts.ts'
import type { ResultCache } from '../cache/cache.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { errorSaying, MediaError } from '../errors.ts'
import type { Kind } from '../media/formats.ts'
import type { Identity } from '../media/media.ts'
import { operations, operationsNamed } from '../operations/index.ts'
import type { Operation, OperationGroup } from '../operations/operation.ts'
import { parseParameters } from '../operations/parameters.ts'
import type { Executor } from './executor.ts'
import { type FileFacts, Identities, isUnchanged, lookAt } from './identities.ts'
import { resultKey } from './memory.ts'
import type { Outcome, Step } from './task.ts'

/** What running one operation at once needs. */
export interface RunParts {
  readonly executor: Executor
  readonly catalog: Catalog
  readonly cache: ResultCache
  readonly artifacts: ArtifactStore
}

/** One operation asked of one file, which is named by its absolute path or by the asset's id. */
export interface RunRequest {
  readonly path?: string
  /** Whole id of an asset, or its unique beginning. */
  readonly asset?: string
  readonly operation: string
  /** Takes only the operation of this group, where a name stands for one of pictures and one of films. */
  readonly group?: OperationGroup
  /** As given: defaults are filled in, unknown names refused. */
  readonly params: Readonly<Record<string, unknown>>
  /** Tries again what failed before and is remembered. */
  readonly retry?: boolean
  readonly signal?: AbortSignal
  readonly onProgress?: (fraction: number) => void
}

/** A file that an operation made. */
export interface RunArtifact {
  readonly role: string
  /** Absolute. */
  readonly path: string
  readonly format: string
  readonly width?: number
  readonly height?: number
  readonly bytes: number
}

/** The answer as scripts see it, over HTTP and from the command line. */
export interface RunAnswer {
  readonly operation: string
  readonly path: string
  readonly asset: string
  readonly cached: boolean
  readonly durationMs: number
  readonly result: unknown
  readonly artifacts: readonly RunArtifact[]
}

/** Runs one operation on one file for somebody who waits; throws a MediaError for whatever goes wrong. */
export function runOperation(parts: RunParts, request: RunRequest): Promise<RunAnswer> {
  const runner = runners.get(parts.executor) ?? createRunner(parts)
  runners.set(parts.executor, runner)
  return runner(request)
}

const runners = new WeakMap<Executor, (request: RunRequest) => Promise<RunAnswer>>()

function createRunner(parts: RunParts): (request: RunRequest) => Promise<RunAnswer> {
  const { executor, catalog, cache, artifacts } = parts
  const identities = new Identities(catalog, cache)
  const { memory } = executor

  return async (request) => {
    const startedAt = performance.now()
    const candidates = candidatesFor(request)
    const file = locate(catalog, request)
    const known = await identities.find(file)
    let outcome = known && (await remembered(known, stepFor(candidates, known.kind, request)))
    let identity = known
    if (!outcome) {
      let seen: Identity | undefined
      try {
        const processed = await executor.process({
          path: file.path,
          steps: (found) => {
            seen = found
            return [stepFor(candidates, found.kind, request)]
          },
          priority: 'interactive',
          keepIn: 'cache',
          ...(known ? { known } : {}),
          ...(request.retry ? { retry: true } : {}),
          ...(request.signal ? { signal: request.signal } : {}),
          ...(request.onProgress ? { onProgress: request.onProgress } : {}),
        })
        if ('failure' in processed) throw processed.failure
        identity = processed.identity
        outcome = processed.outcomes[0]
      } catch (thrown) {
        throw request.signal?.aborted ? new MediaError('CANCELLED', [], { cause: thrown }) : thrown
      } finally {
        if (seen && !known) await identities.remember(file, seen)
      }
    }
    if (!outcome || !identity) throw new MediaError('INTERNAL', ['the operation gave no outcome'])
    if ('code' in outcome) throw errorSaying(outcome.code, outcome.message)
    return {
      operation: outcome.step.operation.name,
      path: file.path,
      asset: identity.contentId,
      cached: outcome.state === 'cached',
      durationMs: Math.round((performance.now() - startedAt) * 100) / 100,
      result: outcome.result,
      artifacts: outcome.artifacts.map(({ id, ...artifact }) => ({
        ...artifact,
        path: artifacts.pathOf(id, artifact.format),
      })),
    }
  }

  /** Found here and not by the executor, which would stat the file twice more and wait for a transaction. */
  async function remembered(identity: Identity, step: Step): Promise<Outcome | undefined> {
    return memory.find(resultKey(identity, step), step, { hot: true })
  }
}

/** The operations that a request may mean, its parameters checked against each; none is opened a file for in vain. */
function candidatesFor({ operation: name, group, params }: RunRequest): readonly Operation[] {
  const named = operationsNamed(name).filter((operation) => group === undefined || operation.group === group)
  if (named.length === 0) {
    const known = [...new Set(operations.map((operation) => operation.name))]
    throw new MediaError('OPERATION_UNKNOWN', [name, known.join(', ')])
  }
  let refusal: unknown
  const fitting = named.filter((operation) => {
    try {
      parseParameters(operation.params, params)
      return true
    } catch (error) {
      refusal ??= error
      return false
    }
  })
  if (fitting.length === 0) throw refusal
  return named
}

function stepFor(candidates: readonly Operation[], kind: Kind, { params }: RunRequest): Step {
  const operation = candidates.find(({ accepts }) => accepts.includes(kind))
  if (!operation) {
    const kinds = [...new Set(candidates.flatMap(({ accepts }) => accepts))]
    throw new MediaError('OPERATION_UNFIT', [candidates[0]?.name ?? '', kinds.map(plural).join(' and '), kind])
  }
  return { operation, params: parseParameters(operation.params, params), label: operation.name }
}

const plural = (kind: Kind): string => `${kind}s`

/** The file that a request means, looked at; of an asset's locations the first one where it still lies unchanged. */
function locate(catalog: Catalog, { path, asset: id }: RunRequest): FileFacts {
  if (path !== undefined) {
    if (!isAbsolute(path) || path.includes('\0')) {
      throw new MediaError('PARAMS_INVALID', [`Expected an absolute path, but it was ${JSON.stringify(path)}.`])
    }
    return lookAt(path)
  }
  const asset = id === undefined ? undefined : (catalog.assets.find(id) ?? catalog.assets.findByPrefix(id))
  if (!asset) throw new MediaError('NOT_FOUND', ['asset', id ?? ''])
  return locateAsset(catalog, asset.id)
}

/** Where an asset lies now. Throws FILE_CHANGED when only other content is at its places, FILE_MISSING when nothing is. */
export function locateAsset(catalog: Catalog, asset: string): FileFacts {
  let failure: unknown
  for (const location of catalog.locations.ofAsset(asset)) {
    try {
      const file = lookAt(join(location.root, location.folder, location.name))
      if (isUnchanged(location, file)) return file
      failure = new MediaError('FILE_CHANGED')
    } catch (error) {
      failure ??= error
    }
  }
  throw failure ?? new MediaError('FILE_MISSING', [`asset ${asset.slice(0, 12)}`])
}
