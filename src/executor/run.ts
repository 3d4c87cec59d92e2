import type { ArtifactStore } from '../cache/artifacts.ts'
import type { ResultCache } from '../cache/cache.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { ArtifactRef } from '../catalog/results.ts'
import { errorSaying, MediaError } from '../errors.ts'
import type { Identity } from '../media/media.ts'
import type { Executor } from './executor.ts'
import { Identities } from './identities.ts'
import { locateFile } from './locate.ts'
import { type Memory, resultKey } from './memory.ts'
import { type Asked, stepOf, stepsFor } from './steps.ts'
import type { Outcome, Step } from './task.ts'
import type { Told } from './worker-io.ts'

/** What running one operation at once needs. */
export interface RunParts {
  readonly executor: Executor
  readonly catalog: Catalog
  readonly cache: ResultCache
  readonly artifacts: ArtifactStore
}

/** One operation asked of one file, which is named by its absolute path or by the asset's id. */
export interface RunRequest extends Asked {
  readonly path?: string
  /** Whole id of an asset, or its unique beginning. */
  readonly asset?: string
  /** Tries again what failed before and is remembered. */
  readonly retry?: boolean
  readonly signal?: AbortSignal
  readonly onProgress?: (told: Told) => void
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
  /** The file name by which other files of the answer refer to it. */
  readonly name?: string
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
export async function runOperation(parts: RunParts, request: RunRequest): Promise<RunAnswer> {
  const { executor, catalog, cache, artifacts } = parts
  const identities = new Identities(catalog, cache)
  const startedAt = performance.now()
  const asked = await stepsFor(parts, request)
  const file = locateFile(catalog, request, request.within)
  // Who asks by content gets an answer of that content.
  const isQuick =
    request.asset === undefined && asked.steps.some(({ operation, params }) => operation.isQuick?.(params))
  const known = await identities.find(file, { isQuick })
  // Looked for here and not by the executor, which would stat the file twice more and wait for a transaction.
  let identity = known?.identity
  let outcome = identity && (await rememberedStep(executor.memory, identity, stepOf(asked, identity.kind)))
  if (!outcome) {
    let seen: Identity | undefined
    try {
      const processed = await executor.process({
        path: file.path,
        steps: (found) => {
          seen = found
          return [stepOf(asked, found.kind)]
        },
        priority: 'interactive',
        keepIn: 'cache',
        ...(known ? { known } : {}),
        ...(isQuick ? { isQuick } : {}),
        ...(request.retry ? { retry: true } : {}),
        ...(request.within ? { within: request.within } : {}),
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
  // Files that were touched are hashed again, and this one is not what was asked for any more.
  if (request.asset !== undefined && !identity?.contentId.startsWith(request.asset))
    throw new MediaError('FILE_CHANGED')
  if (!outcome || !identity) throw new MediaError('INTERNAL', ['the operation gave no outcome'])
  if ('code' in outcome) throw errorSaying(outcome.code, outcome.message)
  return {
    operation: outcome.step.operation.name,
    path: file.path,
    asset: identity.contentId,
    cached: outcome.state === 'cached',
    durationMs: Math.round((performance.now() - startedAt) * 100) / 100,
    result: outcome.result,
    artifacts: withPaths(outcome.artifacts, artifacts),
  }
}

/** Artifacts with the absolute paths of their files. */
export const withPaths = (refs: readonly ArtifactRef[], store: Pick<ArtifactStore, 'pathOf'>): RunArtifact[] =>
  refs.map(({ id, ...artifact }) => ({ ...artifact, path: store.pathOf(id, artifact.format) }))

const rememberedStep = (memory: Memory, identity: Identity, step: Step): Promise<Outcome | undefined> =>
  memory.find(resultKey(identity, step), step, { hot: true })
