import type { Picture, Pixels } from '../../media/picture.ts'
import { type Assessment, assessPicture } from '../quality/assess.ts'
import { carryOut } from './carry-out.ts'
import { type CorrectionName, callsFor } from './corrections.ts'
import { type Correction, planFor } from './plan.ts'

/** What is asked of an enhancement. */
export interface EnhanceOptions {
  /** 0–1 */
  readonly strength: number
  readonly only: readonly CorrectionName[]
  /** Of a JPEG, by its quantisation tables. */
  readonly jpegQuality?: number
  /** Awaited now and then with how much is done, 0–1; throws to stop. */
  readonly pause: (fraction: number) => Promise<void>
}

/** What became of a picture: a better one, or the reason why it stays. */
export type Enhanced =
  | {
      readonly picture: Picture
      readonly before: number
      readonly after: number
      readonly corrections: readonly Correction[]
    }
  | { readonly reason: string; readonly before: number }

/** Parts of the asked strength that are tried, one after the other, until one makes the picture better. */
const trials = [1, 0.6, 0.3] as const
/** A gain in score that is more than rounding. */
const leastGain = 0.2

/**
 * Corrects what the assessment finds, as far as that makes the score better. Scores are those of the pixels alone, without
 * what the file says of itself, so that before and after can be compared. Deterministic.
 */
export async function enhancePicture(picture: Picture, options: EnhanceOptions): Promise<Enhanced> {
  const { strength, only, jpegQuality, pause } = options
  const before = await assessPicture(picture)
  const found = jpegQuality === undefined ? before : await assessPicture(picture, { jpegQuality })
  const reason = reasonAgainst(picture, found, strength)
  if (reason !== undefined) return { reason, before: before.score }
  const calls = callsFor(found.issues, only)
  if (calls.length === 0) return { reason: nothingToMend, before: before.score }
  const full = await wholeOf(picture)
  for (const [index, part] of trials.entries()) {
    const amount = fullness(strength) * part
    const plan = await planFor(picture, full, { calls, amount, ...(jpegQuality === undefined ? {} : { jpegQuality }) })
    if (plan.corrections.length === 0) return { reason: nothingToMend, before: before.score }
    const made = await carryOut(full, plan, (fraction) => pause((index + fraction) / trials.length))
    const better = picture.withPixels(made)
    const after = await assessPicture(better)
    if (after.score >= before.score + leastGain) {
      return { picture: better, before: before.score, after: after.score, corrections: plan.corrections }
    }
  }
  return { reason: 'no correction makes it better', before: before.score }
}

const nothingToMend = 'nothing was found that these corrections could mend'

function reasonAgainst(picture: Picture, { issues }: Assessment, strength: number): string | undefined {
  if (picture.damage !== undefined) return `the file is damaged: ${picture.damage}`
  if (issues.some(({ kind }) => kind === 'corrupt')) return 'a part of the picture is missing'
  if (issues.length === 0) return 'no flaw was found'
  return strength === 0 ? 'a strength of 0 changes nothing' : undefined
}

/** What a strength means: at a half, three quarters of the full correction; at 1 all of it. */
const fullness = (strength: number): number => 1 - (1 - strength) ** 2

const wholeOf = ({ width, height, hasAlpha, pixels }: Picture): Promise<Pixels> =>
  pixels({ width, height, fit: 'fill', as: hasAlpha ? 'rgba' : 'rgb' })
