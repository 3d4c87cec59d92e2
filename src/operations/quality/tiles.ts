import { type Plane, tileSide } from './plane.ts'

/** A square of the picture that is looked at closely. */
export interface Tile {
  readonly left: number
  readonly top: number
  /** Mean difference of neighbours, in steps of 0–255. */
  readonly activity: number
}

/** So many spread evenly, and so many of the liveliest: what is sharp may be a small part of the picture. */
const spreadTiles = 44
const livelyTiles = 20

/** The squares that stand for the whole picture, always the same ones; all of them in small pictures. */
export function chooseTiles(plane: Plane): Tile[] {
  const columns = Math.floor(plane.width / tileSide)
  const rows = Math.floor(plane.height / tileSide)
  const startX = (plane.width - columns * tileSide) >> 1
  const startY = (plane.height - rows * tileSide) >> 1
  const all = Array.from({ length: columns * rows }, (_, index): Tile => {
    const left = startX + (index % columns) * tileSide
    const top = startY + Math.floor(index / columns) * tileSide
    return { left, top, activity: activityOf(plane, left, top) }
  })
  if (all.length <= spreadTiles + livelyTiles) return all
  const lively = new Set([...all].sort((a, b) => b.activity - a.activity).slice(0, livelyTiles))
  const rest = all.filter((tile) => !lively.has(tile))
  const spread = Array.from(
    { length: spreadTiles },
    (_, index) => rest[Math.floor(((index + 0.5) * rest.length) / spreadTiles)],
  )
  return [...lively, ...spread.filter((tile) => tile !== undefined)]
}

function activityOf({ luma, width }: Plane, left: number, top: number): number {
  let sum = 0
  for (let y = 2; y < tileSide; y += 6) {
    const row = (top + y) * width + left
    for (let x = 1; x < tileSide; x += 2) {
      const here = luma[row + x] as number
      sum += Math.abs(here - (luma[row + x - 1] as number)) + Math.abs(here - (luma[row + x - width] as number))
    }
  }
  return sum / (Math.ceil((tileSide - 2) / 6) * (tileSide / 2) * 2)
}
