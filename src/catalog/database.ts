import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { MediaError } from '../errors.ts'
import { migrations } from './migrations.ts'

/** Opens the catalog's file, made if absent, and brings its shape up to date. Throws DATA_UNUSABLE. */
export function openDatabase(file: string): DatabaseSync {
  try {
    mkdirSync(dirname(file), { recursive: true })
    const db = new DatabaseSync(file, { timeout: 10_000 })
    // NORMAL: a power cut may cost the last commits but never tears the file; what is lost is found again by the next import.
    db.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;',
    )
    migrate(db, file)
    return db
  } catch (error) {
    if (error instanceof MediaError) throw error
    throw new MediaError('DATA_UNUSABLE', [dirname(file), (error as Error).message], { cause: error })
  }
}

function migrate(db: DatabaseSync, file: string): void {
  const version = () => Number(db.prepare('PRAGMA user_version').get()?.user_version ?? 0)
  if (version() > migrations.length) {
    throw new MediaError('DATA_UNUSABLE', [dirname(file), 'it was made by a newer mediamill'])
  }
  if (version() === migrations.length) return
  db.exec('BEGIN IMMEDIATE')
  try {
    // Asked again inside the lock: another process may have done it while this one waited.
    for (let step = version(); step < migrations.length; step++) db.exec(migrations[step] ?? '')
    db.exec(`PRAGMA user_version = ${migrations.length}`)
    db.exec('COMMIT')
  } catch (error) {
    // SQLite has rolled back by itself when the disk is full, say; to ask again would hide why.
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

/** Gathers writes into short transactions: 10,000 single commits would wait for the disk 10,000 times. */
export class WriteQueue {
  readonly #db: DatabaseSync
  #waiting: { write: () => void; resolve: () => void; reject: (error: unknown) => void }[] = []
  #isDue = false

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  /** Runs `write` in the next transaction, with all others of this turn of the event loop; resolves once it is committed. */
  add(write: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ write, resolve, reject })
      if (this.#isDue) return
      this.#isDue = true
      // The busier the process, the more a turn gathers; an idle one waits for nothing.
      setImmediate(() => this.flush())
    })
  }

  /** Commits everything that waits, now. */
  flush(): void {
    this.#isDue = false
    const batch = this.#waiting
    this.#waiting = []
    if (batch.length === 0) return
    try {
      inTransaction(this.#db, () => {
        for (const entry of batch) entry.write()
      })
      for (const entry of batch) entry.resolve()
    } catch {
      // One bad write must not take its neighbours along: each once more, by itself.
      for (const entry of batch) {
        try {
          inTransaction(this.#db, entry.write)
          entry.resolve()
        } catch (error) {
          entry.reject(error)
        }
      }
    }
  }
}

/** Runs `work` in one transaction; what it throws rolls everything back and is thrown on. */
function inTransaction(db: DatabaseSync, work: () => void): void {
  db.exec('BEGIN IMMEDIATE')
  try {
    work()
    db.exec('COMMIT')
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}
