import type { Pixels } from '../../media/picture.ts'
import { lightOf } from '../light.ts'

/** What the corrections of tone hang on; light is linear, 1 is white. */
export interface Tones {
  /** The geometric mean of luminance, in which a few lamps weigh little. */
  readonly middle: number
  /** The light that all but one pixel in 200 stay below, in their brightest channel, and in each. */
  readonly white: number
  readonly whites: readonly [red: number, green: number, blue: number]
  /** The darkest and the brightest luma (0–255) but for one pixel in 200. */
  readonly darkest: number
  readonly brightest: number
}

const outliers = 1 / 200

/** Measures interleaved RGB. */
export function measureTones({ data }: Pixels): Tones {
  const count = data.length / 3
  const [most, luma] = [new Uint32Array(256), new Uint32Array(256)]
  const channels = [new Uint32Array(256), new Uint32Array(256), new Uint32Array(256)] as const
  let logarithms = 0
  for (let at = 0; at < data.length; at += 3) {
    const [r, g, b] = [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0]
    countOne(channels[0], r)
    countOne(channels[1], g)
    countOne(channels[2], b)
    countOne(most, Math.max(r, g, b))
    countOne(luma, Math.round(0.299 * r + 0.587 * g + 0.114 * b))
    const luminance = 0.2126 * (lightOf[r] ?? 0) + 0.7152 * (lightOf[g] ?? 0) + 0.0722 * (lightOf[b] ?? 0)
    logarithms += Math.log(luminance + 0.001)
  }
  const white = (counts: Uint32Array): number => lightOf[levelAt(counts, count * (1 - outliers))] ?? 1
  return {
    middle: Math.exp(logarithms / count),
    white: white(most),
    whites: [white(channels[0]), white(channels[1]), white(channels[2])],
    darkest: levelAt(luma, count * outliers),
    brightest: levelAt(luma, count * (1 - outliers)),
  }
}

function countOne(counts: Uint32Array, level: number): void {
  counts[level] = (counts[level] ?? 0) + 1
}

/** The level below which that many lie. */
function levelAt(counts: Uint32Array, below: number): number {
  let sum = 0
  for (let level = 0; level < 256; level++) {
    sum += counts[level] ?? 0
    if (sum > below) return level
  }
  return 255
}
