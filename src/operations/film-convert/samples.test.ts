import { describe, expect, it } from 'vitest'
import { comparedMsOf, comparedOf, samplesOf } from './samples.ts'

const [small, uhd] = [640 * 360 * 25, 3840 * 2160 * 60]
const sum = (stretches: readonly { fromMs: number; toMs: number }[]): number =>
  stretches.reduce((total, { fromMs, toMs }) => total + toMs - fromMs, 0)

describe('samples', () => {
  it('are the whole of a short film', () => {
    expect(samplesOf({ fromMs: 500, toMs: 6000 }, small)).toEqual([{ fromMs: 500, toMs: 6000 }])
  })

  it.each([
    [7000, 2],
    [10_000, 2],
    [60_000, 3],
    [600_000, 12],
    [7_200_000, 12],
  ])('are some tenth of a film of %d ms, in %d pieces at most', (lengthMs, count) => {
    const samples = samplesOf({ fromMs: 0, toMs: lengthMs }, small)
    expect(samples.length).toBe(count)
    for (const [at, { fromMs, toMs }] of samples.entries()) {
      expect(fromMs).toBeGreaterThanOrEqual(samples[at - 1]?.toMs ?? 0)
      expect(toMs).toBeLessThanOrEqual(lengthMs)
    }
  })

  it('are fewer of large pictures, and never less than two', () => {
    expect(sum(samplesOf({ fromMs: 0, toMs: 3_600_000 }, uhd))).toBe(4000)
  })
})

describe('stretches to compare', () => {
  it('are the whole of a very short film, else near both ends and in the middle', () => {
    expect(comparedOf({ fromMs: 0, toMs: 1500 })).toEqual([{ fromMs: 0, toMs: 1500 }])
    const stretches = comparedOf({ fromMs: 500, toMs: 11_500 })
    expect(stretches.map(({ fromMs }) => fromMs)).toEqual([1500, 5500, 9500])
    expect(sum(stretches)).toBe(3000)
  })

  it('are a dozen frames where these follow each other evenly, else a second', () => {
    const evenly = (frameRate: number) => comparedMsOf({ frameRate, variableFrameRate: false })
    expect([evenly(60), evenly(30), evenly(4)]).toEqual([200, 400, 1000])
    expect(comparedMsOf({ frameRate: 60, variableFrameRate: true })).toBe(1000)
    expect(comparedOf({ fromMs: 0, toMs: 10_000 }, { comparedMs: 400 }).map(({ toMs }) => toMs)).toEqual([
      1360, 5200, 9040,
    ])
  })

  it('begin with a key frame that is near', () => {
    const starts = (keysMs: number[]) => comparedOf({ fromMs: 0, toMs: 11_000 }, { keysMs }).map(({ fromMs }) => fromMs)
    expect(starts([0, 5033.4, 7000])).toEqual([0, 5033, 9000])
    // The last one of them leaves no room.
    expect(starts([3000, 10_050])).toEqual([1000, 5000, 9000])
  })

  it('begin with a frame of a film that was brought to a frame rate', () => {
    const starts = comparedOf({ fromMs: 0, toMs: 4490 }, { frameRate: 7 }).map(({ fromMs }) => fromMs)
    expect(starts).toEqual([286, 1715, 3143])
  })
})
