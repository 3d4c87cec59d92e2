import type { DatabaseSync } from 'node:sqlite'

/** Measured cost of a class of files. */
export interface CostRow {
  readonly class: string
  /** Weight of the experience, in files. */
  readonly files: number
  readonly msPerFile: number
  readonly msPerMiB: number
}

/** What importing a class of files has cost on this machine so far. */
export function openCosts(db: DatabaseSync) {
  const all = db.prepare('SELECT * FROM costs')
  const put = db.prepare('INSERT OR REPLACE INTO costs VALUES (?, ?, ?, ?)')
  return {
    all: () => all.all() as unknown as CostRow[],
    put: (row: CostRow) => void put.run(row.class, row.files, row.msPerFile, row.msPerMiB),
  }
}
