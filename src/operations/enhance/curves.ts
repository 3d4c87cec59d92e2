import { codeOf, lightOf } from '../light.ts'

/** A change of tone: sRGB values 0–255 to values 0–255, rising, 0 to 0 and 255 to 255, not rounded. */
export type Curve = (code: number) => number

/** Light times a gain, in a curve that leaves white white: what lies beyond `white`, hardly anything, is pressed together. */
export function gainCurve(gain: number, white: number): Curve {
  const change = gain >= 1 ? lift(gain, Math.min(0.98, white)) : lower(gain)
  return overLight(change)
}

/** Darkens by a gain below 1 in a curve that leaves white white and bends everywhere alike. */
export const darkenCurve = (gain: number): Curve => overLight((light) => (gain * light) / (1 + (gain - 1) * light))

/** Stretches luma from `low`–`high` to `toLow`–`toHigh`; what lies outside is pressed together. */
export function stretchCurve(low: number, high: number, toLow: number, toHigh: number): Curve {
  return (code) => {
    if (code <= low) return low === 0 ? toLow : (code / low) * toLow
    if (code >= high) return high === 255 ? toHigh : toHigh + ((code - high) / (255 - high)) * (255 - toHigh)
    return toLow + ((code - low) / (high - low)) * (toHigh - toLow)
  }
}

/** Up to this light a gain is a mere factor where there is room. */
const room = 0.98

function lift(gain: number, white: number): (light: number) => number {
  const top = Math.min(room, gain * white)
  // A hyperbola of this slope at black that passes (white, top): straight when there is room for all.
  const bend = gain / top - 1 / white
  return (light) =>
    light <= white ? (gain * light) / (1 + bend * light) : top + ((light - white) / (1 - white)) * (1 - top)
}

const highlights = 0.85

function lower(gain: number): (light: number) => number {
  const top = gain * highlights
  return (light) => (light <= highlights ? gain * light : top + ((light - highlights) / (1 - highlights)) * (1 - top))
}

function overLight(change: (light: number) => number): Curve {
  return (code) => {
    const low = Math.floor(code)
    const light = lightOf[low] ?? 1
    const next = lightOf[Math.min(255, low + 1)] ?? 1
    return codeOf(change(light + (next - light) * (code - low)))
  }
}

/**
 * Curves one after the other as a table, so that values are rounded once. What was neither 0 nor 255 does not become it: no
 * picture is clipped more than before.
 */
export function tableOf(curves: readonly Curve[]): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => {
    if (code === 0 || code === 255) return code
    const value = curves.reduce((level, curve) => curve(level), code)
    return Math.min(254, Math.max(1, Math.round(value)))
  })
}
