/** A frame in a row of measures over time. */
export interface Point {
  readonly ms: number
}

/** So many points are told at once; all are in a file. */
const mostPoints = 2000

/**
 * As many of the points as are told, in their order: of each part of the row the one that is worst by a measure, so that no
 * short breakdown is lost.
 */
export function thinned<One extends Point>(points: readonly One[], badness: (point: One) => number): One[] {
  if (points.length <= mostPoints) return [...points]
  return Array.from({ length: mostPoints }, (_, part) => {
    const from = Math.floor((part * points.length) / mostPoints)
    const to = Math.floor(((part + 1) * points.length) / mostPoints)
    return worstIn(points, from, to, badness)
  })
}

function worstIn<One>(points: readonly One[], from: number, to: number, badness: (point: One) => number): One {
  // In bounds: a part holds at least one point.
  let worst = points[from] as One
  for (let at = from + 1; at < to; at++) {
    const point = points[at] as One
    if (badness(point) > badness(worst)) worst = point
  }
  return worst
}

/** The worst points, none within `apartMs` of one that is worse, the worst first. */
export function worstOf<One extends Point>(
  points: readonly One[],
  { most, apartMs, badness }: { most: number; apartMs: number; badness: (point: One) => number },
): One[] {
  const found: One[] = []
  const sorted = [...points].sort((one, other) => badness(other) - badness(one))
  for (const point of sorted) {
    if (found.length === most) break
    if (found.every(({ ms }) => Math.abs(ms - point.ms) >= apartMs)) found.push(point)
  }
  return found
}
