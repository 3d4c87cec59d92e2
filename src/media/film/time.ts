import { AV_NOPTS_VALUE, AV_TIME_BASE } from 'node-av/constants'
import type { FormatContext, IRational, Packet } from 'node-av/lib'

/** Milliseconds of a time stamp in its stream's base; absent for FFmpeg's "not known". */
export function msOf(stamp: bigint, base: IRational): number | undefined {
  return stamp === AV_NOPTS_VALUE || base.den === 0 ? undefined : (Number(stamp) * base.num * 1000) / base.den
}

/** The time stamp of a moment in a stream's base. */
export function stampOf(ms: number, base: IRational): bigint {
  return BigInt(Math.round((ms * base.den) / (base.num * 1000)))
}

/** When a packet is shown, in its stream's base; where that is not told, when it is decoded. */
export const stampIn = ({ pts, dts }: Pick<Packet, 'pts' | 'dts'>): bigint => (pts === AV_NOPTS_VALUE ? dts : pts)

/** The base of times that belong to no stream, as FFmpeg counts them. */
export const filmClock: IRational = { num: 1, den: AV_TIME_BASE }

/** The moment at which a film begins on its own clock; times that are given to people count from here. */
export const startMsOf = (context: FormatContext): number => msOf(context.startTime, filmClock) ?? 0

/** What the header says of the length; absent when it says nothing. */
export function declaredMsOf(context: FormatContext): number | undefined {
  const declared = msOf(context.duration, filmClock)
  return declared !== undefined && declared > 0 ? declared : undefined
}

/** Milliseconds for people: thousandths of them are noise of the time base. */
export const rounded = (ms: number): number => Math.round(ms * 1000) / 1000
