import { z } from 'zod'
import { Top } from '../top.ts'

const count = z.number().int()

/** The same bytes in several places. */
export const copiesSchema = z.object({
  contents: count.describe('Contents that lie in more than one place.'),
  files: count.describe('Files that could go, if one of each content stayed.'),
  bytes: count.describe('Bytes of those files.'),
  largest: z
    .array(
      z.object({
        path: z.string().describe('One of the places.'),
        asset: z.string(),
        places: count,
        bytes: count.describe('Of one file.'),
      }),
    )
    .describe('Those that waste most first.'),
})

/** See `copiesSchema`. */
export type Copies = z.output<typeof copiesSchema>

/** Sums up what byte copies cost; is told of each file with how many of its content were met by then. */
export class CopyCosts {
  readonly #largest: Top<Copies['largest'][number]>
  readonly #sum = { contents: 0, files: 0, bytes: 0 }

  constructor(limit: number) {
    const waste = ({ places, bytes }: { places: number; bytes: number }) => (places - 1) * bytes
    this.#largest = new Top(limit, (a, b) => waste(b) - waste(a) || (a.asset < b.asset ? -1 : 1))
  }

  /** Takes a file into account that is the n-th of its content. */
  add({ path, asset, bytes }: { path: string; asset: string; bytes: number }, places: number): void {
    if (places < 2) return
    if (places === 2) this.#sum.contents++
    this.#sum.files++
    this.#sum.bytes += bytes
    this.#largest.drop((one) => one.asset === asset)
    this.#largest.offer({ path, asset, places, bytes })
  }

  /** All that was summed up. */
  result(): Copies {
    return { ...this.#sum, largest: this.#largest.list() }
  }
}
