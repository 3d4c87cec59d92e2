import { z } from 'zod'
import { rounded } from '../numbers.ts'
import { issueKinds } from '../quality/assess.ts'
import { Top } from '../top.ts'
import type { Collector } from './collector.ts'

const count = z.number().int()

/** How good the pictures are, technically, by `quality-issues` and `analyze`. */
export const qualitySchema = z.object({
  judged: count.describe('Pictures that were judged.'),
  notJudged: count,
  mean: z.number().optional().describe('Mean score, 0–100.'),
  median: z.number().optional().describe('Half of the pictures have at least this score.'),
  scores: z.array(count).length(10).describe('Pictures with a score of 0–9, 10–19, … 90–100.'),
  flawless: count.describe('Judged pictures without an issue.'),
  issues: z
    .array(
      z.object({
        kind: z.string(),
        files: count,
        share: z.number().describe('Of the judged pictures, 0–1.'),
        meanSeverity: z.number().describe('0–1'),
      }),
    )
    .describe('The most usual first.'),
  worst: z
    .array(
      z.object({
        path: z.string(),
        asset: z.string(),
        score: z.number(),
        reasons: z.array(z.object({ kind: z.string(), severity: z.number() })).describe('The most severe first.'),
      }),
    )
    .describe('The lowest scores first.'),
  tones: z
    .object({ measured: count, grey: count, alpha: count, dark: count, bright: count })
    .describe('Pictures without colour, with transparency, darker than 0.15 and brighter than 0.85 on average.'),
})

/** See `qualitySchema`. */
export type Quality = z.output<typeof qualitySchema>

type Worst = Quality['worst'][number]

/** Counts scores and issues, and keeps the worst pictures; one content is listed once, however often it lies there. */
export function countQuality(limit: number): Collector<Quality> {
  // One counter for each whole score, so that the median needs no list.
  const scores = Array.from({ length: 101 }, () => 0)
  const issues = new Map<string, { files: number; severity: number }>()
  const worst = new Top<Worst>(limit, (a, b) => a.score - b.score || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  const tones = { measured: 0, grey: 0, alpha: 0, dark: 0, bright: 0 }
  let [judged, notJudged, sum, flawless] = [0, 0, 0, 0]

  return {
    add({ kind, path, asset }, { analyze, quality }) {
      if (kind !== 'picture') return
      if (analyze) {
        tones.measured++
        if (analyze.isGrey) tones.grey++
        if (analyze.hasAlpha) tones.alpha++
        if (analyze.exposure.mean < 0.15) tones.dark++
        if (analyze.exposure.mean > 0.85) tones.bright++
      }
      if (!quality) {
        notJudged++
        return
      }
      judged++
      sum += quality.score
      const whole = Math.floor(quality.score)
      scores[whole] = (scores[whole] ?? 0) + 1
      const reasons = quality.issues.map((issue) => ({ kind: issue.kind, severity: issue.severity }))
      if (reasons.length === 0) flawless++
      for (const reason of reasons) {
        // Kinds are a closed list; what another version may have called an issue is no kind here.
        if (!isKind(reason.kind)) continue
        const row = issues.get(reason.kind) ?? { files: 0, severity: 0 }
        issues.set(reason.kind, { files: row.files + 1, severity: row.severity + reason.severity })
      }
      if (quality.score >= 100 || worst.some((one) => one.asset === asset)) return
      reasons.sort((a, b) => b.severity - a.severity || (a.kind < b.kind ? -1 : 1))
      worst.offer({ path, asset, score: quality.score, reasons })
    },
    result: () => ({
      judged,
      notJudged,
      ...(judged > 0 ? { mean: rounded(sum / judged, 1), median: medianOf(scores, judged) } : {}),
      scores: tens.map((ten) => scores.slice(ten, ten === 90 ? 101 : ten + 10).reduce((all, one) => all + one, 0)),
      flawless,
      issues: [...issues]
        .map(([kind, { files, severity }]) => ({
          kind,
          files,
          share: rounded(files / judged, 4),
          meanSeverity: rounded(severity / files, 3),
        }))
        .sort((a, b) => b.files - a.files || (a.kind < b.kind ? -1 : 1)),
      worst: worst.list(),
      tones,
    }),
  }
}

const tens = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90]
const kinds: ReadonlySet<string> = new Set(issueKinds)
const isKind = (kind: string): boolean => kinds.has(kind)

function medianOf(scores: readonly number[], total: number): number {
  let left = total / 2
  for (let score = 100; score > 0; score--) {
    left -= scores[score] ?? 0
    if (left <= 0) return score
  }
  return 0
}
