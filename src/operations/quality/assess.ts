import type { Picture } from '../../media/picture.ts'

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
  readonly issues: readonly Issue[]
}

/** What is known of the file beside its pixels. */
export interface AssessmentHints {
  /** Of a JPEG, by its quantisation tables. */
  readonly jpegQuality?: number
}

/** The longest side in pixels at which pictures are judged. */
export const assessedEdge = 1440

/** Judges a picture, which should be decoded to at least `assessedEdge` where it has it. Deterministic. */
export async function assessPicture(_picture: Picture, _hints: AssessmentHints = {}): Promise<Assessment> {
  throw new Error('not built yet')
}
