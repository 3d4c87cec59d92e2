import type { FilmIo, FilmPace } from '../../media/film.ts'

/** Divides the progress of a work among its stages, by how long each is expected to take. */
export class Stages {
  readonly #io: FilmIo
  readonly #weights: Readonly<Record<string, number>>
  #told = 0

  constructor(io: FilmIo, weights: Readonly<Record<string, number>>) {
    this.#io = io
    this.#weights = weights
  }

  /** What a stage is lent; its progress never takes that of the whole back. */
  of(name: string): FilmIo {
    const names = Object.keys(this.#weights)
    const weight = (which: string): number => this.#weights[which] ?? 0
    const sum = names.reduce((total, one) => total + weight(one), 0)
    const before = names.slice(0, names.indexOf(name)).reduce((total, one) => total + weight(one), 0)
    return {
      signal: this.#io.signal,
      progress: (fraction, pace) => this.#tell((before + weight(name) * Math.min(1, fraction)) / sum, pace),
    }
  }

  #tell(fraction: number, pace: FilmPace | undefined): void {
    this.#told = Math.max(this.#told, fraction)
    this.#io.progress(this.#told, pace)
  }
}
