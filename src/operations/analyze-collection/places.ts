import { z } from 'zod'
import type { Collector } from './collector.ts'

const degrees = z.number()

/** Where the files were taken, by what they say themselves. */
export const placesSchema = z.object({
  with: z.number().int().describe('Files that tell where they were taken.'),
  without: z.number().int(),
  bounds: z
    .object({ west: degrees, south: degrees, east: degrees, north: degrees })
    .optional()
    .describe('The smallest box that holds all places, in degrees; west is greater than east where it crosses 180°.'),
})

/** See `placesSchema`. */
export type Places = z.output<typeof placesSchema>

/** Counts places and draws the box around them. */
export function countPlaces(): Collector<Places> {
  // Least and greatest longitude in each degree: enough to find the widest gap, and so the narrowest box.
  const least = new Float64Array(361).fill(Number.POSITIVE_INFINITY)
  const greatest = new Float64Array(361).fill(Number.NEGATIVE_INFINITY)
  let [south, north] = [90, -90]
  let [known, unknown] = [0, 0]

  return {
    add({ kind }, { metadata }) {
      if (kind === 'sound') return
      const { latitude, longitude } = metadata?.gps ?? {}
      if (latitude === undefined || longitude === undefined) {
        unknown++
        return
      }
      known++
      south = Math.min(south, latitude)
      north = Math.max(north, latitude)
      const cell = Math.floor(longitude) + 180
      least[cell] = Math.min(least[cell] ?? longitude, longitude)
      greatest[cell] = Math.max(greatest[cell] ?? longitude, longitude)
    },
    result() {
      const bounds = known === 0 ? undefined : { ...narrowest(least, greatest), south, north }
      return { with: known, without: unknown, ...(bounds ? { bounds } : {}) }
    },
  }
}

/** The box that leaves out the widest gap between neighbouring places around the globe. */
function narrowest(least: Float64Array, greatest: Float64Array): { west: number; east: number } {
  const spans = [...least.entries()].flatMap(([cell, from]) => {
    const to = greatest[cell] ?? from
    return Number.isFinite(from) ? [{ from, to }] : []
  })
  let [west, east, widest] = [0, 0, Number.NEGATIVE_INFINITY]
  for (const [at, { to }] of spans.entries()) {
    const next = spans[at + 1]?.from ?? (spans[0]?.from ?? 0) + 360
    if (next - to <= widest) continue
    widest = next - to
    east = to
    west = spans[(at + 1) % spans.length]?.from ?? 0
  }
  return { west, east }
}
