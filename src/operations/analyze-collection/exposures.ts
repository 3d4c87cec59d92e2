import { z } from 'zod'
import { ClassCounts, classesSchema } from './classes.ts'
import type { Collector } from './collector.ts'

/** How people take their pictures. */
export const exposuresSchema = z.object({
  iso: classesSchema.describe('Sensitivity.'),
  aperture: classesSchema.describe('f-number.'),
  focalLength35mm: classesSchema.describe('Millimetres, as on a camera for 35 mm film.'),
})

/** See `exposuresSchema`. */
export type Exposures = z.output<typeof exposuresSchema>

/** Counts sensitivity, aperture and focal length of pictures, in the steps that photographers think in. */
export function countExposures(): Collector<Exposures> {
  // Bounds lie between the usual values: 100, 200, 400, … and f/1.4, f/2, f/2.8, …
  const iso = new ClassCounts([90, 180, 360, 720, 1440, 2880, 5760, 11_520])
  const aperture = new ClassCounts([1.7, 2.4, 3.4, 4.8, 6.7, 9.5, 13.5])
  const focalLength = new ClassCounts([20, 28, 40, 60, 90, 135, 250, 400])
  return {
    add({ kind }, { metadata }) {
      if (kind !== 'picture') return
      iso.add(metadata?.exposure?.iso)
      aperture.add(metadata?.exposure?.fNumber)
      focalLength.add(metadata?.exposure?.focalLength35mm)
    },
    result: () => ({ iso: iso.result(), aperture: aperture.result(), focalLength35mm: focalLength.result() }),
  }
}
