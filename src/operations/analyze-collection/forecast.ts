import { z } from 'zod'
import type { Member } from '../collection-operation.ts'
import { byRank, rankOf } from '../sample.ts'
import { Top } from '../top.ts'
import { bytesOf } from './optimized.ts'
import { type Estimate, estimateSaved } from './saving-estimate.ts'

const count = z.number().int()
const interval = {
  savedBytes: count.optional().describe('Best estimate; absent when too few files were tried.'),
  lowBytes: count.optional().describe('In 95 of 100 collections at least this much is saved …'),
  highBytes: count.optional().describe('… and at most this much.'),
}

/** What `optimize` would save, from files that were tried. */
export const forecastSchema = z.object({
  tried: count.describe('Files that were optimised to find out; nothing was changed.'),
  files: count.describe('Different pictures that the forecast speaks for.'),
  bytes: count.describe('Bytes of those, each counted once.'),
  ...interval,
  confidence: z.literal(0.95).describe('How sure the bounds are.'),
  basis: z
    .enum(['none', 'few', 'sample', 'all'])
    .describe('none: nothing can be said. few: rough, a format has fewer than 20. sample, all: as it says.'),
  formats: z.array(
    z.object({
      format: z.string(),
      files: count,
      bytes: count,
      tried: count,
      gained: count.describe('Of the tried files, those that became smaller.'),
      failed: count.describe('Of the chosen files, those that could not be optimised.'),
      ...interval,
    }),
  ),
  leftOut: z
    .object({ files: count, bytes: count })
    .describe('Different files that it does not speak for: films, sounds, and formats of which too few were tried.'),
})

/** See `forecastSchema`. */
export type Forecast = z.output<typeof forecastSchema>

interface Drawn {
  readonly rank: number
  readonly bytes: number
  /** Absent when the file could not be optimised. */
  readonly after: number | undefined
}

interface Stratum {
  files: number
  bytes: number
  /** Those that stand for all and the next one; whatever else was optimised before was not drawn by lot. */
  readonly first: Top<Drawn>
}

/** Below this many tried files an interval is true but wide. */
const few = 20

/** Gathers, format by format, the files that were tried among all; told of each content once. */
export class ForecastSums {
  readonly #sample: number
  readonly #formats = new Map<string, Stratum>()
  readonly #leftOut = { files: 0, bytes: 0 }

  constructor(sample: number) {
    this.#sample = sample
  }

  /** Takes a file into account whose content was not met before. */
  add({ asset, kind, format, bytes, results }: Member): void {
    if (kind !== 'picture') {
      this.#leftOut.files++
      this.#leftOut.bytes += bytes
      return
    }
    const stratum = this.#formats.get(format) ?? { files: 0, bytes: 0, first: new Top<Drawn>(this.#sample + 1, byRank) }
    this.#formats.set(format, stratum)
    stratum.files++
    stratum.bytes += bytes
    stratum.first.offer({ rank: rankOf(asset, bytes), bytes, after: bytesOf(results.optimize) })
  }

  /** The forecast; formats that save most come first. */
  result(): Forecast {
    const leftOut = { ...this.#leftOut }
    const rows = [...this.#formats].flatMap(([format, stratum]) => {
      const row = rowOf(format, stratum, this.#sample)
      if (row.estimate) return [row]
      leftOut.files += stratum.files
      leftOut.bytes += stratum.bytes
      return row.tried > 0 ? [row] : []
    })
    rows.sort((a, b) => (b.estimate?.saved ?? -1) - (a.estimate?.saved ?? -1) || (a.format < b.format ? -1 : 1))
    const spoken = rows.filter(({ estimate }) => estimate !== undefined)
    const sum = (of: 'tried' | 'files' | 'bytes') => spoken.reduce((total, row) => total + row[of], 0)
    return {
      tried: rows.reduce((total, { tried }) => total + tried, 0),
      files: sum('files'),
      bytes: sum('bytes'),
      ...rounded(
        together(
          spoken.flatMap(({ estimate }) => estimate ?? []),
          sum('bytes'),
        ),
      ),
      confidence: 0.95,
      basis: basisOf(spoken),
      formats: rows.map(({ estimate, ...row }) => ({ ...row, ...rounded(estimate) })),
      leftOut,
    }
  }
}

function rowOf(format: string, { files, bytes, first }: Stratum, sample: number) {
  const drawn = first.list().slice(0, sample)
  const next = first.list()[sample]?.rank
  const draws = drawn.map(({ bytes: before, after }) => ({
    bytes: before,
    saved: after === undefined ? 0 : Math.max(0, before - after),
  }))
  const tried = drawn.filter(({ after }) => after !== undefined).length
  return {
    format,
    files,
    bytes,
    tried,
    gained: draws.filter(({ saved }) => saved > 0).length,
    failed: drawn.length - tried,
    estimate: tried === 0 ? undefined : estimateSaved(draws, next, bytes),
  }
}

/** Formats are drawn independently, so that the squares of their errors add up. */
function together(estimates: readonly Estimate[], bytes: number): Estimate | undefined {
  if (estimates.length === 0) return undefined
  const sum = (of: (estimate: Estimate) => number) => estimates.reduce((total, one) => total + of(one), 0)
  const saved = sum((one) => one.saved)
  const below = Math.sqrt(sum((one) => one.below ** 2))
  const above = Math.sqrt(sum((one) => one.above ** 2))
  const low = Math.max(0, saved - below)
  return { saved, low: Math.min(saved, low), high: Math.min(bytes, saved + above), below, above }
}

function basisOf(rows: readonly { tried: number; failed: number; files: number }[]): Forecast['basis'] {
  if (rows.length === 0) return 'none'
  if (rows.every(({ tried, failed, files }) => tried + failed >= files)) return 'all'
  return rows.some(({ tried, failed, files }) => tried < few && tried + failed < files) ? 'few' : 'sample'
}

const rounded = (estimate: Estimate | undefined) =>
  estimate === undefined
    ? {}
    : {
        savedBytes: Math.round(estimate.saved),
        lowBytes: Math.round(estimate.low),
        highBytes: Math.round(estimate.high),
      }
