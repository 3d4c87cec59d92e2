import { studentT95 } from './student-t.ts'

/** Fewer draws say nothing about a format, unless they are all that there is of it. */
export const fewestDraws = 5

/** Sums over the files that were tried; all that the estimate needs of them. */
export interface Draws {
  count: number
  before: number
  saved: number
  beforeSquared: number
  savedSquared: number
  product: number
  gained: number
}

/** No draws yet. */
export const noDraws = (): Draws => ({
  count: 0,
  before: 0,
  saved: 0,
  beforeSquared: 0,
  savedSquared: 0,
  product: 0,
  gained: 0,
})

/** Takes one more file into the sums. */
export function draw(draws: Draws, before: number, saved: number): void {
  draws.count++
  draws.before += before
  draws.saved += saved
  draws.beforeSquared += before * before
  draws.savedSquared += saved * saved
  draws.product += before * saved
  if (saved > 0) draws.gained++
}

/** Saved bytes with the bounds between which the truth lies in 95 of 100 cases. */
export interface Estimate {
  readonly saved: number
  readonly low: number
  readonly high: number
  /** Half the width of the interval before it was cut to what is possible, for adding up over formats. */
  readonly below: number
  readonly above: number
}

/**
 * Estimates what is saved over `files` files of `bytes` bytes, of which the draws are a random sample: by the ratio of
 * saved bytes to bytes, as large files save more, with the error of that ratio after Cochran and Student's t.
 */
export function estimateSaved(draws: Draws, files: number, bytes: number): Estimate | undefined {
  const { count, before, saved, gained } = draws
  if (count === 0 || before === 0) return undefined
  const ratio = saved / before
  if (count >= files) return { saved, low: saved, high: saved, below: 0, above: 0 }
  if (count < fewestDraws) return undefined
  const unseen = 1 - count / files
  const residuals = draws.savedSquared - 2 * ratio * draws.product + ratio * ratio * draws.beforeSquared
  const deviation = Math.sqrt(Math.max(0, residuals) / (count - 1))
  const half = (studentT95(count - 1) * files * deviation * Math.sqrt(unseen)) / Math.sqrt(count)
  // Where all draws are alike their error is nil, and yet others may be among the rest: after the rule of three this
  // share of them. Each is taken to save as much as those that did, or a third when none did.
  const strangers = 1 - 0.05 ** (1 / count)
  const unmet = strangers * unseen * bytes * (gained > 0 ? Math.max(ratio, (ratio * count) / gained) : 1 / 3)
  const center = ratio * bytes
  const above = Math.max(half, unmet)
  const low = Math.max(saved, center - half)
  // What the tried files saved is certain, and none can save more than it has.
  return { saved: center, low, high: Math.min(bytes, center + above), below: half, above }
}
