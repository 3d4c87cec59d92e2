import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'

/** Raised with every change of the tables; a file of another format is set aside, as it is only a cache. */
const format = 1

/** `spaces` is kept by triggers, so that budgets and statistics never walk the entries. */
const schema = `
  CREATE TABLE IF NOT EXISTS entries (
    key TEXT PRIMARY KEY,
    space TEXT NOT NULL,
    value TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    expires_at INTEGER,
    used_at INTEGER NOT NULL,
    artifacts TEXT
  );
  CREATE INDEX IF NOT EXISTS entries_by_use ON entries (space, used_at);
  CREATE INDEX IF NOT EXISTS entries_by_expiry ON entries (expires_at) WHERE expires_at IS NOT NULL;
  CREATE INDEX IF NOT EXISTS entries_with_artifacts ON entries (artifacts) WHERE artifacts IS NOT NULL;
  CREATE TABLE IF NOT EXISTS spaces (
    space TEXT PRIMARY KEY, entries INTEGER NOT NULL, bytes INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TRIGGER IF NOT EXISTS entry_added AFTER INSERT ON entries BEGIN
    INSERT INTO spaces VALUES (new.space, 1, new.bytes)
      ON CONFLICT (space) DO UPDATE SET entries = entries + 1, bytes = bytes + new.bytes;
  END;
  CREATE TRIGGER IF NOT EXISTS entry_changed AFTER UPDATE OF bytes ON entries BEGIN
    UPDATE spaces SET bytes = bytes + new.bytes - old.bytes WHERE space = old.space;
  END;
  CREATE TRIGGER IF NOT EXISTS entry_removed AFTER DELETE ON entries BEGIN
    UPDATE spaces SET entries = entries - 1, bytes = bytes - old.bytes WHERE space = old.space;
  END;
`

const queries = {
  read: 'SELECT value, used_at FROM entries WHERE key = ? AND (expires_at IS NULL OR expires_at > ?)',
  touch: 'UPDATE entries SET used_at = ? WHERE key = ?',
  write: `INSERT INTO entries (key, space, value, bytes, expires_at, used_at, artifacts) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, bytes = excluded.bytes, expires_at = excluded.expires_at,
      used_at = excluded.used_at, artifacts = excluded.artifacts`,
  remove: 'DELETE FROM entries WHERE key = ?',
  clear: 'DELETE FROM entries WHERE key IN (SELECT key FROM entries WHERE key >= ? AND key < ? LIMIT ?)',
  prune: 'DELETE FROM entries WHERE key IN (SELECT key FROM entries WHERE expires_at <= ? LIMIT ?)',
  oldest: 'SELECT key, bytes FROM entries WHERE space = ? ORDER BY used_at, rowid LIMIT ?',
  spaces: 'SELECT space, entries, bytes FROM spaces',
  artifacts: `SELECT artifacts FROM entries WHERE artifacts > ? ORDER BY artifacts LIMIT ?`,
  shrink: 'PRAGMA incremental_vacuum(2000)',
} as const

/** An open cache file with its statements; close it before its file is moved. */
export interface CacheFile {
  readonly statements: Readonly<Record<keyof typeof queries, StatementSync>>
  /** Runs several statements as one, so that the disk is written once. */
  transaction(work: () => void): void
  /** False when somebody removed or replaced the file: what we write then would be seen by nobody. */
  isInPlace(): boolean
  close(): void
}

/** Opens or creates a cache file. Throws what SQLite or the file system throw; `isDamage` tells what to do then. */
export function openCacheFile(file: string): CacheFile {
  mkdirSync(dirname(file), { recursive: true })
  // Waiting stops the whole process, so rather a result is made again than waited for.
  const database = new DatabaseSync(file, { timeout: 100 })
  try {
    // Must come before the first table to have an effect; lets `shrink` give room back to the disk.
    database.exec('PRAGMA auto_vacuum = INCREMENTAL')
    // A power cut may cost the last entries, never the file; no fsync for each entry.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 16777216')
    const found = Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0)
    if (found !== 0 && found !== format) throw new OtherFormat()
    if (found === 0) database.exec(`BEGIN IMMEDIATE; ${schema} PRAGMA user_version = ${format}; COMMIT`)
    const statements = prepareAll(database)
    const { ino } = statSync(file)
    return {
      statements,
      transaction(work) {
        database.exec('BEGIN IMMEDIATE')
        try {
          work()
          database.exec('COMMIT')
        } catch (error) {
          if (database.isTransaction) database.exec('ROLLBACK')
          throw error
        }
      },
      isInPlace: () => statSync(file, { throwIfNoEntry: false })?.ino === ino,
      close: () => database.close(),
    }
  } catch (error) {
    database.close()
    throw error
  }
}

/** Whether the file itself is the trouble, so that a new one helps. */
export function isDamage(error: unknown): boolean {
  return error instanceof OtherFormat || sqliteCode(error) === 11 || sqliteCode(error) === 26
}

/** SQLite's primary result code, or undefined when the error is not from SQLite. */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined
  return error.errcode & 0xff
}

/** Moves a damaged file away, over the one that was set aside before, so that at most one takes room. */
export function setAside(file: string): void {
  renameSync(file, `${file}.damaged`)
  for (const companion of ['-wal', '-shm']) rmSync(file + companion, { force: true })
}

/** The file was made by another release. */
class OtherFormat extends Error {
  override readonly name = 'OtherFormat'
}

function prepareAll(database: DatabaseSync): CacheFile['statements'] {
  const { read, touch, write, remove, clear, prune, oldest, spaces, artifacts, shrink } = queries
  return {
    read: database.prepare(read),
    touch: database.prepare(touch),
    write: database.prepare(write),
    remove: database.prepare(remove),
    clear: database.prepare(clear),
    prune: database.prepare(prune),
    oldest: database.prepare(oldest),
    spaces: database.prepare(spaces),
    artifacts: database.prepare(artifacts),
    shrink: database.prepare(shrink),
  }
}
