import type { Issue, IssueKind } from '../quality/assess.ts'

/** What can be corrected, in the order in which it is done: noise first, before anything makes it stronger. */
export const correctionNames = ['deblock', 'denoise', 'white-balance', 'exposure', 'contrast', 'sharpen'] as const

/** A kind of correction. */
export type CorrectionName = (typeof correctionNames)[number]

/** For each correction the flaws it is made against. */
const against: Readonly<Record<CorrectionName, readonly IssueKind[]>> = {
  deblock: ['compression'],
  denoise: ['noise'],
  'white-balance': ['color-cast'],
  exposure: ['underexposed', 'overexposed'],
  contrast: ['low-contrast'],
  sharpen: ['blur'],
}

/** A correction that is called for, and the flaw that calls for it. */
export interface Call {
  readonly name: CorrectionName
  readonly issue: Issue
}

/** The corrections that flaws call for, of those allowed, in the order in which they are done. */
export function callsFor(issues: readonly Issue[], allowed: readonly CorrectionName[]): Call[] {
  return correctionNames.flatMap((name) => {
    const issue = allowed.includes(name) ? issues.find(({ kind }) => against[name].includes(kind)) : undefined
    return issue ? [{ name, issue }] : []
  })
}
