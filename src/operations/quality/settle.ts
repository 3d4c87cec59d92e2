import type { IssueKind } from './assess.ts'
import { type Finding, logistic } from './model.ts'

/** What takes from the confidence in what: the first explains the second, so many log-odds of it. */
const explanations: readonly (readonly [cause: IssueKind, mistakenFor: IssueKind, strength: number])[] = [
  // Ripples beside coded edges look like noise, and blocks like the pixels of an enlarged picture.
  ['compression', 'noise', 2],
  ['compression', 'low-resolution', 1.5],
  // What is blurred alike in all directions still has some direction of its own.
  ['blur', 'motion-blur', 2],
]

/** Findings seen together: what another flaw explains is believed less. Severities stay. */
export function settle(findings: Readonly<Record<IssueKind, Finding>>): Record<IssueKind, Finding> {
  const settled = { ...findings }
  for (const [cause, mistakenFor, strength] of explanations) {
    const { confidence, severity } = settled[mistakenFor]
    if (confidence <= 0 || confidence >= 1) continue
    const odds = Math.log(confidence / (1 - confidence)) - strength * findings[cause].confidence
    settled[mistakenFor] = { confidence: logistic(odds), severity }
  }
  return settled
}
