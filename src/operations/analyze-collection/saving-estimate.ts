import { studentT95 } from './student-t.ts'

/** Fewer draws say nothing about the rest. */
const fewestDraws = 5
/** Unless the rest is no more than this share of all: then it may be anything, and the bounds are still of use. */
const smallRest = 0.1

/** A file that was drawn, see sample.ts. */
export interface Draw {
  readonly bytes: number
  /** What optimising it saves; 0 where it could not be optimised, as such files save nothing among the rest either. */
  readonly saved: number
}

/** Saved bytes with the bounds between which the truth lies in 95 of 100 cases. */
export interface Estimate {
  readonly saved: number
  readonly low: number
  readonly high: number
  /** Reach of the error to both sides, for adding up over formats. */
  readonly below: number
  readonly above: number
}

/**
 * Estimates what is saved over files of `bytes` bytes in all, from those drawn and the rank of the first that was not,
 * undefined when all were. Files so large that they were drawn for sure speak for themselves; of the others each was
 * drawn in proportion to its bytes, so that the plain mean of the shares they save is that of all their bytes, with the
 * error of a mean after Student's t. Undefined when there are too few draws.
 */
export function estimateSaved(draws: readonly Draw[], next: number | undefined, bytes: number): Estimate | undefined {
  const saved = sum(draws, (one) => one.saved)
  if (draws.length === 0) return undefined
  if (next === undefined) return { saved, low: saved, high: saved, below: 0, above: 0 }
  const lucky = draws.filter((one) => one.bytes * next < 1)
  const sure = draws.filter((one) => one.bytes * next >= 1)
  const certain = sum(sure, (one) => one.saved)
  const rest = bytes - sum(sure, (one) => one.bytes)
  const shares = lucky.map((one) => one.saved / Math.max(1, one.bytes))
  if (shares.length < fewestDraws) return rest > smallRest * bytes ? undefined : anything(certain, saved, rest, bytes)
  const mean = sum(shares, (share) => share) / shares.length
  const center = certain + mean * rest
  // The larger the part of the rest that was drawn, the less of it is unknown.
  const unseen = 1 - sum(lucky, (one) => one.bytes * next) / shares.length
  // Where all draws are alike their error is nil, and yet others may be among the rest: after the rule of three this
  // share of them. Where savings are rare, those that were not met may be large: files with another file at their end.
  const strangers = 1 - 0.05 ** (1 / shares.length)
  const gains = shares.filter((share) => share > 0)
  const typical = gains.length > 0 ? sum(gains, (share) => share) / gains.length : 0
  const usual = gains.length * 2 < shares.length ? Math.max(typical, 1 / 2) : typical
  // Few draws easily miss what is rare: one more of each sort makes up for that, as Agresti and Coull advise.
  const wary = [...shares, 0, usual]
  const middle = sum(wary, (share) => share) / wary.length
  const deviation = Math.sqrt(sum(wary, (share) => (share - middle) ** 2) / (wary.length - 1))
  const half = (studentT95(shares.length - 1) * deviation * rest * Math.sqrt(unseen)) / Math.sqrt(shares.length)
  const above = Math.max(half, strangers * usual * unseen * rest)
  return bounded(center, half, above, saved, bytes)
}

/** Of a small rest of which nothing is known: from no saving to nothing left. */
function anything(certain: number, saved: number, rest: number, bytes: number): Estimate {
  const share = certain / Math.max(1, bytes - rest)
  return bounded(certain + share * rest, share * rest, (1 - share) * rest, saved, bytes)
}

/** What the tried files save is certain, and none can save more than it has. */
const bounded = (saved: number, below: number, above: number, least: number, most: number): Estimate => ({
  saved,
  low: Math.min(saved, Math.max(least, saved - below)),
  high: Math.min(most, saved + above),
  below,
  above,
})

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0)
