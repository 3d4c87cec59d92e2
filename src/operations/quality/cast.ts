import { ascending, quantile } from '../numbers.ts'
import type { Plane } from './plane.ts'

/** About this many pixels are looked at. */
const enough = 6000

/**
 * What the colours of those places tell that should have none: the whole (grey world), what is nearest to grey, the
 * brightest, the darkest, and the edges. Red–green and yellow–blue as shares of the brightness.
 */
export function measureCast(plane: Plane): Record<string, number> {
  const { samples, edges } = sample(plane)
  const { red, warm, distance, light } = samples
  const count = distance.length
  const byDistance = ascending(distance)
  const byLight = ascending(light)
  const all = meanWhere(samples, () => true)
  const grey = quantile(byDistance, 0.2)
  const neutral = meanWhere(samples, (at) => (distance[at] as number) <= grey)
  const [upper, lower] = [quantile(byLight, 0.92), quantile(byLight, 0.12)]
  const bright = meanWhere(samples, (at) => (light[at] as number) >= upper)
  const dark = meanWhere(samples, (at) => (light[at] as number) <= lower)
  let squares = 0
  for (let at = 0; at < count; at++) squares += (red[at] as number) ** 2 + (warm[at] as number) ** 2
  const spread = Math.sqrt(Math.max(0, squares / Math.max(1, count) - all.red ** 2 - all.warm ** 2))
  const length = (colour: Colour): number => Math.hypot(colour.red, colour.warm)
  // How far each pixel leans to the colour of the whole: under coloured light hardly any leans the other way.
  const leaning = new Float64Array(count)
  const [towardsRed, towardsWarm] = [all.red / (length(all) + 1e-6), all.warm / (length(all) + 1e-6)]
  for (let at = 0; at < count; at++) {
    leaning[at] = (red[at] as number) * towardsRed + (warm[at] as number) * towardsWarm
  }
  const byLeaning = ascending(leaning)
  return {
    castRed: all.red,
    castWarm: all.warm,
    castGrey: length(all),
    castSpread: spread,
    castTightness: length(all) / (spread + 0.03),
    castNeutral: length(neutral),
    castNeutralRed: neutral.red,
    castNeutralWarm: neutral.warm,
    castBright: length(bright),
    castDark: length(dark),
    castFloor: quantile(byLeaning, 0.01),
    castLow: quantile(byLeaning, 0.05),
    castQuarter: quantile(byLeaning, 0.25),
    castHigh: quantile(byLeaning, 0.95),
    castBrightLeaning: bright.red * towardsRed + bright.warm * towardsWarm,
    castDarkLeaning: dark.red * towardsRed + dark.warm * towardsWarm,
    castEdgeLeaning:
      Math.log((edges.red + 50) / (edges.green + 50)) * towardsRed +
      Math.log((edges.red + edges.green + 100) / (2 * edges.blue + 100)) * towardsWarm,
    castLeast: quantile(byDistance, 0.05),
    castUsual: quantile(byDistance, 0.5),
    castAgree: (neutral.red * bright.red + neutral.warm * bright.warm) / (length(bright) + 0.02),
  }
}

interface Colour {
  readonly red: number
  readonly warm: number
}

interface Samples {
  readonly red: Float64Array
  readonly warm: Float64Array
  readonly distance: Float64Array
  readonly light: Float64Array
}

interface Edges {
  readonly red: number
  readonly green: number
  readonly blue: number
}

/** Colours of evenly spread pixels that are neither black nor clipped, and the sums of differences to their neighbours. */
function sample({ rgb, width, height }: Plane): { samples: Samples; edges: Edges } {
  const total = width * height
  // Odd, so that the samples don't stand in columns.
  const stride = Math.max(1, Math.floor(total / enough)) | 1
  const most = Math.ceil(total / stride)
  const [reds, warms, distances, lights] = Array.from({ length: 4 }, () => new Float64Array(most)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  let [count, red, green, blue] = [0, 0, 0, 0]
  for (let at = 0; at < total - 1; at += stride) {
    const from = at * 3
    const r = rgb[from] as number
    const g = rgb[from + 1] as number
    const b = rgb[from + 2] as number
    red += Math.abs(r - (rgb[from + 3] as number))
    green += Math.abs(g - (rgb[from + 4] as number))
    blue += Math.abs(b - (rgb[from + 5] as number))
    const light = (r + g + b) / 3
    if (light < 12 || r > 250 || g > 250 || b > 250) continue
    const x = (r - g) / (light + 20)
    const y = ((r + g) / 2 - b) / (light + 20)
    reds[count] = x
    warms[count] = y
    distances[count] = Math.sqrt(x * x + y * y)
    lights[count] = light
    count++
  }
  const samples = {
    red: reds.subarray(0, count),
    warm: warms.subarray(0, count),
    distance: distances.subarray(0, count),
    light: lights.subarray(0, count),
  }
  return { samples, edges: { red, green, blue } }
}

function meanWhere({ red, warm }: Samples, isMeant: (at: number) => boolean): Colour {
  let [count, reds, warms] = [0, 0, 0]
  for (let at = 0; at < red.length; at++) {
    if (!isMeant(at)) continue
    count++
    reds += red[at] as number
    warms += warm[at] as number
  }
  return { red: reds / Math.max(1, count), warm: warms / Math.max(1, count) }
}
