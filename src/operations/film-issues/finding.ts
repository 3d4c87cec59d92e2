import type { Stretch } from '../../media/film.ts'

/** Kinds of flaws that are looked for in films and sounds; those of pictures mean the same there. */
export const filmIssueKinds = [
  'black',
  'frozen',
  'silent',
  'clipped-audio',
  'interlaced',
  'blockiness',
  'blur',
  'noise',
  'compression',
  'underexposed',
  'overexposed',
  'low-contrast',
  'low-resolution',
] as const

/** A kind of flaw of a film. */
export type FilmIssueKind = (typeof filmIssueKinds)[number]

/** Numbers and times by which a person can check a flaw. */
export type Evidence = Readonly<Record<string, number | readonly Stretch[]>>

/** How bad a flaw is and how sure that is, 0–1 each, likely or not. */
export interface FilmFinding {
  readonly severity: number
  readonly confidence: number
  readonly evidence: Evidence
}

/** A flaw that is likely. */
export interface FilmIssue extends FilmFinding {
  readonly kind: FilmIssueKind
}

/** What is not there. */
export const nothing: FilmFinding = { severity: 0, confidence: 0, evidence: {} }

/** 0.5 at the middle, near 1 two widths above it. */
export const rising = (value: number, middle: number, width: number): number =>
  1 / (1 + Math.exp((-2 * (value - middle)) / width))

/** Sum of the lengths. */
export const lengthOf = (stretches: readonly Stretch[]): number =>
  stretches.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)

/** The longest of the lengths. */
export const longestOf = (stretches: readonly Stretch[]): number =>
  stretches.reduce((most, { fromMs, toMs }) => Math.max(most, toMs - fromMs), 0)
