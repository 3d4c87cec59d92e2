/** A scale from one round number to another. */
export interface Scale {
  readonly from: number
  readonly to: number
  readonly ticks: readonly number[]
  /** Digits behind the point that tell the ticks apart. */
  readonly digits: number
}

/** A scale with about `count` steps that holds all values, within bounds that no value can pass. */
export function scaleFor(
  values: readonly number[],
  { count = 4, bounds = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY], least = 0 }: ScaleOptions = {},
): Scale {
  const [low, high] = bounds
  let [from, to] = extent(values)
  // What hardly changes is not blown up to look as if it did.
  if (to - from < least) {
    const middle = (from + to) / 2
    from = Math.max(low, middle - least / 2)
    to = Math.min(high, from + least)
    from = Math.max(low, to - least)
  }
  const step = roundStep((to - from || Math.abs(to) || 1) / count)
  const first = Math.max(Math.floor(from / step + 1e-9), Math.ceil(low / step - 1e-9))
  const last = Math.min(Math.ceil(to / step - 1e-9), Math.floor(high / step + 1e-9))
  const ticks = Array.from({ length: Math.max(1, last - first) + 1 }, (_, at) => (first + at) * step)
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9))
  return {
    from: ticks[0] ?? from,
    to: ticks.at(-1) ?? to,
    ticks,
    digits: isWhole(step * 10 ** digits) ? digits : digits + 1,
  }
}

interface ScaleOptions {
  readonly count?: number
  readonly bounds?: readonly [low: number, high: number]
  /** The least that the scale spans. */
  readonly least?: number
}

function extent(values: readonly number[]): [from: number, to: number] {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    if (value < from) from = value
    if (value > to) to = value
  }
  return from <= to ? [from, to] : [0, 1]
}

function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  return power * ([1, 2, 2.5, 5].find((factor) => factor * power >= rough * 0.999) ?? 10)
}

const isWhole = (value: number): boolean => Math.abs(value - Math.round(value)) < 1e-6

/** Distances in which people count time, in milliseconds. */
const timeSteps = [
  10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000,
  1_800_000, 3_600_000, 7_200_000, 14_400_000,
]

/** Moments of a stretch that people count in, at most about ten. */
export function timeTicks(fromMs: number, toMs: number): { ms: number; label: string }[] {
  const step =
    timeSteps.find((one) => (toMs - fromMs) / one <= 10) ?? Math.ceil((toMs - fromMs) / 36_000_000) * 3_600_000
  const first = Math.ceil(fromMs / step)
  const count = Math.max(0, Math.floor(toMs / step) - first + 1)
  return Array.from({ length: count }, (_, at) => (first + at) * step).map((ms) => ({ ms, label: clock(ms, step) }))
}

/** A moment as players show it, `1:02:03` or `2:03.5`, with as many digits as steps of that length need. */
export function clock(ms: number, step = 100): string {
  const digits = step >= 1000 ? 0 : step >= 100 ? 1 : 2
  const rest = (Math.round((ms / 1000) * 10 ** digits) / 10 ** digits).toFixed(digits)
  const whole = Math.floor(Number(rest))
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60]
  const seconds = `${String(whole % 60).padStart(2, '0')}${digits > 0 ? rest.slice(-digits - 1) : ''}`
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`
}
