import { clamp } from '../numbers.ts'
import { type Finding, logistic } from './model.ts'

/** Severities by the quality of the IJG's encoder, as the model learned them. */
const byQuality = [
  [1, 1],
  [5, 0.95],
  [10, 0.8],
  [20, 0.63],
  [30, 0.5],
  [40, 0.4],
  [60, 0.2],
  [75, 0.05],
  [100, 0],
] as const

/**
 * What the quantisation tables say, which is sure where the pixels leave doubt. `scale` is how many times larger the original is
 * than the picture that is judged: shrinking hides what was lost.
 */
export function compressionByTables(quality: number | undefined, scale: number): Finding {
  if (quality === undefined) return { confidence: 0, severity: 0 }
  const seen = 100 - (100 - quality) / Math.sqrt(Math.max(1, scale))
  const upper = byQuality.findIndex(([at]) => at >= seen)
  const [high, low] = [byQuality[Math.max(1, upper)], byQuality[Math.max(1, upper) - 1]]
  const severity = high && low ? low[1] + ((high[1] - low[1]) * (seen - low[0])) / (high[0] - low[0]) : 0
  return { confidence: logistic((51 - seen) / 3), severity: clamp(severity, 0, 1) }
}

/** How many pixels are few: about 350 × 260. */
const fewPixels = 90_000

/** Pictures of few pixels, such as thumbnails that were kept when the photo was lost. */
export function resolutionBySize(width: number, height: number): Finding {
  const halvings = Math.log2(fewPixels / Math.max(1, width * height))
  return { confidence: logistic(4 * halvings), severity: clamp(0.35 + halvings / 8, 0, 1) }
}

/** Of two findings of one flaw the surer one; where both are sure, the graver severity. */
export function stronger(one: Finding, other: Finding): Finding {
  const [sure, less] = one.confidence >= other.confidence ? [one, other] : [other, one]
  const severity = less.confidence >= 0.5 ? Math.max(one.severity, other.severity) : sure.severity
  return { confidence: sure.confidence, severity }
}
