import { ascending, quantile } from '../numbers.ts'
import { type Plane, tileSide } from './plane.ts'
import type { Tile } from './tiles.ts'

/** How far in pixels an edge is followed. */
const reach = 12
/** Least difference of two neighbours that starts an edge, in steps of 0–255. */
const leastSlope = 8

/**
 * Widths of edges along rows and columns, after P. Marziliano et al., "A no-reference perceptual blur metric" (2002): the
 * way from one extreme to the next, here as the rise divided by its steepest slope, which noise hardly shortens.
 */
export function measureEdges(plane: Plane, tiles: readonly Tile[]): Record<string, number> {
  const wide: number[] = []
  const high: number[] = []
  const best: number[] = []
  for (const { left, top, activity } of tiles) {
    if (activity < 1) continue
    const across: number[] = []
    const down: number[] = []
    const start = top * plane.width + left
    for (let line = 1; line < tileSide; line += 3) {
      follow(plane.luma, start + line * plane.width, 1, across)
      follow(plane.luma, start + line, plane.width, down)
    }
    for (const width of across) wide.push(width)
    for (const width of down) high.push(width)
    const both = ascending([...across, ...down])
    if (both.length >= 12) best.push(quantile(both, 0.35))
  }
  const all = ascending([...wide, ...high])
  const tilesBySharpness = ascending(best)
  const [horizontal, vertical] = [quantile(ascending(wide), 0.4, 4), quantile(ascending(high), 0.4, 4)]
  return {
    edgeNarrow: quantile(all, 0.1, 4),
    edgeUsual: quantile(all, 0.4, 4),
    edgeWide: quantile(all, 0.75, 6),
    // The sharpest region: with a shallow depth of field it alone is meant to be sharp.
    edgeSharpest: quantile(tilesBySharpness, 0.08, quantile(all, 0.35, 4)),
    edgeSharp: quantile(tilesBySharpness, 0.3, quantile(all, 0.4, 4)),
    edgeUnequal: Math.abs(Math.log(horizontal / vertical)),
    edgeShare: all.length / Math.max(1, tiles.length) / 100,
  }
}

/** Adds the widths of all edges along one line of a tile. */
function follow(luma: Uint8Array, start: number, stride: number, widths: number[]): void {
  let at = start + stride
  const end = start + (tileSide - 1) * stride
  while (at < end) {
    const slope = (luma[at] as number) - (luma[at - stride] as number)
    if (slope < leastSlope && slope > -leastSlope) {
      at += stride
      continue
    }
    const sign = slope > 0 ? 1 : -1
    let from = at - stride
    let to = at
    let steepest = slope * sign
    while (to < end && to - at < reach * stride) {
      const next = ((luma[to + stride] as number) - (luma[to] as number)) * sign
      if (next <= 0) break
      if (next > steepest) steepest = next
      to += stride
    }
    while (from > start && at - from < reach * stride) {
      const before = ((luma[from] as number) - (luma[from - stride] as number)) * sign
      if (before <= 0) break
      if (before > steepest) steepest = before
      from -= stride
    }
    const rise = ((luma[to] as number) - (luma[from] as number)) * sign
    if (rise >= 20) widths.push(rise / steepest)
    at = to + stride
  }
}
