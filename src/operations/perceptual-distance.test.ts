import { describe, expect, it } from 'vitest'
import { photo } from '../../test/support/pictures.ts'
import type { Pixels } from '../media/picture.ts'
import { blurRows } from './blur-rows.ts'
import { perceptualDistance } from './perceptual-distance.ts'

const photoPixels = async (width: number, height: number): Promise<Pixels> => ({
  data: await photo(width, height).raw().toBuffer(),
  width,
  height,
  channels: 3,
})

const noisier = (pixels: Pixels, by: number): Pixels => ({
  ...pixels,
  data: Buffer.from(pixels.data.map((value, at) => Math.min(255, Math.max(0, value + (at % 7 < 3 ? by : -by))))),
})

describe('perceptual distance', () => {
  it('is 0 for equal pictures of any size, one pixel included', async () => {
    for (const [width, height] of [
      [1, 1],
      [3, 200],
      [333, 217],
    ] as const) {
      const pixels = await photoPixels(width, height)
      expect(perceptualDistance(pixels, pixels)).toBeLessThan(1e-6)
    }
  })

  it('is the same in both directions, and grows with the difference', async () => {
    const pixels = await photoPixels(200, 150)
    const [little, much] = [noisier(pixels, 2), noisier(pixels, 12)]
    expect(perceptualDistance(pixels, little)).toBeCloseTo(perceptualDistance(little, pixels), 10)
    expect(perceptualDistance(pixels, little)).toBeGreaterThan(0)
    expect(perceptualDistance(pixels, much)).toBeGreaterThan(3 * perceptualDistance(pixels, little))
  })

  it('looks at very large pictures as at smaller ones, where noise of single pixels is lost', async () => {
    const pixels = await photoPixels(2100, 2000)
    const small = await photoPixels(1000, 1000)
    const large = perceptualDistance(pixels, noisier(pixels, 12))
    expect(large).toBeGreaterThan(0)
    expect(large).toBeLessThan(perceptualDistance(small, noisier(small, 12)))
  })
})

describe('blurring by rows', () => {
  const blurred = (width: number, height: number, value: (x: number, y: number) => number): number[][] => {
    const rows: number[][] = []
    blurRows(
      { width, height },
      1,
      (y, [row]) => row?.set(Array.from({ length: width }, (_, x) => value(x, y))),
      (_, [row]) => rows.push([...(row ?? [])]),
    )
    return rows
  }

  it.each([
    [1, 1],
    [2, 1],
    [1, 2],
    [3, 3],
    [9, 4],
  ])('leaves what is flat as it is: %d × %d', (width, height) => {
    const rows = blurred(width, height, () => 7)
    expect(rows.map((row) => row.length)).toEqual(Array.from({ length: height }, () => width))
    for (const value of rows.flat()) expect(value).toBeCloseTo(7, 4)
  })

  it('spreads a point alike in all four directions, and keeps its sum', () => {
    const rows = blurred(11, 11, (x, y) => (x === 5 && y === 5 ? 1 : 0))
    const at = (x: number, y: number) => rows[y]?.[x] ?? 0
    for (const value of [at(3, 5), at(5, 3), at(5, 7)]) expect(value).toBeCloseTo(at(7, 5), 6)
    expect([at(2, 5), at(5, 8)]).toEqual([0, 0])
    expect(at(5, 5)).toBeGreaterThan(at(4, 5))
    expect(rows.flat().reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4)
  })
})
