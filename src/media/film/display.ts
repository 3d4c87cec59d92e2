import { AV_PKT_DATA_DISPLAYMATRIX } from 'node-av/constants'
import type { CodecParameters } from 'node-av/lib'

/** How coded pixels are brought upright: first exchanged along the diagonal, then mirrored. */
export interface Display {
  /** Degrees clockwise to turn for display, as ffprobe reads it with the sign turned; 0 when upright. */
  readonly rotation: number
  /** To be mirrored top to bottom before it is turned. */
  readonly isFlipped: boolean
  readonly transpose: boolean
  readonly mirrorX: boolean
  readonly mirrorY: boolean
  /** The same as an EXIF orientation, 1–8. */
  readonly orientation: number
}

/** A track without a display matrix. */
export const upright: Display = {
  rotation: 0,
  isFlipped: false,
  transpose: false,
  mirrorX: false,
  mirrorY: false,
  orientation: 1,
}

/** How a track is meant to be turned and mirrored, by its display matrix; angles between are taken to the nearest quarter. */
export function displayOf(parameters: CodecParameters): Display {
  const data = parameters.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX)
  if (data === null || data.length < 36) return upright
  return fromMatrix(Array.from({ length: 9 }, (_, at) => data.readInt32LE(at * 4)))
}

/** The same of the nine numbers of a matrix: x' = a·x + c·y, y' = b·x + d·y. */
export function fromMatrix([a = 0, b = 0, , c = 0, d = 0]: readonly number[]): Display {
  if (a * d - b * c === 0) return upright
  const transpose = Math.abs(b) + Math.abs(c) > Math.abs(a) + Math.abs(d)
  const mirrorX = (transpose ? c : a) < 0
  const mirrorY = (transpose ? b : d) < 0
  const degrees = Math.round((Math.atan2(b, a) * 180) / Math.PI)
  return {
    rotation: (degrees + 360) % 360,
    isFlipped: a * d - b * c < 0,
    transpose,
    mirrorX,
    mirrorY,
    orientation: orientations[(transpose ? 4 : 0) + (mirrorX ? 2 : 0) + (mirrorY ? 1 : 0)] ?? 1,
  }
}

/** EXIF orientation by transposed (4), mirrored in x (2), mirrored in y (1). */
const orientations = [1, 4, 2, 3, 5, 8, 6, 7]
