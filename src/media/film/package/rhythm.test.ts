import { describe, expect, it } from 'vitest'
import type { VideoFacts } from '../../probe.ts'
import { beginsAt, msOfTick, rhythmOf } from './rhythm.ts'

const rateOf = (facts: Partial<VideoFacts>): string => {
  const { num, den } = rhythmOf(facts as VideoFacts, 4000).rate
  return `${num}/${den}`
}

describe('the rhythm of a package', () => {
  it.each([
    ['keeps an even rate', { frameRate: 23.976, frameRateFraction: '24000/1001' }, '24000/1001'],
    ['makes an uneven rate the next usual one', { frameRate: 29.4, variableFrameRate: true }, '30/1'],
    ['fills slide shows', { frameRate: 0.5, frameRateFraction: '1/2' }, '10/1'],
    ['takes every fourth frame of a slow motion', { frameRate: 240, frameRateFraction: '240/1' }, '60/1'],
    ['takes 25 where nothing is told', {}, '25/1'],
  ])('%s', (_, facts, rate) => {
    expect(rateOf(facts)).toBe(rate)
  })

  it.each(['25/1', '24000/1001', '30000/1001', '60000/1001', '10/1'])(
    'begins a segment with the first frame at or behind each bound, at %s frames a second',
    (frameRateFraction) => {
      const [num = 0, den = 1] = frameRateFraction.split('/').map(Number)
      const rhythm = rhythmOf({ frameRate: num / den, frameRateFraction } as VideoFacts, 6000)
      const ticks = Array.from({ length: 3000 }, (_, tick) => tick)
      const keys = ticks.filter((tick) => beginsAt(rhythm, tick) !== undefined)
      for (const [at, tick] of keys.entries()) {
        expect(msOfTick(rhythm, tick)).toBeGreaterThanOrEqual(at * 2000 - 0.001)
        expect(msOfTick(rhythm, tick - 1)).toBeLessThan(at * 2000)
        expect(beginsAt(rhythm, tick)).toBe(at % 3 === 0 ? 'segment' : 'key')
      }
    },
  )
})
