import { z } from 'zod'
import type { Collector } from './collector.ts'

const count = z.number().int()

/** What people thought of their files. */
export const ratingsSchema = z.object({
  rated: count,
  unrated: count,
  rejected: count.describe('Rated −1.'),
  stars: z.array(count).length(5).describe('Files with 1, 2, 3, 4 and 5 stars.'),
})

/** See `ratingsSchema`. */
export type Ratings = z.output<typeof ratingsSchema>

/** Counts ratings; parts of a star are rounded, up from nothing. */
export function countRatings(): Collector<Ratings> {
  const stars = [0, 0, 0, 0, 0]
  let [rejected, unrated] = [0, 0]
  return {
    add(_, { metadata }) {
      const rating = metadata?.rating
      if (rating === undefined || rating === 0) unrated++
      else if (rating < 0) rejected++
      else {
        const at = Math.max(1, Math.round(rating)) - 1
        stars[at] = (stars[at] ?? 0) + 1
      }
    },
    result: () => ({ rated: stars.reduce((sum, one) => sum + one, 0) + rejected, unrated, rejected, stars }),
  }
}
