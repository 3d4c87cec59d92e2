import { clamp } from '../numbers.ts'

/** A quality that was tried and what came of it. */
export interface Measured {
  readonly quality: number
  readonly bytes: number
  /** Of luma, against the original. */
  readonly ssim: number
}

/** What is looked for: the smallest file that is at least so alike, or the best one that is at most so large. */
export type Goal = { readonly ssim: number } | { readonly maxBytes: number }

/** Where and how hard to look. */
export interface SearchOptions {
  readonly goal: Goal
  /** Qualities that may be used, both ends included. */
  readonly range: readonly [low: number, high: number]
  /** The quality to begin with; the nearer the end, the fewer tries. */
  readonly guess: number
  /** At most so many qualities are tried. */
  readonly tries: number
  /** How near to the goal is near enough, as a share of it: the same bytes or loss are not worth another try. */
  readonly slack: number
  /** How fast the logarithm of loss or size changes with quality, until two points tell; a usual one when left out. */
  readonly slope?: number
}

/**
 * Looks for the quality that just reaches a goal, by the measured points alone: bytes and likeness are taken to rise with
 * quality, and where they do not, only tries are lost, as what comes back has been measured. Undefined when no point does.
 */
export async function searchQuality<Point extends Measured>(
  measure: (quality: number) => Promise<Point>,
  options: SearchOptions,
): Promise<Point | undefined> {
  const [low, high] = options.range
  const scale = scaleOf(options.goal)
  const points: Point[] = []
  // The crossing lies between a quality known to be on one side and one on the other; the ends stand for unknown ones.
  let [below, above] = [low - 1, high + 1]
  let next = clamp(Math.round(options.guess), low, high)
  while (points.length < options.tries && above - below > 1) {
    const point = await measure(next)
    points.push(point)
    const before = above - below
    if (scale.isAbove(point)) above = next
    else below = next
    if (scale.reaches(point) && Math.abs(scale.distance(point)) <= options.slack) break
    const isLast = points.length === options.tries - 1 && !points.some(scale.reaches)
    // A bent curve can make every guess fall short on the same side, one step at a time.
    const isStuck = points.length > 2 && above - below > 0.6 * before && above - below > 3
    const middle = Math.round((below + above) / 2)
    const wanted = isLast
      ? scale.safe([low, high])
      : isStuck
        ? middle
        : (crossing(points, scale, { below, above }, options.slope) ?? middle)
    next = clamp(wanted, below + 1, above - 1)
  }
  return best(points, options.goal)
}

/** The point that serves a goal best: of those that reach it, the smallest file or the one most alike. */
export function best<Point extends Measured>(points: readonly Point[], goal: Goal): Point | undefined {
  const { reaches } = scaleOf(goal)
  const better = (one: Point, other: Point): boolean =>
    'ssim' in goal
      ? one.bytes < other.bytes
      : one.ssim > other.ssim || (one.ssim === other.ssim && one.bytes < other.bytes)
  return points
    .filter(reaches)
    .reduce<Point | undefined>((found, point) => (found && !better(point, found) ? found : point), undefined)
}

interface Scale {
  /** 0 at the goal, rising with quality, near to a line. */
  distance(point: Measured): number
  isAbove(point: Measured): boolean
  reaches(point: Measured): boolean
  readonly usualSlope: number
  /** To the side that reaches the goal, which for likeness is above and for size below. */
  round(quality: number): number
  /** The end of a range where the goal is reached if anywhere. */
  safe(range: readonly [low: number, high: number]): number
}

// Over photos the logarithm of what is lost falls by 0.03 for each step of quality, and that of the size rises by 0.04.
function scaleOf(goal: Goal): Scale {
  if ('ssim' in goal) {
    // Equal pictures have lost nothing, which has no logarithm.
    const loss = (ssim: number): number => Math.log(Math.max(1e-6, 1 - ssim))
    const reaches = ({ ssim }: Measured): boolean => ssim >= goal.ssim
    return {
      distance: ({ ssim }) => loss(goal.ssim) - loss(ssim),
      isAbove: reaches,
      reaches,
      usualSlope: 0.03,
      round: Math.ceil,
      safe: ([, high]) => high,
    }
  }
  return {
    distance: ({ bytes }) => Math.log(bytes / goal.maxBytes),
    isAbove: ({ bytes }) => bytes > goal.maxBytes,
    reaches: ({ bytes }) => bytes <= goal.maxBytes,
    usualSlope: 0.04,
    round: Math.floor,
    safe: ([low]) => low,
  }
}

/**
 * Where the line through the points on both sides crosses the goal, or one of the usual slope through the only point;
 * undefined where they tell no line that rises.
 */
function crossing(
  points: readonly Measured[],
  scale: Scale,
  sides: { readonly below: number; readonly above: number },
  slope = scale.usualSlope,
): number | undefined {
  const [one, other] = [sides.below, sides.above].flatMap((side) => points.filter(({ quality }) => quality === side))
  if (!one) return undefined
  const two = other ?? points.findLast((point) => point !== one)
  const rise = two ? (scale.distance(two) - scale.distance(one)) / (two.quality - one.quality) : slope
  return rise > 0 ? scale.round(one.quality - scale.distance(one) / rise) : undefined
}

/** How fast distance to the goal rises with quality between points that were measured; undefined with fewer than two. */
export function slopeOf(points: readonly Measured[], goal: Goal): number | undefined {
  const sorted = points.toSorted((a, b) => a.quality - b.quality)
  const [first, last] = [sorted[0], sorted.at(-1)]
  if (!first || !last || first.quality === last.quality) return undefined
  const { distance } = scaleOf(goal)
  const slope = (distance(last) - distance(first)) / (last.quality - first.quality)
  return slope > 0 ? slope : undefined
}
