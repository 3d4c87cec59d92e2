import type { DatabaseSync } from 'node:sqlite'
import type { ErrorCode } from '../errors.ts'

/** A file in the artifact store, as results refer to it. */
export interface ArtifactRef {
  readonly role: string
  /** SHA-256 of its bytes in hex. */
  readonly id: string
  /** A name of the format table, or another file ending such as `vtt`. */
  readonly format: string
  readonly width?: number
  readonly height?: number
  /** The file name by which other files of the same answer refer to it. */
  readonly name?: string
  readonly bytes: number
}

/** An operation's answer as it is remembered. */
export interface StoredResult {
  readonly key: string
  /** The content id or pixel id that it hangs on. */
  readonly subject: string
  readonly operation: string
  readonly version: number
  /** Canonical JSON. */
  readonly params: string
  readonly result: unknown
  readonly artifacts: readonly ArtifactRef[]
  readonly durationMs: number
}

/** A failure that would happen again. */
export interface StoredFailure {
  readonly key: string
  readonly subject: string
  readonly operation: string
  readonly code: ErrorCode
  readonly message: string
  readonly quarantined: boolean
  /** Versions of the decoders that failed. */
  readonly engine: string
  readonly path: string
}

/** The results and failures that the catalog keeps for good. */
export function openResults(db: DatabaseSync) {
  const byKey = db.prepare('SELECT * FROM results WHERE key = ?')
  const sameQuestion = db.prepare('SELECT key FROM results WHERE subject = ? AND operation = ? AND params = ?')
  const isThere = db.prepare('SELECT 1 FROM results WHERE key = ?')
  const bySubject = db.prepare('SELECT * FROM results WHERE subject IN (?, ?) ORDER BY version, madeAt')
  const put = db.prepare('INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
  const failureByKey = db.prepare('SELECT * FROM failures WHERE key = ?')
  const putFailure = db.prepare('INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
  // A failure's key is the result's key and, behind a colon, the content it was met in.
  const dropFailures = db.prepare("DELETE FROM failures WHERE key > ?1 || ':' AND key < ?1 || ';'")
  const failuresBySubject = db.prepare('SELECT * FROM failures WHERE subject = ? ORDER BY at')
  const drop = db.prepare('DELETE FROM results WHERE key = ?')
  const putRef = db.prepare('INSERT OR IGNORE INTO artifactRefs VALUES (?, ?)')
  const dropRefs = db.prepare(`
    DELETE FROM artifactRefs WHERE key = ?1 AND artifact IN (
      SELECT a.value ->> 'id' FROM results r, json_each(r.artifacts) a WHERE r.key = ?1)`)
  const refersTo = db.prepare('SELECT 1 FROM artifactRefs WHERE artifact = ? LIMIT 1')

  const toResult = (row: Record<string, unknown>): StoredResult =>
    ({ ...row, result: JSON.parse(String(row.result)), artifacts: JSON.parse(String(row.artifacts)) }) as StoredResult
  const toFailure = (row: Record<string, unknown>): StoredFailure & { at: number } =>
    ({ ...row, quarantined: row.quarantined === 1 }) as unknown as StoredFailure & { at: number }

  return {
    /** Whether an answer is there, without reading it. */
    has: (key: string) => isThere.get(key) !== undefined,
    find(key: string): StoredResult | undefined {
      const row = byKey.get(key)
      return row && toResult(row)
    },
    /** Everything known of an asset, by its content id or its pixel id; newer versions last. */
    of: (contentId: string, pixelId: string) => bySubject.all(contentId, pixelId).map(toResult),
    put(stored: StoredResult): void {
      const { key, subject, operation, version, params, result, artifacts, durationMs } = stored
      dropFailures.run(key)
      dropRefs.run(key)
      put.run(
        key,
        subject,
        operation,
        version,
        params,
        JSON.stringify(result),
        JSON.stringify(artifacts),
        durationMs,
        Date.now(),
      )
      for (const { id } of artifacts) putRef.run(id, key)
    },
    /** Keeps an answer in the place of an older one to the same question, whose subject has changed since. */
    replace(stored: StoredResult): void {
      for (const { key } of sameQuestion.all(stored.subject, stored.operation, stored.params)) {
        dropRefs.run(String(key))
        drop.run(String(key))
      }
      this.put(stored)
    },
    findFailure(key: string): StoredFailure | undefined {
      const row = failureByKey.get(key)
      return row && toFailure(row)
    },
    putFailure(failure: StoredFailure): void {
      const { key, subject, operation, code, message, quarantined: isQuarantined, engine, path } = failure
      putFailure.run(key, subject, operation, code, message, isQuarantined ? 1 : 0, engine, path, Date.now())
    },
    /** What failed for good with an asset, oldest first. */
    failuresOf: (asset: string) => failuresBySubject.all(asset).map(toFailure),
    /** Forgets a result, such as one whose files are gone, so that it is made anew. */
    drop(key: string): void {
      dropRefs.run(key)
      drop.run(key)
    },
    /** Whether a result refers to this artifact; its file must not be removed then. */
    refersTo: (artifact: string) => refersTo.get(artifact) !== undefined,
  }
}
