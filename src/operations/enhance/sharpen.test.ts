import { describe, expect, it } from 'vitest'
import type { Pixels } from '../../media/picture.ts'
import { sharpen } from './sharpen.ts'

/** A soft edge between two greys, of 40 columns and some rows. */
function softEdge(channels: 3 | 4 = 3, height = 12): Pixels {
  const width = 40
  const data = Buffer.alloc(width * height * channels)
  for (let at = 0; at < width * height; at++) {
    const value = Math.round(60 + 120 / (1 + Math.exp(-((at % width) - 20) / 2.5)))
    data.fill(value, at * channels, (at + 1) * channels)
    if (channels === 4) data[at * 4 + 3] = at % 256
  }
  return { data, width, height, channels }
}

const rowOf = ({ data, width, channels }: Pixels, y: number): number[] =>
  Array.from({ length: width }, (_, x) => data[(y * width + x) * channels] ?? 0)

describe('sharpening', () => {
  it('makes a soft edge steeper, alike in all rows', async () => {
    const pixels = softEdge()
    const before = rowOf(pixels, 5)
    await sharpen(pixels, { sigma: 2.5, amount: 1.5, noise: 0 }, () => undefined)
    const after = rowOf(pixels, 5)
    expect((after[21] ?? 0) - (after[19] ?? 0)).toBeGreaterThan(1.2 * ((before[21] ?? 0) - (before[19] ?? 0)))
    for (let y = 0; y < pixels.height; y++) expect(rowOf(pixels, y)).toEqual(after)
  })

  it('leaves plain areas, what is weaker than noise, and alpha alone', async () => {
    const pixels = softEdge(4)
    const before = Buffer.from(pixels.data)
    await sharpen(pixels, { sigma: 1, amount: 2, noise: 200 }, () => undefined)
    expect(pixels.data.equals(before)).toBe(true)
    await sharpen(pixels, { sigma: 1, amount: 2, noise: 0 }, () => undefined)
    for (let at = 3; at < before.length; at += 4) expect(pixels.data[at]).toBe(before[at])
    expect(rowOf(pixels, 3).slice(0, 4)).toEqual([60, 60, 60, 60])
  })

  it('reaches over the borders of pictures smaller than its reach', async () => {
    const pixels = softEdge(3, 2)
    await sharpen(pixels, { sigma: 4, amount: 1, noise: 0 }, () => undefined)
    expect(rowOf(pixels, 0)).toEqual(rowOf(pixels, 1))
  })
})
