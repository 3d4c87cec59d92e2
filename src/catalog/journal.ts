import type { DatabaseSync } from 'node:sqlite'

/** A file that was in a decoder's hands. */
export interface JournalEntry {
  readonly id: number
  readonly path: string
  readonly operation: string
  /** Process id of the worker. */
  readonly worker: number
  readonly at: number
}

/** The names of files in decoders' hands, on disk before the hand-over, so that even a dead server can name its suspects. */
export function openJournal(db: DatabaseSync) {
  const insert = db.prepare('INSERT INTO journal (path, operation, worker, at) VALUES (?, ?, ?, ?) RETURNING id')
  const remove = db.prepare('DELETE FROM journal WHERE id = ?')
  const all = db.prepare('SELECT * FROM journal ORDER BY id')
  return {
    /** Notes a hand-over; the number is for `close`. */
    open: (path: string, operation: string, worker: number): number =>
      Number(insert.get(path, operation, worker, Date.now())?.id),
    close: (id: number) => void remove.run(id),
    /** All hand-overs that were not closed, oldest first: those under way, and those of processes that died. */
    leftovers: () => all.all() as unknown as JournalEntry[],
  }
}
