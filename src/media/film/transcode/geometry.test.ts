import { describe, expect, it } from 'vitest'
import { fromMatrix, upright } from '../display.ts'
import type { VideoPlan } from '../transcode.ts'
import { type CodedPicture, geometryOf } from './geometry.ts'

const square = { num: 1, den: 1 }
const quarterTurn = fromMatrix([0, 1, 0, -1, 0])
const halfTurn = fromMatrix([-1, 0, 0, 0, -1])

const plan = (more: Partial<VideoPlan> = {}): VideoPlan => ({
  codec: 'h264',
  speed: 'medium',
  rate: { crf: 23 },
  rotation: 'apply',
  range: 'keep',
  deinterlace: false,
  ...more,
})

const coded = (more: Partial<CodedPicture> = {}): CodedPicture => ({
  width: 1920,
  height: 1080,
  sar: square,
  display: upright,
  ...more,
})

describe('the geometry of a film that is written anew', () => {
  it('leaves all as it is when nothing is asked for', () => {
    expect(geometryOf(coded(), plan())).toEqual({
      size: { width: 1920, height: 1080 },
      turn: upright,
      written: { width: 1920, height: 1080 },
      sar: square,
      seen: { width: 1920, height: 1080 },
    })
  })

  it('turns the size with the pixels, and not when the player turns', () => {
    const display = quarterTurn
    const applied = geometryOf(coded({ display }), plan())
    expect(applied).toMatchObject({ written: { width: 1080, height: 1920 }, seen: { width: 1080, height: 1920 } })
    const kept = geometryOf(coded({ display }), plan({ rotation: 'keep' }))
    expect(kept).toMatchObject({ written: { width: 1920, height: 1080 }, seen: { width: 1080, height: 1920 } })
  })

  it('takes a size as seen, and the other side from the aspect', () => {
    const { size, written } = geometryOf(coded({ display: quarterTurn }), plan({ width: 540 }))
    expect(size).toEqual({ width: 960, height: 540 })
    expect(written).toEqual({ width: 540, height: 960 })
  })

  it('makes pixels square with a size, and keeps their shape without', () => {
    const pal = coded({ width: 720, height: 576, sar: { num: 64, den: 45 } })
    expect(geometryOf(pal, plan({ height: 576 }))).toMatchObject({ size: { width: 1024, height: 576 }, sar: square })
    expect(geometryOf(pal, plan())).toMatchObject({
      size: { width: 720, height: 576 },
      sar: { num: 64, den: 45 },
      seen: { width: 1024, height: 576 },
    })
  })

  it('turns the shape of pixels, too', () => {
    const turned = coded({ width: 720, height: 576, sar: { num: 64, den: 45 }, display: quarterTurn })
    expect(geometryOf(turned, plan()).sar).toEqual({ num: 45, den: 64 })
  })

  it('cuts odd columns and lines off', () => {
    expect(geometryOf(coded({ width: 853, height: 481 }), plan())).toMatchObject({
      cut: { left: 0, top: 0, width: 852, height: 480 },
      size: { width: 852, height: 480 },
    })
  })

  it.each([
    { name: 'upright', display: upright, cut: { left: 100, top: 50, width: 400, height: 200 } },
    { name: 'turned by a half', display: halfTurn, cut: { left: 1420, top: 830, width: 400, height: 200 } },
  ])('finds a part of the picture as seen: $name', ({ display, cut }) => {
    const crop = { left: 100, top: 50, width: 400, height: 200 }
    expect(geometryOf(coded({ display }), plan({ crop })).cut).toEqual(cut)
  })

  it('finds a part of a picture that is turned by a quarter', () => {
    // Seen as 1080 × 1920: its upper left corner is the lower left one of the coded picture.
    const crop = { left: 0, top: 0, width: 200, height: 100 }
    const { cut, written } = geometryOf(coded({ display: quarterTurn }), plan({ crop }))
    expect(cut).toEqual({ left: 0, top: 880, width: 100, height: 200 })
    expect(written).toEqual({ width: 200, height: 100 })
  })

  it('keeps a part inside the picture, and refuses one that is not in it', () => {
    const beyond = geometryOf(coded(), plan({ crop: { left: 1820, top: 0, width: 400, height: 1080 } }))
    expect(beyond.cut).toEqual({ left: 1820, top: 0, width: 100, height: 1080 })
    const outside = plan({ crop: { left: 1920, top: 0, width: 10, height: 10 } })
    expect(() => geometryOf(coded(), outside)).toThrow('"crop" lies outside the picture of 1920×1080 pixels.')
  })
})
