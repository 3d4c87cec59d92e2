import type { DatabaseSync } from 'node:sqlite'

/** Two assets of which somebody said that they are no duplicates, the smaller id first. */
export type DistinctPair = readonly [string, string]

/** What people declared to be no duplicates, kept by content: files may move, and the assets need not lie anywhere now. */
export function openDistinct(db: DatabaseSync) {
  const add = db.prepare('INSERT OR IGNORE INTO distinctPairs (a, b, at) VALUES (?, ?, ?)')
  const remove = db.prepare('DELETE FROM distinctPairs WHERE a = ? AND b = ?')
  const all = db.prepare('SELECT a, b FROM distinctPairs ORDER BY a, b')
  const ofOne = db.prepare('SELECT a, b FROM distinctPairs WHERE a = ?1 OR b = ?1 ORDER BY a, b')
  const pairOf = ({ a, b }: Record<string, unknown>): DistinctPair => [String(a), String(b)]
  return {
    /** Declares each of these assets different from each other one; what is declared already stays. Returns the new pairs. */
    add: (assets: readonly string[]): number => {
      const at = Date.now()
      return pairsAmong(assets).reduce((sum, [a, b]) => sum + Number(add.run(a, b, at).changes), 0)
    },
    /** Takes back what was declared of each two of these assets. Returns how many pairs were. */
    remove: (assets: readonly string[]): number =>
      pairsAmong(assets).reduce((sum, [a, b]) => sum + Number(remove.run(a, b).changes), 0),
    /** All pairs, or those with one asset, in the order of their ids. */
    list: (asset?: string): DistinctPair[] => (asset === undefined ? all.all() : ofOne.all(asset)).map(pairOf),
  }
}

function pairsAmong(assets: readonly string[]): DistinctPair[] {
  const sorted = [...new Set(assets)].sort()
  return sorted.flatMap((one, at) => sorted.slice(at + 1).map((other): DistinctPair => [one, other]))
}
