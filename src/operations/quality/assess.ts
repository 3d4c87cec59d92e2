import type { Picture } from '../../media/picture.ts'
import { rounded } from '../numbers.ts'
import { detectors } from './detectors.ts'
import { evidenceOf } from './evidence.ts'
import { type Features, measureFeatures } from './features.ts'
import { compressionByTables, resolutionBySize, stronger } from './file-facts.ts'
import { findMissingPart } from './missing-part.ts'
import { type Detector, detect, type Finding } from './model.ts'
import { scoreOf } from './score.ts'
import { settle } from './settle.ts'

/** Kinds of flaws that are looked for in pictures. */
export const issueKinds = [
  'blur',
  'motion-blur',
  'noise',
  'compression',
  'underexposed',
  'overexposed',
  'low-contrast',
  'color-cast',
  'banding',
  'low-resolution',
  'corrupt',
] as const

/** A kind of flaw. */
export type IssueKind = (typeof issueKinds)[number]

/** A flaw with how bad it is, how sure that is, and numbers by which a person can check it. */
export interface Issue {
  readonly kind: IssueKind
  /** 0–1 */
  readonly severity: number
  /** 0–1; listed from 0.5 on. */
  readonly confidence: number
  readonly evidence: Readonly<Record<string, number | string>>
}

/** How good a picture is, technically. */
export interface Assessment {
  /** 0–100, 100 is flawless. */
  readonly score: number
  /** The gravest first. */
  readonly issues: readonly Issue[]
  /** Confidence in every kind, 0–1, listed or not: to sort by, or to draw the line elsewhere. */
  readonly confidences: Readonly<Record<IssueKind, number>>
}

/** What is known of the file beside its pixels. */
export interface AssessmentHints {
  /** Of a JPEG, by its quantisation tables. */
  readonly jpegQuality?: number
}

/** The longest side in pixels at which pictures are judged. */
export const assessedEdge = 1440

/** From this confidence on a flaw is listed. */
export const listedFrom = 0.5

/** Judges a picture, which should be decoded to at least `assessedEdge` where it has it. Deterministic. */
export async function assessPicture(picture: Picture, hints: AssessmentHints = {}): Promise<Assessment> {
  const { findings, features, missing } = await examinePicture(picture, hints)
  const issues = issueKinds
    .map((kind): Issue => {
      const { severity, confidence } = findings[kind]
      const evidence = evidenceOf(kind, { features, picture, hints, missing })
      return { kind, severity: rounded(severity), confidence: rounded(confidence), evidence }
    })
    .filter(({ confidence }) => confidence >= listedFrom)
    .sort((a, b) => b.severity * b.confidence - a.severity * a.confidence)
  const confidences = Object.fromEntries(issueKinds.map((kind) => [kind, rounded(findings[kind].confidence)]))
  return { score: scoreOf(findings), issues, confidences: confidences as Record<IssueKind, number> }
}

/** All that was found, likely or not. */
export interface Examination {
  readonly findings: Readonly<Record<IssueKind, Finding>>
  readonly features: Features
  /** Share of the picture that was not decoded and is plain grey. */
  readonly missing: number
}

/** Measures a picture and asks every detector (or those given), also for what is not listed in the end. */
export async function examinePicture(
  picture: Picture,
  hints: AssessmentHints = {},
  asked: readonly Detector[] = detectors,
): Promise<Examination> {
  const pixels = await picture.pixels({ width: assessedEdge, height: assessedEdge, fit: 'inside', as: 'rgb' })
  const { missing, rest } = findMissingPart(pixels, picture.damage !== undefined)
  const features = measureFeatures(rest)
  const learned = Object.fromEntries(asked.map((detector) => [detector.kind, detect(detector, features)]))
  const of = (kind: IssueKind): Finding => learned[kind] ?? { confidence: 0, severity: 0 }
  const scale = Math.max(picture.fullWidth, picture.fullHeight) / Math.max(pixels.width, pixels.height)
  const findings: Record<IssueKind, Finding> = {
    blur: of('blur'),
    'motion-blur': of('motion-blur'),
    noise: of('noise'),
    compression: stronger(of('compression'), compressionByTables(hints.jpegQuality, scale)),
    underexposed: of('underexposed'),
    overexposed: of('overexposed'),
    'low-contrast': of('low-contrast'),
    'color-cast': of('color-cast'),
    banding: of('banding'),
    'low-resolution': stronger(of('low-resolution'), resolutionBySize(picture.fullWidth, picture.fullHeight)),
    corrupt:
      picture.damage === undefined
        ? { confidence: missing > 0 ? 0.8 : 0, severity: Math.min(1, 0.4 + missing) }
        : { confidence: 1, severity: Math.min(1, 0.4 + missing) },
  }
  return { findings: settle(findings), features, missing }
}
