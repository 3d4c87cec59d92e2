import type { FrameAt } from '../film.ts'
import type { Identity, MediaCounts, MediaLimits } from '../media.ts'
import type { Picture } from '../picture.ts'
import type { Source } from '../source.ts'
import type { FilmLength } from './length.ts'
import type { OpenedFilm } from './open-film.ts'

/** A film that is being opened, or one that was before and is opened again when more is asked of it than a frame. */
export class Opening {
  /** What it was found to be before; absent where it is opened to find out. */
  readonly identity: Identity | undefined
  readonly #file: Pick<Source, 'path' | 'format'>
  readonly #limits: MediaLimits
  readonly #length: Required<FilmLength> | undefined
  #opened: Promise<OpenedFilm> | undefined
  #film: OpenedFilm | undefined
  #edge = 0
  #isLast = false
  readonly #glances = { demuxes: 0, framesDecoded: 0 }
  /** Ends when the last glance does, however. */
  #glancing: Promise<unknown> = Promise.resolve()
  #isClosed = false

  constructor({ path, format, known }: Source, limits: MediaLimits) {
    this.#file = { path, format }
    this.#limits = limits
    this.#length = lengthIn(known)
    this.identity = this.#length && known
    if (this.#length === undefined) this.open()
  }

  /** The film, which is opened once; rejects when it can not be. */
  open(): Promise<OpenedFilm> {
    this.#opened ??= this.#open()
    return this.#opened
  }

  /** The film; undefined when it can not be opened. */
  found(): Promise<OpenedFilm | undefined> {
    return this.open().catch(() => undefined)
  }

  /** What was done with it so far. */
  get counts(): MediaCounts {
    const { demuxes, framesDecoded } = this.#film?.counts ?? { demuxes: 0, framesDecoded: 0 }
    return {
      pictureDecodes: 0,
      demuxes: demuxes + this.#glances.demuxes,
      framesDecoded: framesDecoded + this.#glances.framesDecoded,
    }
  }

  /** See `Media.expect`. */
  expect(edge: number, isLast: boolean): void {
    this.#edge = Math.max(this.#edge, edge)
    this.#isLast = isLast
    this.#film?.film.expect(this.#edge)
  }

  /** See `Film.frame`; of a known film of which nothing else is asked by its header alone, where that can be. */
  async frame(at: FrameAt, want: { readonly edge?: number } = {}): Promise<{ picture: Picture; atMs: number }> {
    return (await this.#glance(at, want)) ?? (await (await this.open()).film.frame(at, want))
  }

  /** Waits for it, and frees it. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#glancing
    if (this.#opened !== undefined) await (await this.found())?.close()
  }

  #open(): Promise<OpenedFilm> {
    if (this.#isClosed) return Promise.reject(new Error('the film is closed'))
    const { path, format } = this.#file
    const opened = import('./open-film.ts')
      .then(({ openFilm }) => openFilm(path, format, this.#limits))
      .then((found) => {
        this.#film = found
        found.film.expect(this.#edge)
        return found
      })
    // Nobody may have asked yet when it fails.
    opened.catch(() => {})
    return opened
  }

  async #glance(
    at: FrameAt,
    { edge }: { readonly edge?: number },
  ): Promise<{ picture: Picture; atMs: number } | undefined> {
    if (this.#length === undefined || this.#opened !== undefined || !this.#isLast) return undefined
    // What is wrong with it is told by the opened film.
    const glancing = this.#glanceFor(this.#length, at, edge && Math.max(edge, this.#edge)).catch(() => undefined)
    this.#glancing = glancing
    return glancing
  }

  async #glanceFor(length: Required<FilmLength>, at: FrameAt, edge: number | undefined) {
    const { canGlance, glanceAt } = await import('./glance.ts')
    if (!canGlance(this.#file.format, at)) return undefined
    this.#glances.demuxes++
    const onFrame = () => {
      this.#glances.framesDecoded++
    }
    return glanceAt({ ...this.identity, ...this.#file, limits: this.#limits, length, onFrame }, at, edge)
  }
}

function lengthIn({ originMs, durationMs }: Partial<Identity> = {}): Required<FilmLength> | undefined {
  return originMs === undefined || durationMs === undefined ? undefined : { originMs, durationMs }
}
