import { describe, expect, it } from 'vitest'
import { idOf } from '../../test/support/members.ts'
import { drawSample, rankOf } from './sample.ts'

const assets = (count: number, bytes: (at: number) => number, seed = '') =>
  Array.from({ length: count }, (_, at) => ({ id: idOf(`${seed} ${at}`), bytes: bytes(at) }))

describe('a sample', () => {
  it('is the same one in whatever order the assets come, and however many copies there are', () => {
    const all = assets(500, (at) => 1000 + at)
    const drawn = drawSample(all, 20)
    expect(new Set(drawn).size).toBe(20)
    expect(drawSample([...all].reverse(), 20)).toEqual(drawn)
    expect(drawSample([...all, ...all], 20)).toEqual(drawn)
  })

  it('is all there is when there is less, and nothing when nothing is wanted', () => {
    const all = assets(7, () => 1000)
    expect(drawSample(all, 20).sort()).toEqual(all.map(({ id }) => id).sort())
    expect(drawSample(all, 0)).toEqual([])
  })

  it('takes files of the same size equally often, wherever they stand', () => {
    const firstHalf = Array.from({ length: 200 }, (_, seed) => {
      const all = assets(40, () => 1000, String(seed))
      const ids = new Set(all.slice(0, 20).map(({ id }) => id))
      return drawSample(all, 10).filter((id) => ids.has(id)).length
    })
    const mean = firstHalf.reduce((sum, one) => sum + one, 0) / firstHalf.length
    expect(mean).toBeGreaterThan(4.6)
    expect(mean).toBeLessThan(5.4)
  })

  it('takes a file ten times as large about ten times as often', () => {
    let [large, small] = [0, 0]
    for (let seed = 0; seed < 200; seed++) {
      const all = assets(400, (at) => (at < 200 ? 10_000 : 1000), String(seed))
      const ids = new Set(all.slice(0, 200).map(({ id }) => id))
      for (const id of drawSample(all, 10)) ids.has(id) ? large++ : small++
    }
    expect(large / small).toBeGreaterThan(8)
    expect(large / small).toBeLessThan(12.5)
  })

  it('gives ids of large files, which begin otherwise, their own place by lot', () => {
    const id = idOf('x')
    expect(rankOf(`s-${id}`, 1000)).toBe(rankOf(id, 1000))
    expect(rankOf(id, 0)).toBeLessThanOrEqual(1)
  })
})
