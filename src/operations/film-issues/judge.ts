import type { Survey } from '../../media/film/survey.ts'
import type { Probe } from '../../media/probe.ts'
import { rounded } from '../numbers.ts'
import { type FilmFinding, type FilmIssue, type FilmIssueKind, filmIssueKinds, nothing } from './finding.ts'
import { judgePicture } from './picture.ts'
import { judgeSound } from './sound.ts'
import { judgeTime } from './time.ts'

/** How good a film is, technically. */
export interface FilmAssessment {
  /** 0–100, 100 is flawless. */
  readonly score: number
  /** Those that are likely, the gravest first. */
  readonly issues: readonly FilmIssue[]
  /** Confidence in every kind, 0–1, listed or not. */
  readonly confidences: Readonly<Record<FilmIssueKind, number>>
}

/** How much of the score each flaw takes at its worst. */
const weights: Readonly<Record<FilmIssueKind, number>> = {
  black: 0.9,
  frozen: 0.6,
  silent: 0.5,
  'clipped-audio': 0.5,
  interlaced: 0.6,
  blockiness: 0.7,
  blur: 0.8,
  noise: 0.6,
  compression: 0.7,
  underexposed: 0.7,
  overexposed: 0.7,
  'low-contrast': 0.5,
  'low-resolution': 0.5,
}

/** From this confidence on a flaw is listed. */
const listedFrom = 0.5

/** Judges a film by what looking at it and listening to it told. */
export function judgeFilm(survey: Survey, probe: Probe): FilmAssessment {
  const found: Partial<Record<FilmIssueKind, FilmFinding>> = {
    ...judgePicture(survey, probe),
    ...judgeTime(survey, probe),
    ...judgeSound(survey),
  }
  const all = filmIssueKinds.map((kind): FilmIssue => ({ kind, ...(found[kind] ?? nothing) }))
  const left = all.reduce(
    (rest, { kind, severity, confidence }) => rest * (1 - weights[kind] * severity * confidence),
    100,
  )
  const issues = all
    .filter(({ confidence }) => confidence >= listedFrom)
    .map((issue) => ({ ...issue, severity: rounded(issue.severity), confidence: rounded(issue.confidence) }))
    .sort((one, other) => other.severity * other.confidence - one.severity * one.confidence)
  const confidences = Object.fromEntries(all.map(({ kind, confidence }) => [kind, rounded(confidence)]))
  return {
    score: rounded(left, 1),
    issues,
    confidences: confidences as Record<FilmIssueKind, number>,
  }
}
