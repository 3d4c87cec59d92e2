import { rounded, share } from '../numbers.ts'

/** A film at one of its moments. */
export interface FilmMoment {
  /** When the frame is shown. */
  readonly ms: number
  /** Absent where the frame is black or empty and so tells nothing. */
  readonly perceptualHash?: string | undefined
}

/** A film at several moments, always at the same parts of its length. */
export interface FilmPrint {
  /** Absent where it is not known. */
  readonly durationMs?: number | undefined
  readonly moments: readonly FilmMoment[]
}

/** How alike two films are. */
export interface FilmLikeness {
  /** 0–1; from about 0.7 on they are the same film. */
  readonly similarity: number
  /** The least alike of the moments that were compared, 0–1. */
  readonly weakest: number
  /** How many moments were compared. */
  readonly compared: number
}

/** Bits that coding, scaling and bars change in a hash of 64, and bits from which on pictures are strangers. */
const [sameBits, strangeBits] = [4, 26]
/** Films that are cut differently differ in length. */
const [sameLength, strangeLength] = [0.97, 0.85]
/** A container may round its length up to the end of the sound. */
const looseMs = 250
/** Fewer moments that tell something are too few to judge by. */
const leastMoments = 3
/** Frames this far from each other in time count half. */
const halfWeightMs = 1500

/** Compares two films by their lengths and by all moments that both can be judged by; one picture alone says nothing. */
export function filmLikeness(one: FilmPrint, other: FilmPrint): FilmLikeness {
  const [oneMs, otherMs] = [one.durationMs ?? 0, other.durationMs ?? 0]
  if (oneMs <= 0 || otherMs <= 0) return { similarity: 0, weakest: 0, compared: 0 }
  const ratio = (Math.min(oneMs, otherMs) + looseMs) / Math.max(oneMs, otherMs)
  const byLength = share((ratio - strangeLength) / (sameLength - strangeLength))
  let [sum, weights, compared, weakest] = [0, 0, 0, 1]
  for (const [at, { ms, perceptualHash }] of one.moments.entries()) {
    const partner = other.moments[at]
    if (perceptualHash === undefined || partner?.perceptualHash === undefined) continue
    const likeness = share(
      1 - (bitsBetween(perceptualHash, partner.perceptualHash) - sameBits) / (strangeBits - sameBits),
    )
    // As parts of the lengths, since one may run a little faster.
    const apartMs = Math.abs(ms / oneMs - partner.ms / otherMs) * oneMs
    const weight = 1 / (1 + apartMs / halfWeightMs)
    sum += likeness * weight
    weights += weight
    weakest = Math.min(weakest, likeness)
    compared++
  }
  if (compared < leastMoments) return { similarity: 0, weakest: 0, compared }
  return { similarity: rounded((sum / weights) * byLength), weakest: rounded(weakest), compared }
}

function bitsBetween(one: string, other: string): number {
  let different = BigInt(`0x${one}`) ^ BigInt(`0x${other}`)
  let count = 0
  for (; different > 0n; different &= different - 1n) count++
  return count
}
