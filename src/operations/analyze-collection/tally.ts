import { z } from 'zod'

/** Names beyond this number share one counter, so that a million different names need no more memory than these. */
const mostNames = 5000
const longestName = 80

/** The most usual names with the files that have them. */
export const tallySchema = z.object({
  known: z.number().int().describe('Files that tell it.'),
  unknown: z.number().int().describe('Files that do not tell it.'),
  distinct: z.number().int().describe('Different names; the count ends at 5,000.'),
  top: z.array(z.object({ name: z.string(), files: z.number().int() })).describe('The most usual first.'),
  others: z.number().int().describe('Files of all names that are not listed.'),
})

/** Counts files by a name that the files themselves tell. */
export class Tally {
  readonly #counts = new Map<string, number>()
  #known = 0
  #unknown = 0

  /** Counts a file; blanks and undefined are unknown. */
  add(name: string | undefined): void {
    const tidy = tidyName(name ?? '')
    if (tidy === '') {
      this.#unknown++
      return
    }
    this.#known++
    const count = this.#counts.get(tidy)
    if (count !== undefined || this.#counts.size < mostNames) this.#counts.set(tidy, (count ?? 0) + 1)
  }

  /** The most usual names; of equally usual ones the first by code points. */
  result(limit: number): z.output<typeof tallySchema> {
    const top = [...this.#counts]
      .map(([name, files]) => ({ name, files }))
      .sort((a, b) => b.files - a.files || (a.name < b.name ? -1 : 1))
      .slice(0, limit)
    const listed = top.reduce((sum, { files }) => sum + files, 0)
    return {
      known: this.#known,
      unknown: this.#unknown,
      distinct: this.#counts.size,
      top,
      others: this.#known - listed,
    }
  }
}

function tidyName(name: string): string {
  // Cut first: a name may be a book. Twice as long, for the blanks in it.
  const tidy = name
    .slice(0, 2 * longestName)
    .replace(/\s+/g, ' ')
    .trim()
  return tidy.length > longestName ? `${tidy.slice(0, longestName - 1).toWellFormed()}…` : tidy
}
