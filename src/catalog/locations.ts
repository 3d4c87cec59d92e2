import type { DatabaseSync } from 'node:sqlite'
import type { ErrorCode } from '../errors.ts'

/** How importing a file ended; `pending` files are tried again by the next import. */
export type LocationState = 'done' | 'failed' | 'quarantined' | 'ignored' | 'pending'

/** A task of a file that failed, as it is told again by later imports. */
export interface LocationFailure {
  readonly operation: string
  readonly code: ErrorCode
  readonly message: string
  readonly quarantined: boolean
}

/** A file where it lies. */
export interface Location {
  readonly id: number
  readonly collection: string
  /** Relative to the root, with `/`, empty for the root itself. */
  readonly folder: string
  readonly name: string
  readonly asset: string | null
  readonly bytes: number
  readonly mtimeMs: number
  /** When anything of it changed last, its owner or its name too; null where that was not noted. */
  readonly ctimeMs: number | null
  readonly inode: number
  readonly state: LocationState
  /** The recipe that was carried out: other steps or versions make the file due again. */
  readonly recipe: string
  /** How many tasks it was. */
  readonly tasks: number
  readonly failures: readonly LocationFailure[]
  /** The job that worked on it last. */
  readonly job: number | null
  /** Sizes and times of its XMP files, as they were when it was imported; null when it had none. */
  readonly sidecar: string | null
}

/** What a walk needs to know of a file. */
export type KnownFile = Omit<Location, 'id' | 'collection' | 'folder' | 'asset' | 'ctimeMs'>

type KnownRow = [
  name: string,
  bytes: number,
  mtimeMs: number,
  inode: number,
  state: LocationState,
  recipe: string,
  tasks: number,
  failures: string | null,
  job: number | null,
  sidecar: string | null,
]

type LocationFacts = Omit<Location, 'id' | 'sidecar' | 'ctimeMs'> & {
  readonly sidecar?: string | null
  readonly ctimeMs?: number
}

const columns =
  'collection, folder, name, asset, bytes, mtimeMs, ctimeMs, inode, state, recipe, tasks, failures, job, sidecar'

/** The files of all collections. */
export function openLocations(db: DatabaseSync) {
  const inFolder = db.prepare(`
    SELECT name, bytes, mtimeMs, inode, state, recipe, tasks, failures, job, sidecar FROM locations
    WHERE collection = ? AND folder = ? AND missingAt IS NULL`)
  // A walk asks for every file there is: objects with named columns would take three times as long.
  inFolder.setReturnArrays(true)
  const byName = db.prepare('SELECT * FROM locations WHERE collection = ? AND folder = ? AND name = ?')
  const ofAsset = db.prepare(`
    SELECT l.*, c.root FROM locations l JOIN collections c ON c.id = l.collection
    WHERE l.asset = ? AND l.missingAt IS NULL ORDER BY l.id`)
  const put = db.prepare(`
    INSERT INTO locations (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (collection, folder, name) DO UPDATE SET
      asset = excluded.asset, bytes = excluded.bytes, mtimeMs = excluded.mtimeMs, ctimeMs = excluded.ctimeMs,
      inode = excluded.inode, state = excluded.state, recipe = excluded.recipe, tasks = excluded.tasks,
      failures = excluded.failures, job = excluded.job, sidecar = excluded.sidecar, missingAt = NULL
    RETURNING id`)
  const folders = db.prepare('SELECT DISTINCT folder FROM locations WHERE collection = ? AND missingAt IS NULL')
  const markMissing = db.prepare(
    'UPDATE locations SET missingAt = ? WHERE collection = ? AND folder = ? AND name = ? AND missingAt IS NULL',
  )
  const markFolderMissing = db.prepare(
    'UPDATE locations SET missingAt = ? WHERE collection = ? AND folder = ? AND missingAt IS NULL',
  )
  const distinctAssets = db.prepare(
    'SELECT count(DISTINCT asset) AS n FROM locations WHERE collection = ? AND missingAt IS NULL AND asset IS NOT NULL',
  )

  const failed = db.prepare(`
    SELECT * FROM locations
    WHERE collection = ? AND missingAt IS NULL AND state IN ('failed', 'quarantined') AND id > ?
    ORDER BY id LIMIT ?`)
  // One of each folder first: neighbours look alike. The index gives folders in order, so few rows are read.
  const coversByFolder = db.prepare(`
    SELECT max(a.id) AS id FROM locations l JOIN assets a ON a.id = l.asset
    WHERE l.collection = ? AND l.missingAt IS NULL AND l.state = 'done' AND a.kind <> 'sound'
    GROUP BY l.folder LIMIT ?`)
  const covers = db.prepare(`
    SELECT DISTINCT a.id FROM locations l JOIN assets a ON a.id = l.asset
    WHERE l.collection = ? AND l.missingAt IS NULL AND l.state = 'done' AND a.kind <> 'sound' LIMIT ?`)

  const toLocation = (row: Record<string, unknown>): Location =>
    ({ ...row, failures: row.failures ? JSON.parse(String(row.failures)) : [] }) as unknown as Location

  return {
    /** The files known in one folder, without those inside its sub-folders. */
    inFolder: (collection: string, folder: string): KnownFile[] =>
      (inFolder.all(collection, folder) as unknown as KnownRow[]).map(
        ([name, bytes, mtimeMs, inode, state, recipe, tasks, failures, job, sidecar]) => ({
          name,
          bytes,
          mtimeMs,
          inode,
          state,
          recipe,
          tasks,
          failures: failures === null ? [] : JSON.parse(failures),
          job,
          sidecar,
        }),
      ),
    find(collection: string, folder: string, name: string): Location | undefined {
      const row = byName.get(collection, folder, name)
      return row && toLocation(row)
    },
    /** Where an asset lies, with the root of each collection; empty when all copies are gone. */
    ofAsset: (asset: string) =>
      ofAsset.all(asset).map((row) => toLocation(row) as Location & { readonly root: string }),
    /** Writes a file's row, new or known; answers its id. */
    put(facts: LocationFacts): number {
      const failures = facts.failures.length > 0 ? JSON.stringify(facts.failures) : null
      const { collection, folder, name, asset, bytes, mtimeMs, inode, state, recipe, tasks, job } = facts
      const { sidecar = null, ctimeMs = null } = facts
      const stats = [collection, folder, name, asset, bytes, mtimeMs, ctimeMs, inode] as const
      const row = put.get(...stats, state, recipe, tasks, failures, job, sidecar)
      return Number(row?.id)
    },
    /** The folders in which files are known. */
    folders: (collection: string) => folders.all(collection).map((row) => String(row.folder)),
    /** Marks a file, or all files of a folder, as no longer there; what is known of their content stays. */
    markMissing(collection: string, folder: string, name?: string): void {
      if (name === undefined) markFolderMissing.run(Date.now(), collection, folder)
      else markMissing.run(Date.now(), collection, folder, name)
    },
    /** The failed files of a collection in the order in which they were found, from above the location `after` on. */
    failed: (collection: string, limit: number, after = 0) => failed.all(collection, after, limit).map(toLocation),
    /** Ids of a few assets that stand for a collection. */
    covers: (collection: string, limit: number): string[] => {
      const spread = coversByFolder.all(collection, limit)
      const more = spread.length < limit ? covers.all(collection, limit) : []
      return [...new Set([...spread, ...more].map((row) => String(row.id)))].slice(0, limit)
    },
    countAssets: (collection: string) => Number(distinctAssets.get(collection)?.n ?? 0),
  }
}
