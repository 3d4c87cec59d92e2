import sharp, { type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import type { Pixels } from '../../media/picture.ts'
import { type Features, measureFeatures } from './features.ts'
import { Fourier } from './fourier.ts'

let seed = 1
const random = (): number => {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
  return (seed >>> 8) / 2 ** 24
}
const normal = (): number => Math.sqrt(-2 * Math.log(random() + 1e-9)) * Math.cos(2 * Math.PI * random())

/** RGB by a formula of place and channel. */
function pixels(width: number, height: number, value: (x: number, y: number, channel: number) => number): Pixels {
  const data = Buffer.alloc(width * height * 3)
  for (let at = 0; at < data.length; at++) {
    const pixel = Math.floor(at / 3)
    data[at] = Math.min(255, Math.max(0, Math.round(value(pixel % width, Math.floor(pixel / width), at % 3))))
  }
  return { data, width, height, channels: 3 }
}

/** Squares of many shades, 12 pixels wide, on a slanted grid. */
const squares = (): Pixels =>
  pixels(400, 300, (x, y) => {
    const cell = Math.floor((x + y * 0.3) / 12) * 7919 + Math.floor((y - x * 0.3) / 12) * 104729
    return 30 + (((Math.imul(cell, 2654435761) >>> 8) & 255) * 200) / 255
  })

async function changed({ data, width, height }: Pixels, change: (image: Sharp) => Sharp): Promise<Pixels> {
  const coded = await change(sharp(data, { raw: { width, height, channels: 3 } })).toBuffer()
  const { data: result, info } = await sharp(coded).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  return { data: result, width: info.width, height: info.height, channels: 3 }
}

const get = (features: Features, name: string): number => features[name] ?? Number.NaN

describe('measureFeatures', () => {
  it('gives the same finite numbers for every size of picture, however small', () => {
    const names = Object.keys(measureFeatures(squares()))
    for (const [width, height] of [
      [1, 1],
      [3, 200],
      [65, 64],
      [1440, 80],
    ] as const) {
      const features = measureFeatures(pixels(width, height, (x, y) => (x * 7 + y * 3) % 256))
      expect(Object.keys(features)).toEqual(names)
      expect(Object.entries(features).filter(([, value]) => !Number.isFinite(value))).toEqual([])
    }
    const plain = measureFeatures(pixels(300, 200, () => 128))
    expect(Object.values(plain).every(Number.isFinite)).toBe(true)
  })

  it('estimates the noise that was added to a plain picture', () => {
    const noise = Float64Array.from({ length: 256 * 256 }, () => 6 * normal())
    const features = measureFeatures(pixels(256, 256, (x, y) => 128 + (noise[y * 256 + x] ?? 0)))
    expect(Math.exp(get(features, 'noiseUsual'))).toBeGreaterThan(5.4)
    expect(Math.exp(get(features, 'noiseUsual'))).toBeLessThan(6.6)
    // White noise of deviation 6 has a variance of 36 in every wave.
    expect(Math.exp(get(features, 'band5'))).toBeGreaterThan(32)
    expect(Math.exp(get(features, 'band5'))).toBeLessThan(41)
  })

  it('finds edges wider the more they are blurred', async () => {
    const widths: number[] = []
    for (const sigma of [0.5, 1.5, 3]) {
      const blurred = await changed(squares(), (image) => image.blur(sigma).png())
      widths.push(get(measureFeatures(blurred), 'edgeUsual'))
    }
    expect(widths[0]).toBeLessThan(2.5)
    expect(widths[1]).toBeGreaterThan((widths[0] ?? 0) * 1.3)
    expect(widths[2]).toBeGreaterThan((widths[1] ?? 0) * 1.2)
  })

  it('finds the direction of a movement', () => {
    const { data, width, height } = squares()
    const moved = pixels(width, height, (x, y, channel) => {
      let sum = 0
      for (let step = -6; step <= 6; step++) {
        sum += data[(y * width + Math.min(width - 1, Math.max(0, x + step))) * 3 + channel] ?? 0
      }
      return sum / 13
    })
    const features = measureFeatures(moved)
    expect([0, 15, 165]).toContain(get(features, 'direction'))
    expect(get(features, 'riseMid')).toBeGreaterThan(get(measureFeatures(squares()), 'riseMid') + 2)
  })

  it('finds the grid of a JPEG wherever it begins', async () => {
    const soft = pixels(400, 300, (x, y) => 128 + 60 * Math.sin(x / 23) + 50 * Math.cos(y / 17) + (x * y) / 4000)
    const coded = await changed(soft, (image) => image.jpeg({ quality: 12 }))
    const shifted = await changed(coded, (image) => image.extract({ left: 3, top: 5, width: 380, height: 280 }).png())
    for (const picture of [coded, shifted]) {
      expect(get(measureFeatures(picture), 'grid8')).toBeGreaterThan(get(measureFeatures(soft), 'grid8') + 0.5)
    }
  })

  it('finds that a smooth picture was given few levels', () => {
    const smooth = pixels(400, 300, (x, y) => 40 + x / 4 + y / 4)
    const banded = pixels(400, 300, (x, y) => Math.round((40 + x / 4 + y / 4) / 8) * 8)
    expect(get(measureFeatures(smooth), 'levelsUsual')).toBeGreaterThan(0.9)
    expect(get(measureFeatures(banded), 'levelsUsual')).toBeLessThan(0.4)
  })
})

describe('Fourier', () => {
  it('finds a wave at its place', () => {
    const re = Float64Array.from({ length: 64 }, (_, at) => Math.cos((2 * Math.PI * 5 * at) / 64))
    const im = new Float64Array(64)
    new Fourier(64).run(re, im)
    expect(re[5]).toBeCloseTo(32, 9)
    expect(re[59]).toBeCloseTo(32, 9)
    expect(Math.max(...re.filter((_, at) => at !== 5 && at !== 59).map(Math.abs))).toBeLessThan(1e-9)
  })
})
