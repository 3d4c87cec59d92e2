import { describe, expect, it } from 'vitest'
import { thinned, worstOf } from './series.ts'

const points = Array.from({ length: 10_000 }, (_, at) => ({ ms: at * 40, score: at === 7777 ? 5 : 40 + (at % 7) / 10 }))
const badness = ({ score }: { score: number }): number => -score

describe('a row of scores', () => {
  it('is thinned to what was asked, in order, without losing its worst frame', () => {
    const few = thinned(points, badness)
    expect(few).toHaveLength(2000)
    expect(few.map(({ ms }) => ms)).toEqual(few.map(({ ms }) => ms).sort((one, other) => one - other))
    expect(few).toContainEqual({ ms: 7777 * 40, score: 5 })
  })

  it('stays as it is when it is short', () => {
    expect(thinned(points.slice(0, 10), badness)).toEqual(points.slice(0, 10))
  })

  it('has worst moments that lie apart, the worst first', () => {
    const worst = worstOf(points, { most: 3, apartMs: 5000, badness })
    expect(worst).toHaveLength(3)
    expect(worst[0]).toEqual({ ms: 7777 * 40, score: 5 })
    for (const [at, one] of worst.entries())
      for (const other of worst.slice(at + 1)) expect(Math.abs(one.ms - other.ms)).toBeGreaterThanOrEqual(5000)
  })
})
