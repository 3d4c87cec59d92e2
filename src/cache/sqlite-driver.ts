import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { CreateDriverResult, L2CacheDriver } from 'bentocache/types'
import { rangeOf } from './debts.ts'
import type { SqliteGuard } from './sqlite-guard.ts'
import { prune } from './sqlite-upkeep.ts'

/** What belongs to an entry and takes room outside of it. */
export interface Attachment {
  readonly ids: readonly string[]
  readonly bytes: number
}

/** How the driver is built; namespaces share `guard` and `attachments`. */
export interface SqliteDriverConfig {
  readonly prefix?: string | undefined
  readonly guard: SqliteGuard
  /** Artifacts of entries that are about to be written, by full key: bentocache's contract passes text only. */
  readonly attachments?: ReadonlyMap<string, Attachment>
  /** How exact the order of last use is: reading an entry again within this time writes nothing. */
  readonly touchAfterMs?: number
}

/** Rows removed between two looks at other work, so that clearing a million entries stops nobody for long. */
const chunk = 1000

/** bentocache's second tier on SQLite as it comes with Node. Every verb rejects when the file is out of reach. */
export class SqliteDriver implements L2CacheDriver {
  readonly type = 'l2'
  readonly #config: SqliteDriverConfig
  readonly #guard: SqliteGuard
  readonly #prefix: string
  readonly #touchAfterMs: number

  constructor(config: SqliteDriverConfig) {
    this.#config = config
    this.#guard = config.guard
    this.#prefix = (config.prefix ?? '').replace(/:+$/, '')
    this.#touchAfterMs = config.touchAfterMs ?? 60_000
  }

  /** A driver on the same file whose keys all start with `namespace:`. */
  namespace(namespace: string): SqliteDriver {
    return new SqliteDriver({ ...this.#config, prefix: this.#full(namespace) })
  }

  /** The text of an entry that has not expired. */
  async get(key: string): Promise<string | undefined> {
    const full = this.#full(key)
    if (this.#guard.debts.isOwed(full)) return undefined
    const now = Date.now()
    const row = this.#guard.run('read', ({ statements }) => statements.read.get(full, now))
    if (typeof row?.value !== 'string') return undefined
    if (now - Number(row.used_at) > this.#touchAfterMs) this.#touch(full, now)
    return row.value
  }

  /** Like `get`, and removes the entry. */
  async pull(key: string): Promise<string | undefined> {
    const value = await this.get(key)
    if (value !== undefined) await this.delete(key)
    return value
  }

  /** Keeps text for `ttl` milliseconds, or for good without one; an older entry of the key is replaced. */
  async set(key: string, value: string, ttl?: number): Promise<boolean> {
    const full = this.#full(key)
    const now = Date.now()
    const attached = this.#config.attachments?.get(full)
    const bytes = full.length + Buffer.byteLength(value) + (attached?.bytes ?? 0)
    const ids = attached && attached.ids.length > 0 ? attached.ids.join(' ') : null
    try {
      this.#guard.run('write', ({ statements }) =>
        statements.write.run(full, spaceOf(full), value, bytes, ttl === undefined ? null : now + ttl, now, ids),
      )
    } catch (error) {
      // The older entry is not the answer any more.
      this.#guard.debts.oweKey(full)
      throw error
    }
    return true
  }

  /** Removes all entries of this namespace and of those within it; the driver without a prefix removes everything. */
  async clear(): Promise<void> {
    try {
      for (;;) {
        const { changes } = this.#guard.run('write', ({ statements }) =>
          statements.clear.run(...rangeOf(this.#prefix), chunk),
        )
        if (Number(changes) < chunk) return
        await yieldToOthers()
      }
    } catch (error) {
      this.#guard.debts.owePrefix(this.#prefix)
      throw error
    }
  }

  /** Removes an entry; false when there was none. */
  async delete(key: string): Promise<boolean> {
    return this.#remove([key]) > 0
  }

  /** Removes entries in one transaction; false when there was none of them, true when none was asked for. */
  async deleteMany(keys: string[]): Promise<boolean> {
    return keys.length === 0 || this.#remove(keys) > 0
  }

  /** Removes what has expired. */
  async prune(): Promise<void> {
    await prune(this.#guard)
  }

  /** Closes the file for all namespaces. */
  async disconnect(): Promise<void> {
    this.#guard.close()
  }

  #remove(keys: readonly string[]): number {
    const full = keys.map((key) => this.#full(key))
    try {
      return this.#guard.run('write', ({ statements, transaction }) => {
        let removed = 0
        transaction(() => {
          for (const key of full) removed += Number(statements.remove.run(key).changes)
        })
        return removed
      })
    } catch (error) {
      for (const key of full) this.#guard.debts.oweKey(key)
      throw error
    }
  }

  #touch(full: string, now: number): void {
    try {
      this.#guard.run('write', ({ statements }) => statements.touch.run(now, full))
    } catch {
      // A read that found its answer does not fail because its time could not be noted.
    }
  }

  #full(key: string): string {
    return this.#prefix === '' ? key : `${this.#prefix}:${key}`
  }
}

/** Makes the driver for `bentostore().useL2Layer()`. */
export const sqliteDriver = (config: SqliteDriverConfig): CreateDriverResult<SqliteDriver> => ({
  options: {},
  factory: ({ prefix }: { prefix?: string }) => new SqliteDriver({ ...config, prefix }),
})

/** The outermost namespace of a key, by which room is counted. */
const spaceOf = (full: string): string => full.slice(0, Math.max(0, full.indexOf(':')))
