import { z } from 'zod'
import { ClassCounts, classesSchema } from './classes.ts'
import type { Collector } from './collector.ts'
import { Tally, tallySchema } from './tally.ts'

const count = z.number().int()

/** How large pictures and films are, and of which shape. */
export const resolutionsSchema = z.object({
  megapixels: classesSchema.describe('Pictures by their millions of pixels.'),
  orientations: z.object({ landscape: count, portrait: count, square: count }).describe('Pictures, as seen.'),
  shapes: tallySchema.describe('Pictures by the ratio of their long to their short side: 3:2, 4:3, …'),
  sizes: tallySchema.describe('Pictures by width and height in pixels.'),
  films: tallySchema.describe('Films by their lines: 2160p, 1080p, …'),
})

/** See `resolutionsSchema`. */
export type Resolutions = z.output<typeof resolutionsSchema>

/** Counts the sizes and shapes of pictures and films. */
export function countResolutions(limit: number): Collector<Resolutions> {
  const megapixels = new ClassCounts([1, 2, 5, 8, 12, 16, 24, 36, 50, 100])
  const orientations = { landscape: 0, portrait: 0, square: 0 }
  const [shapes, sizes, films] = [new Tally(), new Tally(), new Tally()]

  return {
    add({ kind, width, height }) {
      if (kind === 'sound') return
      const isKnown = width !== undefined && height !== undefined && width > 0 && height > 0
      if (kind === 'film') return films.add(isKnown ? linesOf(Math.min(width, height)) : undefined)
      shapes.add(isKnown ? shapeOf(width, height) : undefined)
      sizes.add(isKnown ? `${width} × ${height}` : undefined)
      if (!isKnown) return
      megapixels.add((width * height) / 1e6)
      orientations[width === height ? 'square' : width > height ? 'landscape' : 'portrait']++
    },
    result: () => ({
      megapixels: megapixels.result(),
      orientations,
      shapes: shapes.result(limit),
      sizes: sizes.result(limit),
      films: films.result(limit),
    }),
  }
}

const shapes: readonly (readonly [name: string, ratio: number])[] = [
  ['1:1', 1],
  ['5:4', 5 / 4],
  ['4:3', 4 / 3],
  ['7:5', 7 / 5],
  ['3:2', 3 / 2],
  ['16:10', 16 / 10],
  ['16:9', 16 / 9],
  ['2:1', 2],
  ['21:9', 21 / 9],
]

/** The usual name of a shape, within a hundredth and a half; wider than 2.5:1 is a panorama. */
function shapeOf(width: number, height: number): string {
  const ratio = Math.max(width, height) / Math.min(width, height)
  const named = shapes.find(([, usual]) => Math.abs(ratio / usual - 1) < 0.015)
  return named?.[0] ?? (ratio > 2.5 ? 'panorama' : 'other')
}

const linesOf = (lines: number): string => {
  const usual = [4320, 2160, 1440, 1080, 720, 576, 480].find((step) => lines >= step * 0.95)
  return usual === undefined ? 'below 480p' : `${usual}p`
}
