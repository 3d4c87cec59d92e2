import type { FrameAt } from '../film.ts'
import type { Identity, MediaCounts, MediaLimits } from '../media.ts'
import type { Picture } from '../picture.ts'
import type { Source } from '../source.ts'
import type { FilmLength } from './length.ts'
import type { OpenedFilm } from './open-film.ts'

/** A film that is being opened, or one that is known and opened when more is asked of it than a frame. */
export class Opening {
  /** What it was found to be when it was opened before; absent where that was not, and it is opened at once. */
  readonly known: Identity | undefined
  readonly #file: Pick<Source, 'path' | 'format'>
  readonly #limits: MediaLimits
  readonly #length: Required<FilmLength> | undefined
  #opened: Promise<OpenedFilm> | undefined
  #film: OpenedFilm | undefined
  #edge = 0
  #isLast = false
  #glances = 0

  constructor({ path, format, known }: Source, limits: MediaLimits) {
    this.#file = { path, format }
    this.#limits = limits
    this.#length = lengthIn(known)
    this.known = this.#length && known
    if (this.#length === undefined) this.#open()
  }

  /** The film; rejects when it can not be opened. */
  get opened(): Promise<OpenedFilm> {
    return this.#opened ?? this.#open()
  }

  /** The film; undefined when it can not be opened. */
  found(): Promise<OpenedFilm | undefined> {
    return this.opened.catch(() => undefined)
  }

  /** What was done with it so far. */
  get counts(): MediaCounts {
    const { demuxes, framesDecoded } = this.#film?.counts ?? { demuxes: 0, framesDecoded: 0 }
    return { pictureDecodes: 0, demuxes: demuxes + this.#glances, framesDecoded: framesDecoded + this.#glances }
  }

  /** See `Media.expect`. */
  expect(edge: number, isLast: boolean): void {
    this.#edge = Math.max(this.#edge, edge)
    this.#isLast = isLast
    this.#film?.film.expect(this.#edge)
  }

  /** See `Film.frame`; of a known film of which nothing else is asked by its header alone, where that can be. */
  async frame(at: FrameAt, want: { readonly edge?: number } = {}): Promise<{ picture: Picture; atMs: number }> {
    return (await this.#glance(at, want)) ?? (await (await this.opened).film.frame(at, want))
  }

  /** Waits for it, and frees it. */
  async close(): Promise<void> {
    if (this.#opened !== undefined) await (await this.found())?.close()
  }

  #open(): Promise<OpenedFilm> {
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
    this.#opened = opened
    return opened
  }

  async #glance(
    at: FrameAt,
    { edge }: { readonly edge?: number },
  ): Promise<{ picture: Picture; atMs: number } | undefined> {
    if (this.#length === undefined || this.#opened !== undefined || !this.#isLast) return undefined
    const { glanceAt } = await import('./glance.ts')
    const film = { ...this.#file, limits: this.#limits, length: this.#length }
    const glanced = await glanceAt(film, at, edge)
    if (glanced) this.#glances++
    return glanced
  }
}

function lengthIn({ originMs, durationMs }: Partial<Identity> = {}): Required<FilmLength> | undefined {
  return originMs === undefined || durationMs === undefined ? undefined : { originMs, durationMs }
}
