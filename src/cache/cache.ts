import { dirname } from 'node:path'
import { MediaError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { byCategory, type CacheCategory, type CategoryTraits, categories, categoryNames } from './categories.ts'
import { openEnvelope } from './envelope.ts'
import { MemoryShelf } from './memory-driver.ts'
import type { CacheHealth, CacheHit, CacheStatistics, HeldArtifact, ResultCache, Trimmed } from './result-cache.ts'
import { type Attachment, SqliteDriver } from './sqlite-driver.ts'
import { type GuardNews, SqliteGuard } from './sqlite-guard.ts'
import { artifactsOf, evict, prune, shrink, spacesOf, touchAll } from './sqlite-upkeep.ts'
import type { Tiers } from './tiers.ts'

export type { CacheHealth, CacheHit, CacheStatistics, HeldArtifact, ResultCache, Trimmed } from './result-cache.ts'

/** What the cache is built from. */
export interface CacheSettings {
  /** The second tier; it and its folder are made when they are not there. */
  readonly file: string
  /** Room of the first tier in memory. */
  readonly l1Bytes: number
  readonly log?: Pick<Logger, 'info' | 'warn'> | undefined
  /** Told once for a trouble of the second tier, not for every call that meets it. The cache goes on in any case. */
  readonly onError: (error: MediaError) => void
  /** Lifetimes and budgets; the category table when absent. */
  readonly traits?: Readonly<Record<CacheCategory, CategoryTraits>>
}

/** Opens the cache; touches no file and loads no library before it is used. */
export function createCache(settings: CacheSettings): ResultCache {
  return new TwoTierCache(settings)
}

/**
 * Loading bentocache takes as long as starting Node. A command that asks for one cached file does without: it has no
 * memory to look into, so the file is read as bentocache would. Who asks more often gets the first tier.
 */
const readsWithoutMemory = 8

class TwoTierCache implements ResultCache {
  readonly #traits: Readonly<Record<CacheCategory, CategoryTraits>>
  readonly #shelf: MemoryShelf
  readonly #guard: SqliteGuard
  readonly #attachments = new Map<string, Attachment>()
  readonly #counts = byCategory(() => ({ l1Hits: 0, l2Hits: 0, misses: 0, evictions: 0 }))
  #tiers: Record<CacheCategory, Tiers> | undefined
  #loading: Promise<Record<CacheCategory, Tiers>> | undefined
  #directReads = 0

  constructor({ file, l1Bytes, log, onError, traits = categories }: CacheSettings) {
    this.#traits = traits
    this.#shelf = new MemoryShelf(l1Bytes)
    this.#guard = new SqliteGuard(file, (news) => tell(news, file, log, onError))
  }

  async get(category: CacheCategory, key: string): Promise<CacheHit | undefined> {
    const hit = this.#tiers ? await this.#tiers[category].find(key) : await this.#findOnDisk(category, key)
    const counts = this.#counts[category]
    if (hit === undefined) counts.misses++
    else if (hit.tier === 'l1') counts.l1Hits++
    else counts.l2Hits++
    return hit
  }

  async set(category: CacheCategory, key: string, value: unknown, artifacts: readonly HeldArtifact[] = []) {
    const tiers = await this.#load()
    const full = `${category}:${key}`
    if (artifacts.length > 0) {
      const bytes = artifacts.reduce((sum, artifact) => sum + artifact.bytes, 0)
      this.#attachments.set(full, { ids: artifacts.map(({ id }) => id), bytes })
    }
    try {
      await tiers[category].keep(key, value)
    } finally {
      this.#attachments.delete(full)
    }
  }

  async delete(category: CacheCategory, key: string) {
    const tiers = await this.#load()
    await tiers[category].forget(key)
  }

  async invalidate(category: CacheCategory | 'all') {
    const tiers = await this.#load()
    for (const name of category === 'all' ? categoryNames : [category]) await tiers[name].forgetAll()
  }

  async statistics(): Promise<CacheStatistics> {
    const spaces = await this.#quietly(() => spacesOf(this.#guard))
    return {
      l1: { ...this.#shelf.size, maxBytes: this.#shelf.maxBytes, evictions: this.#shelf.evictions },
      categories: byCategory((name) => {
        const { entries, bytes } = spaces?.get(name) ?? { entries: 0, bytes: 0 }
        return { entries, bytes, ...this.#counts[name] }
      }),
    }
  }

  health(): CacheHealth {
    const reason = this.#guard.trouble()
    return reason === undefined ? { l2: 'ok' } : { l2: 'down', reason }
  }

  async trim(): Promise<Trimmed> {
    let expired = 0
    let evicted = 0
    await this.#quietly(async () => {
      // What memory answers looks unused on disk, and would be the first to go.
      await touchAll(this.#guard, this.#shelf.takeUsed())
      expired = await prune(this.#guard)
      for (const name of categoryNames) {
        const keys = await evict(this.#guard, name, this.#traits[name].budgetBytes)
        // Their artifacts may be swept from now on.
        for (const key of keys) this.#shelf.delete(key)
        this.#counts[name].evictions += keys.length
        evicted += keys.length
      }
      shrink(this.#guard)
    })
    return { expired, evicted }
  }

  async heldArtifacts(): Promise<Set<string> | undefined> {
    return await this.#quietly(() => artifactsOf(this.#guard))
  }

  async close() {
    await this.#loading
    this.#shelf.clear('')
    this.#guard.close()
  }

  get l1Bytes(): number {
    return this.#shelf.maxBytes
  }

  set l1Bytes(bytes: number) {
    this.#shelf.maxBytes = bytes
  }

  async #findOnDisk(category: CacheCategory, key: string): Promise<CacheHit | undefined> {
    // Should it not load, the next `set` says why.
    if (++this.#directReads >= readsWithoutMemory) this.#load().catch(() => {})
    const driver = new SqliteDriver({ guard: this.#guard, prefix: category })
    return await this.#quietly(async () => {
      const text = await driver.get(key)
      const entry = text === undefined ? undefined : openEnvelope(text)
      const isValid = entry && (entry.logicalExpiration ?? 0) > Date.now()
      return isValid ? { value: entry.value, tier: 'l2' as const } : undefined
    })
  }

  /** Undefined when the disk is out of reach; the guard has told of it. */
  async #quietly<Result>(work: () => Result | Promise<Result>): Promise<Result | undefined> {
    try {
      return await work()
    } catch {
      return undefined
    }
  }

  #load(): Promise<Record<CacheCategory, Tiers>> {
    this.#loading ??= import('./tiers.ts').then(({ buildTiers }) => {
      this.#tiers = buildTiers({
        shelf: this.#shelf,
        guard: this.#guard,
        attachments: this.#attachments,
        traits: this.#traits,
      })
      return this.#tiers
    })
    return this.#loading
  }
}

function tell(news: GuardNews, file: string, log: CacheSettings['log'], onError: CacheSettings['onError']): void {
  if (news.kind === 'up') {
    log?.info('The cache on disk is in use again.')
    return
  }
  log?.warn({ err: news.cause }, `The cache on disk: ${news.reason}.`)
  onError(new MediaError('DATA_UNUSABLE', [dirname(file), news.reason], { cause: news.cause }))
}
