import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'

/** A root folder that is imported. */
export interface Collection {
  readonly id: string
  /** Absolute path, symlinks resolved. */
  readonly root: string
  readonly name: string
  readonly createdAt: number
  /** When the last import of it ended; null before the first. */
  readonly importedAt: number | null
}

/** A collection with its numbers, as lists show it. */
export interface CollectionSummary extends Collection {
  readonly assets: number
  readonly bytes: number
  readonly failed: number
}

/** The collections of the catalog. */
export function openCollections(db: DatabaseSync) {
  const byId = db.prepare('SELECT * FROM collections WHERE id = ?')
  const byRoot = db.prepare('SELECT * FROM collections WHERE root = ?')
  const all = db.prepare('SELECT * FROM collections ORDER BY createdAt, id')
  const insert = db.prepare(
    'INSERT INTO collections (id, root, name, createdAt) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const imported = db.prepare('UPDATE collections SET importedAt = ? WHERE id = ?')
  const remove = db.prepare('DELETE FROM collections WHERE id = ?')
  const present = 'FROM locations l WHERE l.collection = c.id AND l.missingAt IS NULL AND'
  const summary = `
    SELECT c.*,
      (SELECT count(DISTINCT l.asset) ${present} l.asset IS NOT NULL) AS assets,
      (SELECT coalesce(sum(l.bytes), 0) ${present} l.asset IS NOT NULL) AS bytes,
      (SELECT count(*) ${present} l.state IN ('failed', 'quarantined')) AS failed
    FROM collections c`
  const summaries = db.prepare(`${summary} ORDER BY c.createdAt, c.id`)
  const summaryOf = db.prepare(`${summary} WHERE c.id = ?`)

  return {
    /** The collection of this root, made if there is none; its id hangs on the root, so a remade catalog has the same. */
    ensure(root: string): Collection {
      const id = createHash('sha256').update(root).digest('hex').slice(0, 12)
      insert.run(id, root, basename(root) || root, Date.now())
      return byRoot.get(root) as unknown as Collection
    },
    find: (id: string) => byId.get(id) as unknown as Collection | undefined,
    list: () => all.all() as unknown as Collection[],
    /** All collections with the number of their assets, bytes and failed files. */
    summaries: () => summaries.all() as unknown as CollectionSummary[],
    /** One collection with its numbers, without counting the others. */
    summary: (id: string) => summaryOf.get(id) as unknown as CollectionSummary | undefined,
    markImported: (id: string) => void imported.run(Date.now(), id),
    /** Forgets a collection, its locations and its jobs; files and results stay. */
    remove: (id: string) => void remove.run(id),
  }
}
