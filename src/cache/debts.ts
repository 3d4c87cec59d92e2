import type { CacheFile } from './sqlite-file.ts'

/** More single keys than this are not remembered one by one; forgetting everything is always right for a cache. */
const mostKeys = 50_000

/**
 * Removals that the cache file missed while it was out of reach. Without them an entry that somebody invalidated would
 * come back as soon as the file does.
 */
export class Debts {
  readonly #keys = new Set<string>()
  /** Whole namespaces; the empty one is everything. */
  readonly #prefixes = new Set<string>()

  /** Notes that the entry in the file is void. */
  oweKey(key: string): void {
    if (this.isOwed(key)) return
    if (this.#keys.size >= mostKeys) this.owePrefix('')
    else this.#keys.add(key)
  }

  /** Notes that all entries of a namespace are void. */
  owePrefix(prefix: string): void {
    if (prefix === '') this.cancel()
    this.#prefixes.add(prefix)
  }

  /** Whether the entry in the file, if there is one, must not be shown. */
  isOwed(key: string): boolean {
    if (this.#keys.size === 0 && this.#prefixes.size === 0) return false
    return this.#keys.has(key) || [...this.#prefixes].some((prefix) => prefix === '' || key.startsWith(`${prefix}:`))
  }

  /** Removes from the file what is owed. */
  settle({ statements, transaction }: CacheFile): void {
    if (this.#keys.size === 0 && this.#prefixes.size === 0) return
    transaction(() => {
      for (const key of this.#keys) statements.remove.run(key)
      for (const prefix of this.#prefixes) statements.clear.run(...rangeOf(prefix), -1)
    })
    this.cancel()
  }

  /** Forgets all debts, for a file that is new. */
  cancel(): void {
    this.#keys.clear()
    this.#prefixes.clear()
  }
}

/** First key of a namespace and the first one behind it; a semicolon is what follows a colon. */
export const rangeOf = (prefix: string): [string, string] =>
  prefix === '' ? ['', '\u{10ffff}'] : [`${prefix}:`, `${prefix};`]
