import { describe, expect, it } from 'vitest'
import { pooled } from './pool.ts'

describe('pooling scores', () => {
  it('gives the mean, the harmonic mean, the 1st percentile and the least', () => {
    expect(pooled([40, 20], { digits: 3 })).toEqual({ mean: 30, harmonicMean: 26.667, p1: 20, min: 20 })
    const hundred = Array.from({ length: 200 }, (_, at) => at + 1)
    expect(pooled(hundred, { digits: 1 })).toMatchObject({ mean: 100.5, p1: 2, min: 1 })
  })

  it('forms the harmonic mean of VMAF as libvmaf does, so that 0 is no end', () => {
    expect(pooled([0, 100], { digits: 3, shift: 1 })).toMatchObject({ harmonicMean: 0.98 })
  })

  it('stays a number whatever the scores are', () => {
    for (const score of Object.values(pooled([-0.2, 0, 1], { digits: 6 }) ?? {}))
      expect(Number.isFinite(score)).toBe(true)
  })

  it('gives nothing of nothing', () => {
    expect(pooled([], { digits: 1 })).toBeUndefined()
  })
})
