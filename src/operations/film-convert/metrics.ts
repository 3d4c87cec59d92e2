import type { Metric } from '../../media/film/difference.ts'
import { meanOf, rounded } from '../numbers.ts'

interface MetricTraits {
  /** Scores that can be asked for. */
  readonly range: readonly [worst: number, best: number]
  /** A score as likeness, 0–1, whose loss falls evenly, in its logarithm, with the CRF. */
  likeness(score: number): number
  readonly unit: string
}

// Decibels are the logarithm of what is lost already.
const ofDecibels = (score: number): number => 1 - 10 ** (-score / 10)

/** The measures by which a target quality can be named. */
export const metricTraits: Readonly<Record<Metric, MetricTraits>> = {
  xpsnr: { range: [15, 60], likeness: ofDecibels, unit: ' dB' },
  ssim: { range: [0.1, 0.9999], likeness: (score) => score, unit: '' },
  psnr: { range: [15, 60], likeness: ofDecibels, unit: ' dB' },
  vmaf: { range: [5, 99.9], likeness: (score) => score / 100, unit: '' },
}

/** Their names, in the order in which they are offered. */
export const metricNames = Object.keys(metricTraits) as [Metric, ...Metric[]]

/** A film that is as good as measured to be. */
export interface TargetQuality {
  readonly metric: Metric
  readonly score: number
}

/** A score with its measure, for people: `XPSNR 40.2 dB`. */
export function scoreInWords({ metric, score }: TargetQuality): string {
  const digits = metric === 'ssim' ? 4 : 1
  return `${metric.toUpperCase()} ${score.toFixed(digits)}${metricTraits[metric].unit}`
}

/** The mean of scores, rounded to what can be told apart; undefined when there are none. */
export function meanScore(scores: readonly number[]): number | undefined {
  if (scores.length === 0) return undefined
  return rounded(meanOf(scores), 4)
}
