import { describe, expect, it } from 'vitest'
import { best, type Measured, searchQuality } from './search.ts'

/** Bytes and likeness of a picture as they usually go with quality; `hardness` moves both. */
function aPicture(hardness: number) {
  const asked: number[] = []
  return {
    asked,
    at: (quality: number): Measured => ({
      quality,
      bytes: Math.round(20_000 * hardness * Math.exp(quality / 24)),
      ssim: 1 - 0.2 * hardness * Math.exp(-quality / 35),
    }),
    async measure(quality: number): Promise<Measured> {
      asked.push(quality)
      return this.at(quality)
    },
  }
}

const usual = { range: [1, 100], guess: 60, tries: 10, slack: 0 } as const
const every = Array.from({ length: 100 }, (_, index) => index + 1)

describe('the search for a quality', () => {
  it.each([0.2, 0.5, 1, 2, 4])('ends at the lowest quality that is alike enough, at hardness %d', async (hardness) => {
    const picture = aPicture(hardness)
    const found = await searchQuality((quality) => picture.measure(quality), { ...usual, goal: { ssim: 0.96 } })
    expect(found?.quality).toBe(every.find((quality) => picture.at(quality).ssim >= 0.96))
    expect(picture.asked.length).toBeLessThanOrEqual(5)
  })

  it.each([200_000, 400_000, 900_000])('ends at the highest quality within %i bytes', async (maxBytes) => {
    const picture = aPicture(1)
    const found = await searchQuality((quality) => picture.measure(quality), { ...usual, goal: { maxBytes } })
    expect(found?.quality).toBe(every.findLast((quality) => picture.at(quality).bytes <= maxBytes))
    expect(picture.asked.length).toBeLessThanOrEqual(5)
  })

  it('asks for no quality twice, and for none outside its range', async () => {
    const picture = aPicture(3)
    await searchQuality((quality) => picture.measure(quality), { ...usual, range: [40, 90], goal: { ssim: 0.9 } })
    expect(new Set(picture.asked).size).toBe(picture.asked.length)
    expect(picture.asked.every((quality) => quality >= 40 && quality <= 90)).toBe(true)
  })

  it('finds nothing where the goal lies outside of the range', async () => {
    const picture = aPicture(4)
    const none = await searchQuality((quality) => picture.measure(quality), { ...usual, goal: { ssim: 0.9999 } })
    expect(none).toBeUndefined()
    expect(picture.asked).toContain(100)
    const tiny = await searchQuality((quality) => picture.measure(quality), { ...usual, goal: { maxBytes: 10 } })
    expect(tiny).toBeUndefined()
    expect(picture.asked).toContain(1)
  })

  it('stops as soon as it is near enough', async () => {
    const picture = aPicture(1)
    const found = await searchQuality((quality) => picture.measure(quality), {
      ...usual,
      slack: 0.2,
      goal: { ssim: 0.96 },
    })
    expect(found?.ssim).toBeGreaterThanOrEqual(0.96)
    expect(picture.asked.length).toBeLessThanOrEqual(2)
  })

  it('spends its last try where the goal is most likely to be reached', async () => {
    const picture = aPicture(4)
    const goal = { ssim: picture.at(99).ssim }
    const found = await searchQuality((quality) => picture.measure(quality), { ...usual, guess: 1, tries: 2, goal })
    expect(found?.quality).toBe(100)
  })

  it('is not led step by step along a bend', async () => {
    // Nothing gained below 90, all of it above, as with WebP of grain.
    const bent = (quality: number) => 1 - (quality < 90 ? 0.09 - quality / 3000 : 0.06 - (quality - 90) / 200)
    const asked: number[] = []
    const measure = async (quality: number): Promise<Measured> => {
      asked.push(quality)
      return { quality, bytes: 1000 * quality, ssim: bent(quality) }
    }
    const found = await searchQuality(measure, { ...usual, guess: 60, goal: { ssim: 0.95 } })
    expect(found?.quality).toBe(every.find((quality) => bent(quality) >= 0.95))
    expect(asked.length).toBeLessThanOrEqual(8)
  })

  it('gives only what it has measured, however wildly bytes and likeness jump', async () => {
    for (let seed = 1; seed <= 50; seed++) {
      const wild = (quality: number): Measured => {
        const random = ((quality * 7919 * seed) % 101) / 101
        return { quality, bytes: 1000 + Math.round(9000 * random), ssim: 0.8 + 0.2 * random }
      }
      const points: Measured[] = []
      const measure = async (quality: number): Promise<Measured> => {
        points.push(wild(quality))
        return wild(quality)
      }
      const goal = seed % 2 === 0 ? { ssim: 0.9 } : { maxBytes: 5000 }
      const found = await searchQuality(measure, { ...usual, goal })
      expect(found).toEqual(best(points, goal))
      expect(points.length).toBeLessThanOrEqual(10)
    }
  })
})
