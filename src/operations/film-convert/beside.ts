import type { FilmIo } from '../../media/film.ts'

/**
 * Does two works on films at the same time. When one fails the other is told to stop and waited for, and the failure is thrown.
 * Progress is that of both, pace that of the first.
 */
export async function beside<One, Other>(
  io: FilmIo,
  one: (io: FilmIo) => Promise<One>,
  other: (io: FilmIo) => Promise<Other>,
): Promise<[One, Other]> {
  const control = new AbortController()
  const signal = AbortSignal.any([io.signal, control.signal])
  const done = { one: 0, other: 0 }
  const lent = (name: keyof typeof done): FilmIo => ({
    signal,
    progress: (fraction, pace) => {
      done[name] = Math.max(done[name], fraction)
      io.progress((done.one + done.other) / 2, name === 'one' ? pace : undefined)
    },
  })
  const stopping = async <Result>(work: Promise<Result>): Promise<Result> => {
    try {
      return await work
    } catch (error) {
      control.abort(error)
      throw error
    }
  }
  const works = [stopping(one(lent('one'))), stopping(other(lent('other')))] as const
  await Promise.allSettled(works)
  io.signal.throwIfAborted()
  if (control.signal.aborted) throw control.signal.reason
  return await Promise.all(works)
}
