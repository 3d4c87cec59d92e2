import { describe, expect, it } from 'vitest'
import { orientPixels } from '../../media/picture/orient.ts'
import { type Look, lookOf, lookSource } from '../look.ts'
import { likenessTo, prepare, turned } from './likeness.ts'

type Painter = (x: number, y: number) => readonly [red: number, green: number, blue: number]

function pixelsOf(paint: Painter) {
  const data = Buffer.alloc(lookSource * lookSource * 3)
  for (let y = 0; y < lookSource; y++) {
    for (let x = 0; x < lookSource; x++) data.set(paint(x, y).map(bounded), (y * lookSource + x) * 3)
  }
  return { data, width: lookSource, height: lookSource, channels: 3 as const }
}

const bounded = (value: number): number => Math.max(0, Math.min(255, Math.round(value)))
const look = (paint: Painter): Look => lookOf(pixelsOf(paint))

/** Patches of grey, others for each seed. */
const scene =
  (seed: number, contrast = 1, brightness = 0): Painter =>
  (x, y) => {
    const patch = Math.floor(x / 5) * 31 + Math.floor(y / 4) * 17 + seed * 101
    const value = brightness + contrast * ((Math.imul(patch, 2654435761) >>> 24) * 0.8 + 20)
    return [value, value, value]
  }

const noisy =
  (paint: Painter, amount: number): Painter =>
  (x, y) => {
    const noise = (((x * 7 + y * 13) % 11) / 10 - 0.5) * amount
    const [red, green, blue] = paint(x, y)
    return [red + noise, green + noise, blue + noise]
  }

function alike(one: Painter, other: Painter): number | undefined {
  const [first, second] = [prepare(look(one)), prepare(look(other))]
  return first && second && likenessTo(first)(second, 0)
}

describe('likeness', () => {
  it('hangs on neither brightness nor contrast, and hardly on noise', () => {
    expect(alike(scene(1), scene(1, 0.5, 60))).toBeGreaterThan(0.98)
    expect(alike(scene(1), scene(1, 0.15, 100))).toBeGreaterThan(0.95)
    expect(alike(scene(1), noisy(scene(1), 30))).toBeGreaterThan(0.97)
  })

  it('tells strangers and negatives apart', () => {
    for (const seed of [2, 3, 4, 5, 6]) expect(alike(scene(1), scene(seed)), `${seed}`).toBeLessThan(0.6)
    expect(alike(scene(1), scene(1, -1, 255))).toBeLessThanOrEqual(0)
  })

  it('overlooks a watermark, but not a quarter of the picture', () => {
    const marked =
      (side: number): Painter =>
      (x, y) =>
        x < side && y < side / 2 ? [255, 255, 255] : scene(1)(x, y)
    expect(alike(scene(1), marked(9))).toBeGreaterThan(0.9)
    expect(alike(scene(1), (x, y) => (x < 18 && y < 18 ? [255, 255, 255] : scene(1)(x, y)))).toBeLessThan(0.87)
  })

  it('knows nothing of pictures that are flat, mere gradients, or dark with noise', () => {
    const plain: Painter[] = [
      () => [0, 0, 0],
      () => [200, 200, 200],
      (x, y) => [x * 5, x * 5, x * 5 + y],
      (x, y) => [255 - y * 6, 255 - y * 6, 255 - x * 2],
      noisy(() => [6, 6, 6], 12),
      noisy((x) => [60 + x * 3, 60 + x * 3, 60 + x * 3], 20),
    ]
    expect(plain.map((paint) => prepare(look(paint)))).toEqual(plain.map(() => undefined))
  })

  it('lets gradients make nothing alike', () => {
    const slope =
      (seed: number): Painter =>
      (x, y) => {
        const [value] = scene(seed, 0.1)(x, y)
        return [value + y * 6, value + y * 6, value + y * 6]
      }
    expect(alike(slope(1), slope(2))).toBeLessThan(0.6)
    expect(alike(slope(1), slope(1))).toBeGreaterThan(0.95)
  })

  it('wants the same hues, where both pictures have any', () => {
    const coloured =
      (red: number, green: number, blue: number): Painter =>
      (x, y) => {
        const [value] = scene(1)(x, y)
        const share = value / 255
        return [red * share, green * share, blue * share]
      }
    const [rose, pale, green] = [coloured(255, 90, 110), coloured(220, 150, 158), coloured(90, 215, 90)]
    expect(alike(rose, green)).toBeLessThan(0.2)
    expect(alike(rose, pale)).toBeGreaterThan(0.95)
    expect(alike(rose, scene(1))).toBeGreaterThan(0.95)
  })

  it('is the same whichever comes first, and nothing below what is asked for', () => {
    const [one, other] = [prepare(look(scene(1))), prepare(look(noisy(scene(1), 120)))]
    if (!one || !other) return expect.fail('too plain')
    const value = likenessTo(one)(other, 0)
    expect(likenessTo(other)(one, 0)).toBeCloseTo(value, 4)
    expect(likenessTo(one)(other, value - 0.001)).toBe(value)
    expect(likenessTo(one)(other, value + 0.001)).toBe(0)
  })
})

describe('turned', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('gives the look of the picture turned by orientation %i', (orientation) => {
    const paint: Painter = (x, y) => {
      const [value] = scene(1)(x, y)
      return [value, value * (x / 36), 255 - 5 * y]
    }
    const expected = lookOf(orientPixels(pixelsOf(paint), orientation))
    const result = turned(look(paint), orientation)
    expect([...result.luma]).toEqual([...expected.luma])
    expect([...result.chroma]).toEqual([...expected.chroma])
  })
})
