import { describe, expect, it } from 'vitest'
import type { FilmIo } from '../../media/film.ts'
import { beside } from './beside.ts'

function recording() {
  const told: number[] = []
  const control = new AbortController()
  return { told, control, io: { signal: control.signal, progress: (fraction: number) => void told.push(fraction) } }
}

const untilStopped = ({ signal }: FilmIo): Promise<never> =>
  new Promise((_, reject) => {
    const stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop)
  })

describe('two works beside each other', () => {
  it('give what both give, and tell how far both are', async () => {
    const { told, io } = recording()
    const tellingOf = (fractions: readonly number[]) => async (lent: FilmIo) => {
      for (const fraction of fractions) lent.progress(fraction)
      return fractions.length
    }
    expect(await beside(io, tellingOf([0.5, 1]), tellingOf([0.4, 0.8, 1]))).toEqual([2, 3])
    expect(told).toEqual([0.25, 0.5, 0.7, 0.9, 1])
  })

  it('end both with the failure of one', async () => {
    const { io } = recording()
    const failure = new Error('it is damaged')
    await expect(beside(io, untilStopped, () => Promise.reject(failure))).rejects.toBe(failure)
    await expect(beside(io, () => Promise.reject(failure), untilStopped)).rejects.toBe(failure)
  })

  it('end with what the signal says when nobody waits any more', async () => {
    const { io, control } = recording()
    const reason = new Error('nobody waits')
    const both = beside(io, untilStopped, untilStopped)
    control.abort(reason)
    await expect(both).rejects.toBe(reason)
  })
})
