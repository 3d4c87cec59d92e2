import type { CreateDriverResult, L1CacheDriver } from 'bentocache/types'

interface Held {
  content: string
  isOpen: boolean
  readonly bytes: number
  /** From now on the second tier is asked, as long as it can be. */
  readonly staleAt: number
  readonly expiresAt: number
  isUsed: boolean
}

/** What one entry costs besides its content: map slot, object, string headers. */
const overheadBytes = 200

/** A parsed value takes up to this many times the room of its JSON (measured: 0.7 to 1.5). */
const parsedFactor = 1.5

/**
 * The memory that all namespaces of the first tier share, bounded in bytes. bentocache's own memory driver bounds the
 * number of entries too, reserves room for all of them at start, can not be resized while it runs, and gives both tiers
 * the same lifetime.
 */
export class MemoryShelf {
  /** In order of use, the least recent first. */
  readonly #held = new Map<string, Held>()
  #bytes = 0
  #maxBytes: number
  /** Entries that had to leave early for want of room. */
  evictions = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** How many entries there are, of how many bytes. */
  get size(): { entries: number; bytes: number } {
    return { entries: this.#held.size, bytes: this.#bytes }
  }

  /** The bound; a lower one takes effect at once. */
  get maxBytes(): number {
    return this.#maxBytes
  }

  set maxBytes(bytes: number) {
    this.#maxBytes = bytes
    this.#makeRoom()
  }

  /** An entry that has not expired; it counts as used. */
  get(key: string): Held | undefined {
    const held = this.#held.get(key)
    if (held === undefined) return undefined
    if (held.expiresAt <= Date.now()) {
      this.delete(key)
      return undefined
    }
    this.#held.delete(key)
    this.#held.set(key, held)
    return held
  }

  /** Keeps text; larger text than all the room there is is not kept. */
  set(key: string, text: string, times: { staleAt: number; expiresAt: number }): void {
    this.delete(key)
    const bytes = key.length + Math.ceil(Buffer.byteLength(text) * parsedFactor) + overheadBytes
    if (bytes > this.#maxBytes) return
    this.#held.set(key, { content: text, isOpen: false, bytes, ...times, isUsed: false })
    this.#bytes += bytes
    this.#makeRoom()
  }

  /** Removes an entry; false when there was none. */
  delete(key: string): boolean {
    const held = this.#held.get(key)
    if (held === undefined) return false
    this.#bytes -= held.bytes
    return this.#held.delete(key)
  }

  /** Removes all keys that start with `start`. */
  clear(start: string): void {
    for (const key of this.#held.keys()) if (key.startsWith(start)) this.delete(key)
  }

  /** The keys that were read since the last call. */
  takeUsed(): string[] {
    const used: string[] = []
    for (const [key, held] of this.#held) {
      if (held.isUsed) used.push(key)
      held.isUsed = false
    }
    return used
  }

  #makeRoom(): void {
    for (const key of this.#held.keys()) {
      if (this.#bytes <= this.#maxBytes) return
      this.delete(key)
      this.evictions++
    }
  }
}

/** How the driver is built; namespaces share the shelf. */
export interface MemoryDriverConfig {
  readonly prefix?: string | undefined
  readonly shelf: MemoryShelf
  /** How long entries are answered from memory while the second tier could be asked. */
  readonly freshMs?: number
  /** While this is true, entries past `freshMs` are still answered: the second tier could not help. */
  readonly isAlone?: () => boolean
  /** Makes what is handed out in the text's place; called once for an entry, when it is first asked for. */
  readonly open?: (text: string) => string
}

/** bentocache's first tier on a shared shelf. */
export class MemoryDriver implements L1CacheDriver {
  readonly type = 'l1'
  /** Whether the last `get` found something; bentocache does not tell which tier has answered. */
  hasFound = false
  readonly #config: MemoryDriverConfig
  readonly #shelf: MemoryShelf
  readonly #prefix: string
  readonly #freshMs: number

  constructor(config: MemoryDriverConfig) {
    this.#config = config
    this.#shelf = config.shelf
    this.#prefix = (config.prefix ?? '').replace(/:+$/, '')
    this.#freshMs = config.freshMs ?? Number.POSITIVE_INFINITY
  }

  /** A driver on the same shelf whose keys all start with `namespace:`. */
  namespace(namespace: string): MemoryDriver {
    return new MemoryDriver({ ...this.#config, prefix: this.#full(namespace) })
  }

  /** The text of an entry that is fresh, or that nobody could refresh. */
  get(key: string): string | undefined {
    const held = this.#shelf.get(this.#full(key))
    this.hasFound = held !== undefined && (held.staleAt > Date.now() || this.#config.isAlone?.() === true)
    if (held === undefined || !this.hasFound) return undefined
    held.isUsed = true
    if (!held.isOpen && this.#config.open) {
      held.content = this.#config.open(held.content)
      held.isOpen = true
    }
    return held.content
  }

  /** Like `get`, and removes the entry. */
  pull(key: string): string | undefined {
    const text = this.get(key)
    this.delete(key)
    return text
  }

  /** Keeps text for `ttl` milliseconds, or for good without one. */
  set(key: string, text: string, ttl = Number.POSITIVE_INFINITY): boolean {
    const now = Date.now()
    this.#shelf.set(this.#full(key), text, { staleAt: now + Math.min(ttl, this.#freshMs), expiresAt: now + ttl })
    return true
  }

  /** Removes all entries of this namespace and of those within it; the driver without a prefix removes everything. */
  clear(): void {
    this.#shelf.clear(this.#prefix === '' ? '' : `${this.#prefix}:`)
  }

  /** Removes an entry; false when there was none. */
  delete(key: string): boolean {
    return this.#shelf.delete(this.#full(key))
  }

  /** Removes entries. */
  deleteMany(keys: string[]): boolean {
    for (const key of keys) this.delete(key)
    return true
  }

  /** Milliseconds until an entry expires; undefined when there is none. */
  getRemainingTtl(key: string): number | undefined {
    const held = this.#shelf.get(this.#full(key))
    return held && held.expiresAt - Date.now()
  }

  /** There is nothing to close. */
  disconnect(): void {}

  #full(key: string): string {
    return this.#prefix === '' ? key : `${this.#prefix}:${key}`
  }
}

/** Makes the driver for `bentostore().useL1Layer()`. */
export const memoryDriver = (driver: MemoryDriver): CreateDriverResult<MemoryDriver> => ({
  options: { serialize: true },
  factory: () => driver,
})
