import { Debts } from './debts.ts'
import { reasonOf } from './folder-failure.ts'
import { type CacheFile, isDamage, openCacheFile, setAside, sqliteCode } from './sqlite-file.ts'

/** What the guard announces; each only once for a trouble that comes and goes. */
export type GuardNews =
  | { readonly kind: 'down'; readonly reason: string; readonly cause: unknown }
  | { readonly kind: 'replaced'; readonly reason: string; readonly cause: unknown }
  | { readonly kind: 'up' }

interface Trouble {
  readonly reason: string
  /** `write`: what is there can still be read. */
  readonly stops: 'write' | 'all'
  readonly retryAt: number
}

const firstDelayMs = 250
const longestDelayMs = 15_000

/** The same trouble is announced again only after this long, so that a disk at its limit does not fill the log. */
const quietMs = 60_000

/** Looking whether the file is still there costs a system call; a second of entries written to nowhere costs little. */
const placeCheckMs = 500

/**
 * Holds the cache file open, for all namespaces of the driver, and keeps its failures from costing more than the failure:
 * after one, calls fail at once until the next try is due; a damaged file is set aside and made anew.
 */
export class SqliteGuard {
  /** What could not be removed while the file was out of reach. */
  readonly debts = new Debts()
  readonly #path: string
  readonly #announce: (news: GuardNews) => void
  #file: CacheFile | undefined
  #trouble: Trouble | undefined
  #delayMs = firstDelayMs
  #lookedAt = 0
  #announced = { reason: '', at: 0 }
  #isToldDown = false
  #isClosed = false

  constructor(path: string, announce: (news: GuardNews) => void = () => {}) {
    this.#path = path
    this.#announce = announce
  }

  /** Runs statements on the file. Throws when they fail, and at once while a failure is not due to be tried again. */
  run<Result>(kind: 'read' | 'write', work: (file: CacheFile) => Result): Result {
    if (this.#isClosed) throw new Error('The cache is closed.')
    const trouble = this.#trouble
    if (trouble && Date.now() < trouble.retryAt && (trouble.stops === 'all' || kind === 'write')) {
      throw new Error(`The cache file is left alone for now: ${trouble.reason}.`)
    }
    try {
      return this.#try(kind, work)
    } catch (error) {
      if (!isDamage(error)) throw this.#failed(kind, error)
      try {
        this.#replace(error)
        return this.#try(kind, work)
      } catch (again) {
        throw this.#failed(kind, again)
      }
    }
  }

  /** The trouble in a few words, or undefined when all is well; tries again first when that is due. */
  trouble(): string | undefined {
    if (this.#trouble && Date.now() >= this.#trouble.retryAt) {
      try {
        // Space must be there for a whole entry: a full disk often has room for a few more bytes.
        this.run('write', ({ statements, transaction }) =>
          transaction(() => {
            statements.write.run(' probe', ' probe', 'x'.repeat(65_536), 0, 1, 0, null)
            statements.remove.run(' probe')
          }),
        )
      } catch {
        // Told by the trouble itself.
      }
    }
    return this.#trouble?.reason
  }

  /** True while not even reading is tried. */
  get isOut(): boolean {
    return this.#trouble?.stops === 'all' && Date.now() < this.#trouble.retryAt
  }

  /** Closes the file for good; every later call fails. */
  close(): void {
    this.#isClosed = true
    this.#forget()
  }

  #try<Result>(kind: 'read' | 'write', work: (file: CacheFile) => Result): Result {
    const file = this.#open()
    if (kind === 'write') this.debts.settle(file)
    const result = work(file)
    if (this.#trouble && (kind === 'write' || this.#trouble.stops === 'all')) {
      this.#trouble = undefined
      if (this.#isToldDown) this.#announce({ kind: 'up' })
      this.#isToldDown = false
    }
    if (kind === 'write') this.#delayMs = firstDelayMs
    return result
  }

  #open(): CacheFile {
    const now = Date.now()
    if (this.#file && now - this.#lookedAt > placeCheckMs) {
      this.#lookedAt = now
      if (!this.#file.isInPlace()) this.#forget()
    }
    if (!this.#file) {
      this.#file = openCacheFile(this.#path)
      this.#lookedAt = now
    }
    return this.#file
  }

  #failed(kind: 'read' | 'write', error: unknown): unknown {
    const code = sqliteCode(error)
    const isFull = code === sqlite.full || code === sqlite.readonly
    const isBusy = code === sqlite.busy || code === sqlite.locked
    const canRead = this.#file !== undefined && kind === 'write' && (isFull || isBusy)
    if (!canRead) this.#forget()
    const reason = sentences[code ?? -1] ?? reasonOf(error) ?? 'it can not be used'
    const now = Date.now()
    this.#trouble = { reason, stops: canRead ? 'write' : 'all', retryAt: now + this.#delayMs }
    this.#delayMs = Math.min(this.#delayMs * 2, longestDelayMs)
    if (reason !== this.#announced.reason || now - this.#announced.at > quietMs) {
      this.#announced = { reason, at: now }
      this.#isToldDown = true
      this.#announce({ kind: 'down', reason, cause: error })
    }
    return error
  }

  #replace(cause: unknown): void {
    this.#forget()
    setAside(this.#path)
    this.debts.cancel()
    this.#announce({ kind: 'replaced', reason: 'it was damaged or of another release, and was made anew', cause })
  }

  #forget(): void {
    try {
      this.#file?.close()
    } catch {
      // Nothing can be done with a file that can't even be closed.
    }
    this.#file = undefined
  }
}

const sqlite = { busy: 5, locked: 6, readonly: 8, full: 13 } as const

const sentences: Readonly<Record<number, string>> = {
  [sqlite.busy]: 'another process holds it',
  [sqlite.locked]: 'another process holds it',
  [sqlite.readonly]: 'it can not be written to',
  10: 'the disk reports an error',
  [sqlite.full]: 'the disk is full',
  14: 'it can not be opened',
}
