import type { Pixels } from '../../media/picture.ts'
import { lightOf } from '../light.ts'

/** Beyond this, as a logarithm, a tint is the picture's own: a sunset, a forest. */
const most = 0.6
/** Scenes are tinted themselves about half as much as by cameras that err: so much of a tint is taken for the camera's. */
const trust = 0.67
/** The norm: strong edges, which tell most, count far more than the many weak ones. */
const power = 6
const [darkest, brightest] = [12, 250]

/**
 * The gains of red, green and blue in light that would make the greys of a picture grey, keeping its luminance. Over many
 * scenes edges are grey on average (J. van de Weijer, T. Gevers and A. Gijsenij, "Edge-based color constancy", 2007).
 */
export function measureBalance({ data, width, height }: Pixels): readonly [red: number, green: number, blue: number] {
  let [reds, greens, blues] = [0, 0, 0]
  const row = 3 * width
  for (let y = 1; y < height - 1; y++) {
    for (let at = y * row + 3; at < (y + 1) * row - 3; at += 3) {
      if (!isUsable(data, at, row)) continue
      reds += edge(data, at, row) ** power
      greens += edge(data, at + 1, row) ** power
      blues += edge(data, at + 2, row) ** power
    }
  }
  if (reds === 0 || greens === 0 || blues === 0) return [1, 1, 1]
  const toRed = Math.exp(-bounded((trust * Math.log(reds / greens)) / power))
  const toBlue = Math.exp(-bounded((trust * Math.log(blues / greens)) / power))
  const luminance = 0.2126 * toRed + 0.7152 + 0.0722 * toBlue
  return [toRed / luminance, 1 / luminance, toBlue / luminance]
}

const bounded = (value: number): number => Math.min(most, Math.max(-most, value))

/** A pixel this many times brighter in one channel than in another has a colour of its own. */
const colourful = 1.8

/** Whether a pixel tells of the light: no colour of its own, and, as its neighbours, neither dark nor clipped. */
function isUsable(data: Buffer, at: number, row: number): boolean {
  const [r, g, b] = [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0]
  if (Math.max(r, g, b) > colourful * Math.min(r, g, b)) return false
  for (const near of [at, at - 3, at + 3, at - row, at + row]) {
    for (let channel = near; channel < near + 3; channel++) {
      const value = data[channel] ?? 0
      if (value < darkest || value > brightest) return false
    }
  }
  return true
}

const edge = (data: Buffer, at: number, row: number): number =>
  Math.hypot(light(data, at + 3) - light(data, at - 3), light(data, at + row) - light(data, at - row))

const light = (data: Buffer, at: number): number => lightOf[data[at] ?? 0] ?? 0
