import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { type Asset, type AssetFilter, conditions } from './assets.ts'

/** Which files a bulk run works on: those of a collection or part of it, or the files of some assets, narrowed by a filter. */
export interface Selection {
  readonly collection?: string
  /** Only this folder of the collection and what lies below it; relative to the root, with `/`. */
  readonly folder?: string
  /** Whole ids. */
  readonly assets?: readonly string[]
  readonly filter?: Omit<AssetFilter, 'collection'>
}

/** A file of a selection, with what is known of its content. */
export interface SelectedFile {
  readonly location: number
  /** Absolute path of the collection's root. */
  readonly root: string
  /** Relative to the root, with `/`; empty for the root itself. */
  readonly folder: string
  readonly name: string
  readonly bytes: number
  readonly mtimeMs: number
  readonly inode: number
  readonly asset: Asset
}

/** A file of a selection as it is counted. */
export interface CountedFile {
  readonly location: number
  /** Row number of its asset. */
  readonly asset: number
  readonly format: string
  readonly bytes: number
  /** 1 when the job has yet to work on it. */
  readonly isDue: 0 | 1
}

/** A part of a long list: what follows `after`. */
interface PageOptions {
  readonly job: number
  /** Location of the last file of the page before, 0 for the first page. */
  readonly after: number
  readonly limit: number
}

/** Selections of files that lie there now and are media of the given kinds. */
export function openSelections(db: DatabaseSync) {
  const statement = (columns: string, selection: Selection, kinds: readonly string[], more = '') => {
    const { where, values } = conditions({ ...selection.filter }, true)
    const parts = ['l.missingAt IS NULL', 'a.kind IN (SELECT value FROM json_each(?))', where]
    const all: SQLInputValue[] = [JSON.stringify(kinds), ...values]
    if (selection.collection !== undefined) {
      parts.push('l.collection = ?')
      all.push(selection.collection)
    }
    if (selection.folder) {
      parts.push("(l.folder = ? OR l.folder >= ? || '/' AND l.folder < ? || '0')")
      all.push(selection.folder, selection.folder, selection.folder)
    }
    if (selection.assets) {
      parts.push('l.asset IN (SELECT value FROM json_each(?))')
      all.push(JSON.stringify(selection.assets))
    }
    // Along the ids of the locations, so that each page goes on where the one before ended; left to choose, SQLite gathers
    // and sorts the whole collection for every page.
    const way = selection.assets ? 'INDEXED BY locationsByAsset' : 'NOT INDEXED'
    const sql = `SELECT ${columns} FROM locations l ${way} CROSS JOIN assets a ON a.id = l.asset
      CROSS JOIN collections c ON c.id = l.collection WHERE ${parts.join(' AND ')} ${more}`
    return { statement: db.prepare(sql), values: all }
  }
  const columns = 'l.id AS location, c.root, l.folder, l.name, l.bytes AS fileBytes, l.mtimeMs, l.inode, a.*'
  const toFile = (row: Record<string, unknown>): SelectedFile => {
    const { location, root, folder, name, fileBytes, mtimeMs, inode, addedAt: _, present: __, ...asset } = row
    return { location, root, folder, name, bytes: fileBytes, mtimeMs, inode, asset } as unknown as SelectedFile
  }

  return {
    /** The files in the order of their locations, from above `after` on, without those that the job has finished. */
    page(selection: Selection, kinds: readonly string[], { job, after, limit }: PageOptions): SelectedFile[] {
      const due = `AND l.id > ? AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.job = ? AND t.location = l.id)
        ORDER BY l.id LIMIT ?`
      const { statement: page, values } = statement(columns, selection, kinds, due)
      return page.all(...values, after, job, limit).map(toFile)
    },
    /** All files in the order of their locations, read while one iterates. */
    *each(selection: Selection, kinds: readonly string[]): Generator<SelectedFile> {
      const { statement: all, values } = statement(columns, selection, kinds, 'ORDER BY l.id')
      for (const row of all.iterate(...values)) yield toFile(row as Record<string, unknown>)
    },
    /** All files, page by page, with only what is needed to count them. */
    counted(selection: Selection, kinds: readonly string[], { job, after, limit }: PageOptions): CountedFile[] {
      const isDue = 'NOT EXISTS (SELECT 1 FROM tasks t WHERE t.job = ? AND t.location = l.id)'
      const facts = `l.id AS location, a.rowid AS asset, a.format, l.bytes, ${isDue} AS isDue`
      const { statement: page, values } = statement(facts, selection, kinds, 'AND l.id > ? ORDER BY l.id LIMIT ?')
      return page.all(job, ...values, after, limit) as unknown as CountedFile[]
    },
    /** Ids and sizes of the assets of a format. */
    *sizes(selection: Selection, kinds: readonly string[], format: string): Generator<{ id: string; bytes: number }> {
      const more = 'AND a.format = ? GROUP BY a.id'
      const { statement: all, values } = statement('a.id, a.bytes', selection, kinds, more)
      for (const row of all.iterate(...values, format)) yield row as { id: string; bytes: number }
    },
  }
}
