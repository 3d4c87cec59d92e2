import { describe, expect, it } from 'vitest'
import type { Pixels } from '../../media/picture.ts'
import { forward, inverse, scales } from './dct.ts'
import { measureNoise } from './noise-level.ts'
import { smooth } from './smooth.ts'

/** Numbers of a bell around zero, always the same. */
function bell(seed: number): () => number {
  let state = seed
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state + 1) / 2 ** 32
  }
  return () => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next())
}

/** A dark and a light half with noise of this deviation, and how it was without. */
function halves(sigma: number, width = 160, height = 120, channels: 3 | 4 = 3): { noisy: Pixels; clean: Pixels } {
  const random = bell(7)
  const clean = Buffer.alloc(width * height * channels)
  const noisy = Buffer.alloc(clean.length)
  for (let at = 0; at < clean.length; at++) {
    const isAlpha = channels === 4 && at % 4 === 3
    clean[at] = isAlpha ? at % 251 : Math.floor(at / channels) % width < width / 2 ? 70 : 180
    noisy[at] = isAlpha ? at % 251 : Math.round((clean[at] ?? 0) + sigma * random())
  }
  const size = { width, height, channels }
  return { noisy: { data: noisy, ...size }, clean: { data: clean, ...size } }
}

const deviation = (one: Buffer, other: Buffer): number =>
  Math.sqrt(one.reduce((sum, value, at) => sum + (value - (other[at] ?? 0)) ** 2, 0) / one.length)

async function smoothed(pixels: Pixels, threshold: number, amount = 1): Promise<Buffer> {
  const target = Buffer.alloc(pixels.data.length)
  await smooth(pixels, target, { luma: threshold, colour: threshold, amount }, () => undefined)
  return target
}

describe('the cosine transform', () => {
  const block = Float32Array.from({ length: 64 }, (_, at) => ((at * 37) % 101) - 20)

  it('is that of JPEG, but for its scale', () => {
    const found = block.slice()
    forward(found)
    for (const [u, v] of [
      [0, 0],
      [1, 0],
      [0, 3],
      [5, 2],
      [7, 7],
    ] as const) {
      let sum = 0
      for (let y = 0; y < 8; y++) {
        for (let x = 0; x < 8; x++) {
          const wave = Math.cos(((2 * x + 1) * u * Math.PI) / 16) * Math.cos(((2 * y + 1) * v * Math.PI) / 16)
          sum += (block[8 * y + x] ?? 0) * wave
        }
      }
      const expected = sum * (u === 0 ? Math.SQRT1_2 / 2 : 0.5) * (v === 0 ? Math.SQRT1_2 / 2 : 0.5)
      expect((found[8 * v + u] ?? 0) / (8 * (scales[u] ?? 0) * (scales[v] ?? 0))).toBeCloseTo(expected, 3)
    }
  })

  it('comes back to where it was', () => {
    const there = block.slice()
    forward(there)
    inverse(there)
    for (const [at, value] of there.entries()) expect(value / 64).toBeCloseTo(block[at] ?? 0, 3)
  })
})

describe('smoothing', () => {
  it('takes most of the noise and leaves the edge', async () => {
    const { noisy, clean } = halves(10)
    const data = await smoothed(noisy, 29)
    expect(deviation(noisy.data, clean.data)).toBeGreaterThan(9)
    expect(deviation(data, clean.data)).toBeLessThan(3)
    const middle = (60 * 160 + 80) * 3
    expect((data[middle] ?? 0) - (data[middle - 3] ?? 0)).toBeGreaterThan(95)
  })

  it('takes half of it when half is asked', async () => {
    const { noisy, clean } = halves(10)
    const rest = deviation(await smoothed(noisy, 29, 0.5), clean.data)
    expect(rest).toBeGreaterThan(4)
    expect(rest).toBeLessThan(7)
  })

  it.each([
    [161, 123],
    [8, 8],
    [9, 30],
    [33, 8],
  ])('covers all of a picture of %i × %i', async (width, height) => {
    const { noisy, clean } = halves(4, width, height)
    const data = await smoothed(noisy, 12)
    expect(deviation(data, clean.data)).toBeLessThan(deviation(noisy.data, clean.data))
  })

  it('leaves alpha, pictures smaller than a block, and what has no noise as they are', async () => {
    const { noisy, clean } = halves(10, 32, 32, 4)
    const data = await smoothed(noisy, 29)
    for (let at = 3; at < data.length; at += 4) expect(data[at]).toBe(noisy.data[at])
    const tiny = halves(10, 7, 20).noisy
    expect((await smoothed(tiny, 29)).equals(tiny.data)).toBe(true)
    expect((await smoothed(clean, 8)).equals(clean.data)).toBe(true)
  })
})

describe('the level of noise', () => {
  it.each([2, 5, 12])('is found where its deviation is %i', (sigma) => {
    const { luma } = measureNoise(halves(sigma, 320, 240).noisy)
    // Independent noise of three channels has so much in their mean.
    const inLuma = sigma * Math.hypot(0.299, 0.587, 0.114)
    expect(luma).toBeGreaterThan(0.75 * inLuma)
    expect(luma).toBeLessThan(1.15 * inLuma)
  })

  it('is nothing in what was drawn, and in what is tiny', () => {
    expect(measureNoise(halves(0).clean)).toEqual({ luma: 0, colour: 0 })
    expect(measureNoise(halves(9, 6, 6).noisy)).toEqual({ luma: 0, colour: 0 })
  })
})
