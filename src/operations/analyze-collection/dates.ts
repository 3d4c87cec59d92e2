import { z } from 'zod'
import type { Collector } from './collector.ts'

const count = z.number().int()
const dated = z.object({ takenAt: z.string(), path: z.string() })

/** When the files were taken, by what they say themselves. */
export const datesSchema = z.object({
  dated: count.describe('Files that tell when they were taken.'),
  undated: count,
  oldest: dated.optional(),
  newest: dated.optional(),
  years: z.array(z.object({ year: count, files: count })).describe('Years with files, ascending.'),
  months: z.array(z.object({ month: z.string().describe('2024-07'), files: count })).describe('Ascending.'),
  hours: z.array(count).length(24).describe('Files by the hour on the clock of the camera, 0–23.'),
})

/** See `datesSchema`. */
export type Dates = z.output<typeof datesSchema>

/** Counts files by year, month and hour, on the clock where they were taken. */
export function countDates(): Collector<Dates> {
  const years = new Map<string, number>()
  const months = new Map<string, number>()
  const hours = Array.from({ length: 24 }, () => 0)
  let undated = 0
  let total = 0
  let oldest: Dated | undefined
  let newest: Dated | undefined

  return {
    add({ path }, { metadata }) {
      const takenAt = metadata?.takenAt
      const [, year, month, hour] = /^(\d{4})(?:-(\d{2})(?:-\d{2}(?:T(\d{2}))?)?)?/.exec(takenAt ?? '') ?? []
      if (takenAt === undefined || year === undefined) {
        undated++
        return
      }
      total++
      raise(years, year)
      if (month !== undefined) raise(months, `${year}-${month}`)
      if (hour !== undefined) hours[Number(hour)] = (hours[Number(hour)] ?? 0) + 1
      const at = instantOf(takenAt)
      if (oldest === undefined || at < oldest.at) oldest = { at, takenAt, path }
      if (newest === undefined || at > newest.at) newest = { at, takenAt, path }
    },
    result: () => ({
      dated: total,
      undated,
      ...(oldest ? { oldest: { takenAt: oldest.takenAt, path: oldest.path } } : {}),
      ...(newest ? { newest: { takenAt: newest.takenAt, path: newest.path } } : {}),
      years: ascending(years).map(([year, files]) => ({ year: Number(year), files })),
      months: ascending(months).map(([month, files]) => ({ month, files })),
      hours,
    }),
  }
}

interface Dated {
  readonly at: number
  readonly takenAt: string
  readonly path: string
}

const raise = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1)

const ascending = (counts: Map<string, number>) => [...counts].sort(([a], [b]) => (a < b ? -1 : 1))

/** Dates without an offset are taken as UTC, so that the order hangs on no setting of this machine. */
const instantOf = (takenAt: string): number =>
  Date.parse(/T.*(Z|[+-]\d{2}:\d{2})$/.test(takenAt) || !takenAt.includes('T') ? takenAt : `${takenAt}Z`)
