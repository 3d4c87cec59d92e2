import { ascending, quantile } from '../numbers.ts'
import { Fourier } from './fourier.ts'
import type { Plane } from './plane.ts'

/** A step counts up to this much, so that the edges of things do not drown those of blocks. */
const cap = 10
/** About this many lines are looked at in each direction. */
const enoughLines = 150

/**
 * Steps at the borders of coding blocks: on the 8×8 grid wherever it begins, and on grids of other sizes, which pictures
 * have that were scaled after they were coded. Also how often neighbours are equal, as in pictures coded too sparsely.
 */
export function measureBlocking(plane: Plane): Record<string, number> {
  const across = profile(plane.luma, plane.width, plane.height, 1, plane.width)
  const down = profile(plane.luma, plane.height, plane.width, plane.width, 1)
  const [one, other] = [gridOf(across.steps), gridOf(down.steps)]
  return {
    grid8: (one.on8 + other.on8) / 2,
    grid8Least: Math.min(one.on8, other.on8),
    gridPeak8: Math.log((one.peak8 + other.peak8) / 2 + 0.1),
    gridPeakOther: Math.log((one.peakOther + other.peakOther) / 2 + 0.1),
    gridPeriod: one.peakOther > other.peakOther ? one.period : other.period,
    equalNeighbours: (across.equal + down.equal) / 2,
    equalInLively: (across.lively + down.lively) / 2,
    stepLevel: Math.log(0.05 + (across.level + down.level) / 2),
  }
}

interface Profile {
  /** Mean step at each place along the line. */
  readonly steps: Float64Array
  readonly level: number
  /** Share of neighbours that are equal; everywhere, and beside places that are not. */
  readonly equal: number
  readonly lively: number
}

function profile(luma: Uint8Array, length: number, lines: number, along: number, between: number): Profile {
  const steps = new Float64Array(length)
  // Odd, so that the lines meet the rows of blocks in every place.
  const stride = lines < 2 * enoughLines ? 1 : Math.floor(lines / enoughLines) | 1
  let [count, equal, lively, livelyEqual] = [0, 0, 0, 0]
  for (let line = 0; line < lines; line += stride) {
    const start = line * between
    let before = Math.abs((luma[start + along] as number) - (luma[start] as number))
    let here = Math.abs((luma[start + 2 * along] as number) - (luma[start + along] as number))
    for (let at = 3; at < length; at++) {
      const place = start + at * along
      const after = Math.abs((luma[place] as number) - (luma[place - along] as number))
      const step = here - (before + after) / 2
      if (step > 0) steps[at - 1] = (steps[at - 1] as number) + Math.min(step, cap)
      if (here === 0) equal++
      if (before + after > 6) {
        lively++
        if (here === 0) livelyEqual++
      }
      before = here
      here = after
    }
    count++
  }
  let level = 0
  for (let at = 0; at < length; at++) {
    steps[at] = (steps[at] as number) / count
    level += steps[at] as number
  }
  return {
    steps,
    level: level / length,
    equal: equal / (count * Math.max(1, length - 3)),
    lively: livelyEqual / Math.max(1, lively),
  }
}

const transformLength = 2048
const fourier = new Fourier(transformLength)

function gridOf(steps: Float64Array): { on8: number; peak8: number; peakOther: number; period: number } {
  const phases = new Float64Array(8)
  const counts = new Float64Array(8)
  for (let at = 2; at < steps.length - 1; at++) {
    phases[at & 7] = (phases[at & 7] as number) + (steps[at] as number)
    counts[at & 7] = (counts[at & 7] as number) + 1
  }
  for (let phase = 0; phase < 8; phase++) phases[phase] = (phases[phase] as number) / (counts[phase] as number)
  const sorted = ascending(phases)
  const on8 = Math.log(((sorted[7] ?? 0) + 0.05) / (quantile(sorted, 0.45) + 0.05))

  const re = new Float64Array(transformLength)
  const im = new Float64Array(transformLength)
  const length = Math.min(transformLength, steps.length)
  for (let at = 3; at < length - 3; at++) {
    // Against the neighbourhood, so that only what repeats is left.
    const around =
      ((steps[at - 2] as number) + (steps[at - 1] as number) + (steps[at + 1] as number) + (steps[at + 2] as number)) /
      4
    re[at] = Math.min(2, Math.max(-2, (steps[at] as number) - around))
  }
  fourier.run(re, im)
  const power = Float64Array.from({ length: transformLength / 2 }, (_, at) => Math.hypot(re[at] ?? 0, im[at] ?? 0))
  const usual = quantile(ascending(power), 0.5) + 1e-6
  const harmonics = (period: number): number => {
    let sum = 0
    for (let harmonic = 1; harmonic <= 3; harmonic++) {
      const at = (harmonic * transformLength) / period
      if (at >= power.length - 1) return 0
      const low = Math.floor(at)
      sum += Math.max(power[low] as number, power[low + 1] as number) / usual
    }
    return sum / 3
  }
  let [peakOther, period] = [0, 0]
  for (let tried = 6.2; tried < 26; tried *= 1.004) {
    if (Math.abs(tried - 8) < 0.25 || Math.abs(tried - 16) < 0.4 || Math.abs(tried - 24) < 0.5) continue
    const peak = harmonics(tried)
    if (peak > peakOther) [peakOther, period] = [peak, tried]
  }
  return { on8, peak8: harmonics(8), peakOther, period }
}
