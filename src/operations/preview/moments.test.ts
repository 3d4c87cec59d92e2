import { describe, expect, it } from 'vitest'
import type { FrameFacts, Survey } from '../../media/film/survey.ts'
import { momentsFor } from './moments.ts'

type Seen = Pick<Survey, 'frames' | 'cuts' | 'black' | 'frozen'>

const frame = (ms: number, facts: Partial<FrameFacts> = {}): FrameFacts => ({
  ms,
  light: 0.5,
  contrast: 0.2,
  sharpness: 0.5,
  noise: 0,
  blockiness: 0,
  blockStep: 0,
  blackShare: 0,
  change: 0,
  ...facts,
})

/** A film with a key frame each second. */
const seen = (seconds: number, more: Partial<Seen> = {}): Seen => ({
  frames: Array.from({ length: seconds }, (_, at) => frame(at * 1000)),
  cuts: [],
  black: [],
  frozen: [],
  ...more,
})

const film = (seconds: number) => ({ durationMs: seconds * 1000, pixels: 1920 * 1080 })

describe('the moments of a preview', () => {
  it('are the whole of a film that is not much longer', () => {
    expect(momentsFor(seen(7), film(7), 6000)).toEqual({ startsMs: [0], clipMs: 7000 })
    expect(momentsFor(seen(1), { pixels: 100 }, 6000)).toEqual({ startsMs: [0], clipMs: 6000 })
  })

  it('are spread over a long film, each from a key frame on', () => {
    const { startsMs, clipMs } = momentsFor(seen(600), film(600), 6000)
    expect([startsMs.length, clipMs]).toEqual([6, 1000])
    for (const [at, ms] of startsMs.entries()) {
      expect(ms % 1000).toBe(0)
      expect(Math.floor(ms / 100_000)).toBe(at)
    }
  })

  it('are fewer and longer ones of a film that is not long', () => {
    expect(momentsFor(seen(12), film(12), 6000)).toMatchObject({ startsMs: { length: 3 }, clipMs: 2000 })
  })

  it('are not black, not empty and not still where the film has better', () => {
    const frames = seen(60).frames.map((one) =>
      one.ms % 10_000 === 7000 ? one : frame(one.ms, { contrast: 0, light: 0.99 }),
    )
    const found = momentsFor(seen(60, { frames }), film(60), 6000)
    expect(found.startsMs).toEqual([7000, 17_000, 27_000, 37_000, 47_000, 57_000])
    const black = [{ fromMs: 20_000, toMs: 28_000 }]
    const besides = momentsFor(seen(60, { black }), film(60), 6000).startsMs.filter((ms) => ms >= 20_000 && ms < 30_000)
    expect(besides.every((ms) => ms >= 28_000)).toBe(true)
  })

  it('begin at cuts rather than hold one', () => {
    const cuts = [15_400]
    const frames = [...seen(60).frames, frame(15_400)].sort((one, other) => one.ms - other.ms)
    const [, second = 0] = momentsFor(seen(60, { cuts, frames }), film(60), 6000).startsMs
    expect(second >= 15_400 || second + 1000 <= 15_400).toBe(true)
  })

  it('are left out where a film can only be reached by decoding for long', () => {
    const frames = [frame(0), frame(500_000)]
    expect(momentsFor({ ...seen(0), frames }, film(600), 6000).startsMs).toEqual([0, 500_000])
  })

  it('are always some', () => {
    expect(momentsFor({ ...seen(0), frames: [frame(590_000)] }, film(600), 6000).startsMs).not.toEqual([])
  })
})
