import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import { MediaError } from '../../errors.ts'
import type { CollectionView, Need } from '../collection-operation.ts'
import { countCameras } from './cameras.ts'
import { CopyCosts, copiesSchema } from './copies.ts'
import { CopyCounts } from './copy-counts.ts'
import { countDates, datesSchema } from './dates.ts'
import { countExposures, exposuresSchema } from './exposures.ts'
import { findLargest, findProblems, largestSchema, problemsSchema } from './files.ts'
import { countFilms, filmsSchema } from './films.ts'
import { ForecastSums, forecastSchema } from './forecast.ts'
import { countFormats, formatsSchema, totalsSchema } from './formats.ts'
import { factsOf } from './member-facts.ts'
import { countPlaces, placesSchema } from './places.ts'
import { countQuality, qualitySchema } from './quality.ts'
import { countRatings, ratingsSchema } from './ratings.ts'
import { countResolutions, resolutionsSchema } from './resolutions.ts'
import { tallySchema } from './tally.ts'

/** Everything that is said of a collection. */
export const statisticsSchema = z.object({
  collection: z.object({ id: z.string(), name: z.string(), root: z.string() }),
  totals: totalsSchema,
  formats: formatsSchema.describe('The largest first.'),
  cameras: tallySchema.describe('Of pictures and films.'),
  lenses: tallySchema.describe('Of pictures and films.'),
  resolutions: resolutionsSchema,
  dates: datesSchema,
  exposures: exposuresSchema,
  gps: placesSchema,
  quality: qualitySchema,
  ratings: ratingsSchema,
  films: filmsSchema,
  largest: largestSchema.describe('The largest files first.'),
  problems: problemsSchema,
  duplicates: copiesSchema.describe(
    'Byte copies; pictures that merely look alike are found by the operation `duplicates`.',
  ),
  forecast: forecastSchema.describe('What `optimize` would save, from a sample.'),
})

/** See `statisticsSchema`. */
export type Statistics = z.output<typeof statisticsSchema>

/** What the statistics shall keep and what they may count on. */
export interface StatisticsOptions {
  /** Length of lists. */
  readonly limit: number
  /** Files of each format that were tried for the forecast. */
  readonly sample: number
  /** What every member was asked before. */
  readonly needs: readonly Need[]
  readonly signal: AbortSignal
}

/** So many members between two looks at whether anybody still waits: a thread hears nothing while it counts. */
const stride = 256

/** Reads all members once. Memory grows by 24 bytes a content, not by results. Throws CANCELLED. */
export async function gatherStatistics(
  collection: CollectionView,
  { limit, sample, needs, signal }: StatisticsOptions,
): Promise<Statistics> {
  const copies = new CopyCounts()
  const costs = new CopyCosts(limit)
  const forecast = new ForecastSums(sample)
  const collectors = {
    formats: countFormats(copies),
    cameras: countCameras(limit),
    resolutions: countResolutions(limit),
    dates: countDates(),
    exposures: countExposures(),
    places: countPlaces(),
    quality: countQuality(limit),
    ratings: countRatings(),
    films: countFilms(limit),
    largest: findLargest(limit),
    problems: findProblems(limit, needs),
  }
  const all = Object.values(collectors)
  let count = 0
  for (const member of collection.members()) {
    if (count++ % stride === 0) await setImmediate()
    if (signal.aborted) throw new MediaError('CANCELLED')
    const facts = factsOf(member)
    const places = copies.add(member.asset)
    costs.add(member, places)
    if (places === 1) forecast.add(member)
    for (const collector of all) collector.add(member, facts)
  }
  return {
    collection: { id: collection.id, name: collection.name, root: collection.root },
    ...collectors.formats.result(),
    ...collectors.cameras.result(),
    resolutions: collectors.resolutions.result(),
    dates: collectors.dates.result(),
    exposures: collectors.exposures.result(),
    gps: collectors.places.result(),
    quality: collectors.quality.result(),
    ratings: collectors.ratings.result(),
    films: collectors.films.result(),
    largest: collectors.largest.result(),
    problems: collectors.problems.result(),
    duplicates: costs.result(),
    forecast: forecast.result(),
  }
}
