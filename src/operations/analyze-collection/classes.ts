import { z } from 'zod'

/** How many files fall into each class of a measure. */
export const classesSchema = z.object({
  known: z.number().int().describe('Files that tell it.'),
  classes: z
    .array(
      z.object({
        from: z.number().optional().describe('Smallest value of the class; absent in the lowest.'),
        below: z.number().optional().describe('The class ends below this value; absent in the highest.'),
        files: z.number().int(),
      }),
    )
    .describe('From low to high, without gaps.'),
})

/** See `classesSchema`. */
export type Classes = z.output<typeof classesSchema>

/** Counts values in classes that begin at the given bounds, ascending; one more class lies below the first of them. */
export class ClassCounts {
  readonly #bounds: readonly number[]
  readonly #counts: number[]

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0)
  }

  /** Counts a value; undefined is not counted. */
  add(value: number | undefined): void {
    if (value === undefined || Number.isNaN(value)) return
    const above = this.#bounds.findIndex((bound) => value < bound)
    const at = above < 0 ? this.#bounds.length : above
    this.#counts[at] = (this.#counts[at] ?? 0) + 1
  }

  /** All classes, the empty ones too. */
  result(): Classes {
    return {
      known: this.#counts.reduce((sum, count) => sum + count, 0),
      classes: this.#counts.map((files, at) => {
        const [from, below] = [this.#bounds[at - 1], this.#bounds[at]]
        return { ...(from === undefined ? {} : { from }), ...(below === undefined ? {} : { below }), files }
      }),
    }
  }
}
