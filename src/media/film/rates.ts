import type { Stream } from 'node-av/lib'
import type { FrameRate } from './even-frames.ts'

/** The clock of a track, fine enough that a beginning between two frames can be told, and not finer than encoders can count. */
export function fineBase({ num, den }: { num: number; den: number }): { num: number; den: number } {
  if (num <= 0 || den <= 0 || den / num > 1_000_000) return { num: 1, den: 90_000 }
  let fine = den
  while (fine / num < 10_000) fine *= 2
  return { num, den: fine }
}

const usualRate: FrameRate = { num: 25, den: 1 }

/** Frames a second as a film tells them, first by what was found out; 25 where it tells nothing. */
export function nominalRate(stream: Stream, fraction: string | undefined, frameRate: number | undefined): FrameRate {
  const [num = 0, den = 1] = (fraction ?? '').split('/').map(Number)
  const rates = [{ num, den }, fractionOf(frameRate ?? 0), stream.avgFrameRate, stream.rFrameRate]
  return rates.find((rate) => rate.num > 0 && rate.den > 0 && rate.num / rate.den <= 1000) ?? usualRate
}

/** A rate as a fraction: 29.97 is 30000/1001. */
export function fractionOf(rate: number): FrameRate {
  const broadcast = Math.round(rate * 1.001)
  const isBroadcast = Math.abs(rate - Math.round(rate)) > 1e-3 && Math.abs((broadcast * 1000) / 1001 - rate) < 6e-3
  return isBroadcast ? { num: broadcast * 1000, den: 1001 } : { num: Math.round(rate * 1000), den: 1000 }
}
