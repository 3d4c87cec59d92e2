import { MediaError } from '../../errors.ts'

/** More tiles than this nobody looks at, and a player would load for minutes. */
const mostTiles = 5000
/** So many by themselves, and not closer than a second. */
const usualTiles = 100
const leastUsualMs = 1000

/** When tiles of a film are taken, at even distances from its beginning. */
export interface Rhythm {
  readonly intervalMs: number
  readonly moments: readonly number[]
  /** Until when the last one is shown. */
  readonly endMs: number
}

/**
 * The moments of a sprite; without an interval about a hundred. A film whose length is not known, or one of a single picture,
 * has one tile. Throws PARAMS_INVALID where it would be too many.
 */
export function rhythmOf(durationMs: number | undefined, wantedMs: number | undefined): Rhythm {
  const length = durationMs ?? 0
  const intervalMs = wantedMs ?? Math.max(leastUsualMs, Math.ceil(length / usualTiles))
  // The last tile stands for a little more rather than a further one for next to nothing.
  const count = Math.max(1, Math.ceil(length / intervalMs - 0.1))
  if (count > mostTiles) {
    const least = Math.ceil(length / mostTiles)
    const sum = `An interval of ${intervalMs} ms makes ${count} tiles of this film, and at most ${mostTiles} are made`
    throw new MediaError('PARAMS_INVALID', [`${sum}: take at least ${least} ms.`])
  }
  const moments = Array.from({ length: count }, (_, at) => at * intervalMs)
  return { intervalMs, moments, endMs: length > 0 ? length : intervalMs }
}

/** How tiles lie on sheets. */
export interface Layout {
  readonly tile: Size
  readonly columns: number
  /** Of a full sheet. */
  readonly rows: number
}

/** In pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** A sheet of this size is decoded by every browser, and holds a hundred usual tiles, upright ones too. */
const sheetPixels = 5_000_000
/** What phones take for one side of a picture; WebP itself ends at 16,383. */
const sheetSide = 8192
/** Of very high pictures. */
const tileHeight = 1080

/** Fits tiles of a film on sheets; they keep its aspect and are not enlarged. */
export function layoutFor(film: Size, wanted: { readonly width: number; readonly columns: number }): Layout {
  const scale = Math.min(1, wanted.width / film.width, tileHeight / film.height)
  const tile = { width: sideOf(film.width * scale), height: sideOf(film.height * scale) }
  const columns = Math.max(1, Math.min(wanted.columns, Math.floor(sheetSide / tile.width)))
  const byPixels = Math.floor(sheetPixels / (columns * tile.width * tile.height))
  return { tile, columns, rows: Math.max(1, Math.min(byPixels, Math.floor(sheetSide / tile.height))) }
}

const sideOf = (length: number): number => Math.max(1, Math.round(length))
