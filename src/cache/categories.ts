import { GiB, MiB } from '../units.ts'

const hour = 3_600_000
const day = 24 * hour

/** How long a kind of result is remembered in memory (L1) and on disk (L2), and how much room it may take on disk. */
export interface CategoryTraits {
  readonly l1Ms: number
  readonly l2Ms: number
  readonly budgetBytes: number
}

/** The eight kinds of result that the cache tells apart. */
export const categories = {
  metadata: { l1Ms: 7 * day, l2Ms: 7 * day, budgetBytes: 256 * MiB },
  analysis: { l1Ms: hour, l2Ms: 30 * day, budgetBytes: 128 * MiB },
  thumbnail: { l1Ms: day, l2Ms: 30 * day, budgetBytes: 10 * GiB },
  probe: { l1Ms: 7 * day, l2Ms: 7 * day, budgetBytes: 128 * MiB },
  quality: { l1Ms: 30 * day, l2Ms: 30 * day, budgetBytes: 128 * MiB },
  fingerprint: { l1Ms: 90 * day, l2Ms: 90 * day, budgetBytes: 128 * MiB },
  conversion: { l1Ms: 7 * day, l2Ms: 7 * day, budgetBytes: 20 * GiB },
  system: { l1Ms: 5000, l2Ms: 5000, budgetBytes: MiB },
} as const satisfies Record<string, CategoryTraits>

/** The name of one of the eight categories. */
export type CacheCategory = keyof typeof categories

/** The categories in the order of the table. */
export const categoryNames = Object.keys(categories) as CacheCategory[]

/** Makes a record with a value for each category. */
export function byCategory<Value>(make: (name: CacheCategory) => Value): Record<CacheCategory, Value> {
  return Object.fromEntries(categoryNames.map((name) => [name, make(name)])) as Record<CacheCategory, Value>
}
