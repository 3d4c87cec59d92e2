import { stat } from 'node:fs/promises'
import type { ArtifactStore } from '../cache/artifacts.ts'
import type { ResultCache } from '../cache/cache.ts'
import { cacheKey } from '../cache/key.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { ArtifactRef, StoredResult } from '../catalog/results.ts'
import { isFinalCode } from '../errors.ts'
import type { EventBus } from '../events.ts'
import type { Identity } from '../media/media.ts'
import { engineVersions } from '../media/versions.ts'
import type { Outcome, Step } from './task.ts'

/** An answer as the cache holds it. */
interface Remembered {
  readonly result: unknown
  readonly artifacts: readonly ArtifactRef[]
}

/** The key of an answer: what was asked, of which content, of which version of us and of the decoders. */
export function resultKey(identity: Identity, { operation, params }: Step): string {
  return cacheKey({
    subject: subjectOf(identity, operation),
    operation: operation.name,
    version: operation.version,
    params,
    engine: engineVersions().series,
    sidecar: operation.readsSidecars ? identity.sidecarId : undefined,
    extension: operation.readsExtension ? identity.extension : undefined,
  })
}

/**
 * What the catalog keeps of an asset, wherever it lies. The catalog knows sidecars of files, not of assets: what was read
 * with those of one of its files counts.
 */
export function resultOfAsset(catalog: Catalog, identity: Identity, step: Step): StoredResult | undefined {
  const found = catalog.results.find(resultKey(identity, step))
  if (found || !step.operation.readsSidecars) return found
  const { name, version } = step.operation
  const params = JSON.stringify(step.params)
  return catalog.results
    .of(identity.contentId, identity.contentId)
    .findLast((stored) => stored.operation === name && stored.version === version && stored.params === params)
}

/** What the memory of outcomes is built from. */
export interface MemoryParts {
  readonly cache: ResultCache
  readonly catalog: Catalog
  readonly artifacts: ArtifactStore
  readonly events: EventBus
}

/** Finds and keeps outcomes: first the cache (memory, then disk), then what the catalog keeps for good. */
export class Memory {
  readonly #cache: ResultCache
  readonly #catalog: Catalog
  readonly #artifacts: ArtifactStore
  readonly #events: EventBus

  constructor(parts: MemoryParts) {
    this.#cache = parts.cache
    this.#catalog = parts.catalog
    this.#artifacts = parts.artifacts
    this.#events = parts.events
  }

  /**
   * What is remembered of a step. `hot` also asks and warms the cache, which bulk work leaves alone; `failuresOf` also
   * finds the failures of this very file: one with other metadata around the same pixels gets a chance of its own.
   */
  async find(
    key: string,
    step: Step,
    options: { hot: boolean; failuresOf?: Identity | undefined },
  ): Promise<Outcome | undefined> {
    const { name, category } = step.operation
    const hit = options.hot ? await this.#cache.get(category, key) : undefined
    const stored = hit ? undefined : this.#catalog.results.find(key)
    const remembered = (hit?.value ?? stored) as Remembered | undefined
    if (remembered) {
      const { result, artifacts } = remembered
      if (await this.#hasFiles(artifacts)) {
        this.#events.emit('cache.hit', { operation: name, tier: hit?.tier ?? 'catalog' })
        if (options.hot && !hit) await this.#cache.set(category, key, { result, artifacts }, artifacts)
        return { state: 'cached', step, key, result, artifacts, durationMs: 0 }
      }
      // Whoever removed its files wants them made anew, not named.
      await this.#cache.delete(category, key)
      await this.#catalog.write(() => this.#catalog.results.drop(key))
    }
    const failure = options.failuresOf && this.#catalog.results.findFailure(failureKey(key, options.failuresOf))
    if (failure && failure.engine === engineVersions().exact) {
      const state = failure.quarantined ? 'quarantined' : 'failed'
      return { state, step, key, code: failure.code, message: failure.message, remembered: true, durationMs: 0 }
    }
    return undefined
  }

  /** Keeps new outcomes; `also`, where given, is written in the same transaction. Resolves once they are on disk. */
  async keep(
    outcomes: readonly Outcome[],
    options: { identity: Identity; path: string; keepIn: 'catalog' | 'cache'; also: (() => void) | undefined },
  ): Promise<void> {
    const { identity, path, keepIn } = options
    const fresh = outcomes.filter(
      (outcome) => outcome.state !== 'cached' && !('remembered' in outcome && outcome.remembered),
    )
    for (const outcome of fresh) {
      if (outcome.state !== 'done' || keepIn !== 'cache') continue
      const { result, artifacts } = outcome
      const { category } = outcome.step.operation
      await this.#cache.set(category, outcome.key, { result, artifacts } satisfies Remembered, artifacts)
    }
    const isForCatalog = keepIn === 'catalog' || fresh.some(({ state }) => state !== 'done')
    // Who waits for an answer should not wait for a transaction that has nothing to write.
    if (!options.also && !(isForCatalog && fresh.length > 0)) return
    await this.#catalog.write(() => {
      for (const outcome of fresh) this.#keepInCatalog(outcome, identity, path, keepIn === 'catalog')
      options.also?.()
    })
  }

  async #hasFiles(artifacts: readonly ArtifactRef[]): Promise<boolean> {
    const looks = artifacts.map(
      async ({ id, format, bytes }) => (await stat(this.#artifacts.pathOf(id, format))).size === bytes,
    )
    return (await Promise.allSettled(looks)).every((look) => look.status === 'fulfilled' && look.value)
  }

  #keepInCatalog(outcome: Outcome, identity: Identity, path: string, keepsResults: boolean): void {
    const { key, step, durationMs } = outcome
    const { name, version } = step.operation
    if (outcome.state === 'failed' || outcome.state === 'quarantined') {
      if (!isFinalCode(outcome.code)) return
      const { code, message } = outcome
      const isQuarantined = outcome.state === 'quarantined'
      const engine = engineVersions().exact
      this.#catalog.results.putFailure({
        key: failureKey(key, identity),
        subject: identity.contentId,
        operation: name,
        code,
        message,
        quarantined: isQuarantined,
        engine,
        path,
      })
    } else if (keepsResults) {
      const { result, artifacts } = outcome as Extract<Outcome, { state: 'done' | 'cached' }>
      const subject = subjectOf(identity, step.operation)
      const params = JSON.stringify(step.params)
      this.#catalog.results.put({ key, subject, operation: name, version, params, result, artifacts, durationMs })
    }
  }
}

const failureKey = (key: string, identity: Identity): string => `${key}:${identity.contentId}`

const subjectOf = (identity: Identity, operation: Step['operation']): string =>
  operation.dependsOn === 'pixels' ? identity.pixelId : identity.contentId
