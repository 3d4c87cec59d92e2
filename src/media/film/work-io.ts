import type { FilmIo } from '../film.ts'

/** What a part of some work is lent, which begins and ends at these fractions of the whole. */
export const within = (io: FilmIo, from: number, to: number): FilmIo => ({
  signal: io.signal,
  progress: (fraction, pace) => io.progress(from + (to - from) * Math.min(1, fraction), pace),
})

/** What work is lent whose progress is nobody's business, since it is short or told otherwise. */
export const silently = ({ signal }: FilmIo): FilmIo => ({ signal, progress: () => {} })

/** What the same work is lent when it is done several times, each a part of the whole. */
export const inTurn = (io: FilmIo, at: number, count: number): FilmIo => within(io, at / count, (at + 1) / count)
