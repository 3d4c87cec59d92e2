import type { DatabaseSync } from 'node:sqlite'

/** A file that was in a decoder's hands. */
export interface JournalEntry {
  readonly id: number
  readonly path: string
  /** Process id of the worker. */
  readonly worker: number
  /** The process that handed it over, `pid@start`. */
  readonly owner: string
  readonly at: number
}

/** The names of files in decoders' hands, on disk before the hand-over, so that even a dead server can name its suspects. */
export function openJournal(db: DatabaseSync) {
  const insert = db.prepare('INSERT INTO journal (path, worker, owner, at) VALUES (?, ?, ?, ?) RETURNING id')
  const remove = db.prepare('DELETE FROM journal WHERE id = ?')
  const all = db.prepare('SELECT * FROM journal ORDER BY id')
  return {
    /** Notes a hand-over; the number is for `close`. */
    open: (path: string, worker: number, owner: string): number =>
      Number(insert.get(path, worker, owner, Date.now())?.id),
    close: (id: number) => void remove.run(id),
    /** All hand-overs that were not closed, oldest first: those under way, and those of processes that died. */
    leftovers: () => all.all() as unknown as JournalEntry[],
  }
}
