import { describe, expect, it } from 'vitest'
import type { Probe, VideoFacts } from '../../media/probe.ts'
import { audioBitRateFor, ladderFor } from './ladder.ts'

const film = (displayWidth: number, displayHeight: number, more: Partial<VideoFacts> = {}): Probe =>
  ({
    container: {},
    video: [{ codec: 'h264', displayWidth, displayHeight, frameRate: 30, ...more }],
    audio: [],
  }) as unknown as Probe

const sizes = (probe: Probe, ladder: 'auto' | number[] = 'auto') =>
  ladderFor(probe, ladder).map(({ width, height }) => `${width}x${height}`)

describe('the ladder', () => {
  it.each([
    [3840, 2160, ['3840x2160', '1920x1080', '1280x720', '854x480', '426x240']],
    [1920, 1080, ['1920x1080', '1280x720', '854x480', '426x240']],
    [1080, 1920, ['1080x1920', '720x1280', '480x854', '240x426']],
    [7680, 4320, ['3840x2160', '1920x1080', '1280x720', '854x480', '426x240']],
    [321, 241, ['320x240']],
  ])('of a film of %i×%i goes down from its own size', (width, height, expected) => {
    expect(sizes(film(width, height))).toEqual(expected)
  })

  it('takes what is asked for, each once, and nothing larger than the film', () => {
    expect(sizes(film(1280, 720), [360, 2160, 1080, 359])).toEqual(['1280x720', '640x360'])
  })

  it('gives each quality fewer bits, and none more than the film is worth', () => {
    const rates = (probe: Probe) => ladderFor(probe, 'auto').map(({ bitRate }) => bitRate)
    expect(rates(film(1920, 1080))).toEqual([5_000_000, 2_721_655, 1_482_349, 523_169])
    const small = rates(film(1920, 1080, { bitRate: 1_000_000 }))
    expect(small[0]).toBe(1_200_000)
    expect(small).toEqual([...small].sort((one, other) => other - one))
    expect(rates(film(1920, 1080, { bitRate: 1_000_000, codec: 'av1' }))[0]).toBe(2_500_000)
  })

  it('is empty without a picture, and sound has no bits without sound', () => {
    const nothing = { container: {}, video: [], audio: [] } as unknown as Probe
    expect([ladderFor(nothing, 'auto'), audioBitRateFor(nothing)]).toEqual([[], 0])
  })
})
