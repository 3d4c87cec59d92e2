import { BentoCache, bentostore } from 'bentocache'
import { byCategory, type CacheCategory, type CategoryTraits } from './categories.ts'
import { type Envelope, openEnvelope } from './envelope.ts'
import { MemoryDriver, type MemoryShelf, memoryDriver } from './memory-driver.ts'
import type { CacheHit } from './result-cache.ts'
import { type Attachment, sqliteDriver } from './sqlite-driver.ts'
import type { SqliteGuard } from './sqlite-guard.ts'

/** What the two tiers are built on. */
export interface TierParts {
  readonly shelf: MemoryShelf
  readonly guard: SqliteGuard
  readonly attachments: ReadonlyMap<string, Attachment>
  readonly traits: Readonly<Record<CacheCategory, CategoryTraits>>
}

/** One category in both tiers. None of its verbs rejects because of the disk. */
export interface Tiers {
  find(key: string): Promise<CacheHit | undefined>
  keep(key: string, value: unknown): Promise<void>
  forget(key: string): Promise<void>
  forgetAll(): Promise<void>
}

/** Builds the tiers of every category: bentocache over memory and SQLite. The only importer of bentocache's code. */
export function buildTiers({ shelf, guard, attachments, traits }: TierParts): Record<CacheCategory, Tiers> {
  const memories = byCategory(
    (name) =>
      new MemoryDriver({
        shelf,
        prefix: name,
        freshMs: traits[name].l1Ms,
        isAlone: () => guard.isOut,
        // bentocache hands what the driver holds to the serializer; an opened envelope saves reading it at every hit.
        open: (text) => openEnvelope(text) as unknown as string,
      }),
  )
  const disk = sqliteDriver({ guard, attachments })
  const bento = new BentoCache({
    default: 'metadata',
    suppressL2Errors: true,
    // An answer never becomes wrong, only forgotten; what is past its time is served while the disk is away (isAlone).
    grace: false,
    serializer: {
      serialize: (envelope: Envelope) => JSON.stringify(envelope),
      deserialize: (held: string | Envelope) => (typeof held === 'string' ? openEnvelope(held) : held),
    },
    stores: byCategory((name) =>
      bentostore({ prefix: name, ttl: traits[name].l2Ms }).useL1Layer(memoryDriver(memories[name])).useL2Layer(disk),
    ),
  })
  return byCategory((name) => {
    const provider = bento.use(name)
    const memory = memories[name]
    return {
      async find(key) {
        const pending = provider.get<unknown>({ key })
        // bentocache asks the first tier before it first waits, so this is what it found for this call and no other.
        const tier = memory.hasFound ? 'l1' : 'l2'
        const value = await pending
        return value === undefined ? undefined : { value, tier }
      },
      async keep(key, value) {
        await provider.set({ key, value })
      },
      async forget(key) {
        await provider.delete({ key })
      },
      forgetAll: () => provider.clear(),
    }
  })
}
