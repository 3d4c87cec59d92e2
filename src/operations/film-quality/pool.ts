import { rounded } from '../numbers.ts'

/** A measure over all frames. */
export interface Pooled {
  readonly mean: number
  readonly harmonicMean: number
  /** One frame in a hundred is worse. */
  readonly p1: number
  readonly min: number
}

/** How scores of a measure are pooled and told. */
export interface Pooling {
  /** Added before the harmonic mean is formed and taken away again, where scores may be 0, as libvmaf does. */
  readonly shift?: number
  readonly digits: number
}

/** Pools the scores of a measure; undefined when there is none. */
export function pooled(scores: readonly number[], { shift = 0, digits }: Pooling): Pooled | undefined {
  if (scores.length === 0) return undefined
  const sorted = Float64Array.from(scores).sort()
  const sum = sorted.reduce((all, score) => all + score, 0)
  // A score of 0 or less would make the mean of all 0, whatever the others are.
  const inverse = sorted.reduce((all, score) => all + 1 / Math.max(leastScore, score + shift), 0)
  const round = (score: number): number => rounded(score, digits)
  return {
    mean: round(sum / sorted.length),
    harmonicMean: round(sorted.length / inverse - shift),
    p1: round(sorted[Math.max(0, Math.ceil(sorted.length / 100) - 1)] ?? 0),
    min: round(sorted[0] ?? 0),
  }
}

const leastScore = 1e-3
