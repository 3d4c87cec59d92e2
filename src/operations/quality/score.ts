import type { IssueKind } from './assess.ts'
import type { Finding } from './model.ts'

/** How much of the score each flaw takes at its worst. */
const weights: Readonly<Record<IssueKind, number>> = {
  blur: 0.85,
  'motion-blur': 0.85,
  noise: 0.7,
  compression: 0.7,
  underexposed: 0.7,
  overexposed: 0.7,
  'low-contrast': 0.5,
  'color-cast': 0.4,
  banding: 0.5,
  'low-resolution': 0.6,
  corrupt: 0.9,
}

/**
 * 0–100: each flaw takes its share of what the others left, by its severity and by how sure it is. Mere suspicions count too,
 * so that the score falls steadily as a flaw grows and not at once when it is listed; only those of a cast, which are too often
 * wrong, do not.
 */
export function scoreOf(findings: Readonly<Record<IssueKind, Finding>>): number {
  const left = (Object.keys(weights) as IssueKind[]).reduce((rest, kind) => {
    const { severity, confidence } = findings[kind]
    const isMereGuess = kind === 'color-cast' && confidence < 0.5
    return isMereGuess ? rest : rest * (1 - weights[kind] * severity * confidence)
  }, 100)
  return Math.round(left * 10) / 10
}
