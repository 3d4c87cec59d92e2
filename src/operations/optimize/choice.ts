import { formatBytes } from '../../units.ts'
import type { Wish } from './make.ts'
import { best, type Goal } from './search.ts'
import type { Made, Tried } from './workshop.ts'

/** A file that is worth having, or why there is none. */
export type Choice = Made | { readonly reason: string }

/** Less gain than this share is not worth a copy, nor this much one that lost something. */
const [worthCopying, worthLosing] = [0.002, 0.02]

/** Chooses among what was made; of two of nearly a size the one without loss. */
export function chooseOf(made: readonly Made[], originalBytes: number, wish: Wish, tried: readonly Tried[]): Choice {
  const { ssim, maxBytes } = wish
  const fitting = made.filter(({ bytes }) => bytes <= (maxBytes ?? Number.POSITIVE_INFINITY))
  if (maxBytes !== undefined && fitting.length === 0 && originalBytes > maxBytes)
    return { reason: tooSmall(maxBytes, tried) }
  const goal: Goal = maxBytes !== undefined && ssim === undefined ? { maxBytes } : { ssim: 0 }
  const exact = best(
    fitting.filter(({ isLossless }) => isLossless),
    goal,
  )
  const lossy = best(
    fitting.filter(({ isLossless }) => !isLossless),
    goal,
  )
  const isMust = maxBytes !== undefined && originalBytes > maxBytes
  if (lossy && !(exact && ('maxBytes' in goal || exact.bytes - lossy.bytes < worthLosing * originalBytes))) {
    if (isMust || originalBytes - lossy.bytes >= worthLosing * originalBytes) return lossy
  }
  if (exact && (isMust || originalBytes - exact.bytes >= worthCopying * originalBytes)) return exact
  return { reason: whyNothing([...fitting], originalBytes, wish, tried) }
}

function tooSmall(maxBytes: number, tried: readonly Tried[]): string {
  const smallest = tried
    .filter(({ bytes, rejected, estimated }) => bytes !== undefined && rejected === undefined && !estimated)
    .toSorted((a, b) => (a.bytes ?? 0) - (b.bytes ?? 0))[0]
  if (!smallest) return `No file of at most ${maxBytes} bytes can be made: ${refusals(tried)}.`
  const quality = smallest.quality === undefined ? 'without loss' : `of quality ${smallest.quality}`
  return `No acceptable file has at most ${maxBytes} bytes: the smallest one tried, ${smallest.format} ${quality}, has ${smallest.bytes}. Make the picture smaller with resize.`
}

function whyNothing(made: readonly Made[], originalBytes: number, wish: Wish, tried: readonly Tried[]): string {
  const isWithin = wish.maxBytes !== undefined && wish.ssim === undefined && originalBytes <= wish.maxBytes
  if (isWithin) return 'The file is within that size already, and can not be packed tighter without loss.'
  const smallest = made.toSorted((a, b) => a.bytes - b.bytes)[0]
  if (!smallest) return `Nothing smaller can be made of it: ${refusals(tried)}.`
  const saved = originalBytes - smallest.bytes
  if (saved <= 0) return `The smallest file found, ${smallest.format} of ${smallest.bytes} bytes, is no smaller.`
  const loss = smallest.isLossless ? '' : ' that lost something'
  return `Only ${formatBytes(saved)} of ${formatBytes(originalBytes)} could be saved, which is not worth a copy${loss}.`
}

function refusals(tried: readonly Tried[]): string {
  const clauses = tried.flatMap(({ format, rejected }) => (rejected === undefined ? [] : [`${format}: ${rejected}`]))
  if (clauses.length > 0) return [...new Set(clauses)].join('; ')
  return tried.length === 0
    ? 'its format is only read here; name another one with `format`, or `auto`'
    : 'no quality reaches the likeness asked for'
}
