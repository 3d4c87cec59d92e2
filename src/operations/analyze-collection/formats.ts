import { z } from 'zod'
import type { Kind } from '../../media/formats.ts'
import type { Collector } from './collector.ts'
import type { CopyCounts } from './copy-counts.ts'

const count = z.number().int()

/** How much there is. */
export const totalsSchema = z.object({
  files: count.describe('Media files; byte copies are files of their own.'),
  assets: count.describe('Different contents.'),
  bytes: count,
  pictures: count,
  films: count,
  sounds: count,
  durationMs: z.number().describe('Of all films and sounds together.'),
})

/** What it is made of. */
export const formatsSchema = z.array(
  z.object({ format: z.string(), kind: z.enum(['picture', 'film', 'sound']), files: count, bytes: count }),
)

/** See `totalsSchema`. */
export type Totals = z.output<typeof totalsSchema>

/** See `formatsSchema`. */
export type Formats = z.output<typeof formatsSchema>

/** Counts files and bytes, all together and by format, the largest format first. */
export function countFormats(copies: CopyCounts): Collector<{ totals: Totals; formats: Formats }> {
  const formats = new Map<string, { format: string; kind: Kind; files: number; bytes: number }>()
  let durationMs = 0

  return {
    add(member) {
      // A format can hold a film or only sound.
      const key = `${member.format} ${member.kind}`
      const row = formats.get(key) ?? { format: member.format, kind: member.kind, files: 0, bytes: 0 }
      formats.set(key, row)
      row.files++
      row.bytes += member.bytes
      if (member.kind !== 'picture') durationMs += member.durationMs ?? 0
    },

    result() {
      const rows = [...formats.values()].sort((a, b) => b.bytes - a.bytes || (a.format < b.format ? -1 : 1))
      const sum = (of: 'files' | 'bytes', kind?: Kind) =>
        rows.reduce((total, row) => total + (kind === undefined || row.kind === kind ? row[of] : 0), 0)
      return {
        totals: {
          files: sum('files'),
          assets: copies.distinct,
          bytes: sum('bytes'),
          pictures: sum('files', 'picture'),
          films: sum('files', 'film'),
          sounds: sum('files', 'sound'),
          durationMs: Math.round(durationMs),
        },
        formats: rows,
      }
    },
  }
}
