import type { MediaLimits } from '../media.ts'
import type { Source } from '../source.ts'
import type { OpenedFilm } from './open-film.ts'

/** A film that is being opened; whoever needs it gets it, or its fault. */
export class Opening {
  /** Rejects when it can not be opened. */
  readonly opened: Promise<OpenedFilm>

  constructor({ path, format }: Source, limits: MediaLimits) {
    this.opened = import('./open-film.ts').then(({ openFilm }) => openFilm(path, format, limits))
    // Nobody may have asked yet when it fails.
    this.opened.catch(() => {})
  }

  /** The film; undefined when it can not be opened. */
  found(): Promise<OpenedFilm | undefined> {
    return this.opened.catch(() => undefined)
  }

  /** Waits for it, and frees it. */
  async close(): Promise<void> {
    await (await this.found())?.close()
  }
}
