import { describe, expect, it } from 'vitest'
import { codecs, type VideoCodec } from './codecs.ts'
import { metricTraits, type TargetQuality } from './metrics.ts'
import { searchCrf } from './search.ts'

/** A film whose loss doubles with every so many steps, as encoders' do, with a wave over it. */
function aFilm(metric: TargetQuality['metric'], halfEvery: number, wave = 0) {
  const tried: number[] = []
  const scoreAt = (crf: number): number => {
    const loss = 10 ** -4.6 * 2 ** (crf / halfEvery) * (1 + wave * Math.sin(crf))
    if (metric === 'ssim') return 1 - loss
    if (metric === 'vmaf') return 100 * (1 - loss)
    return -10 * Math.log10(loss)
  }
  const measure = async (crf: number) => {
    tried.push(crf)
    return {
      crf,
      score: scoreAt(crf),
      sampleMs: 4000,
      samples: 2,
      bytes: Math.round(1e6 * 0.9 ** crf),
      keyFrames: { count: 2, bytes: 1000 },
      tookMs: 100,
    }
  }
  return { tried, scoreAt, measure }
}

describe('the search for a CRF', () => {
  it.each([
    ['h264', 'xpsnr', 40, 6],
    ['hevc', 'xpsnr', 37, 5],
    ['av1', 'xpsnr', 42, 11],
    ['vp9', 'ssim', 0.995, 9],
    ['av1', 'vmaf', 99, 12],
  ] as const)('finds with %s the highest that reaches %s %d, in few tries', async (codec, metric, score, half) => {
    const film = aFilm(metric, half)
    const [best, worst] = codecs[codec].useful
    const found = await searchCrf({ codec, target: { metric, score }, guess: 30, measure: film.measure })
    const all = Array.from({ length: worst - best + 1 }, (_, at) => best + at)
    const right = all.filter((crf) => film.scoreAt(crf) >= score).at(-1) ?? 0
    expect(film.scoreAt(found?.crf ?? 99)).toBeGreaterThanOrEqual(score)
    // Nearer than a sixth of a decibel is not looked for.
    expect(right - (found?.crf ?? 99)).toBeLessThanOrEqual(1)
    expect(film.tried.length).toBeLessThanOrEqual(5)
    expect(film.tried).toEqual([...new Set(film.tried)])
  })

  it('gives what was measured to reach the target, even when quality does not fall evenly', async () => {
    for (const guess of [12, 25, 40]) {
      const film = aFilm('xpsnr', 4, 0.4)
      const search = { codec: 'h264' as VideoCodec, target: { metric: 'xpsnr' as const, score: 38 }, guess }
      const found = await searchCrf({ ...search, measure: film.measure })
      expect(found?.score).toBeGreaterThanOrEqual(38)
      expect(film.tried.length).toBeLessThanOrEqual(6)
    }
  })

  it('finds nothing when not even the best reaches it, and has tried the best', async () => {
    const film = aFilm('xpsnr', 2)
    const target = { metric: 'xpsnr' as const, score: 59 }
    expect(await searchCrf({ codec: 'h264', target, guess: 21, measure: film.measure })).toBeUndefined()
    expect(film.tried).toContain(codecs.h264.useful[0])
  })

  it('takes the worst useful one of a film that nothing spoils', async () => {
    const film = aFilm('xpsnr', 1000)
    const found = await searchCrf({
      codec: 'av1',
      target: { metric: 'xpsnr', score: 40 },
      guess: 36,
      measure: film.measure,
    })
    expect(found?.crf).toBe(codecs.av1.useful[1])
  })
})

describe('the measures', () => {
  it('turn decibels and shares into likeness that rises with them', () => {
    expect(metricTraits.xpsnr.likeness(40)).toBeCloseTo(0.9999, 6)
    expect(metricTraits.vmaf.likeness(95)).toBeCloseTo(0.95, 6)
    expect(metricTraits.psnr.likeness(100)).toBeLessThan(1)
  })
})
