import type { Pixels } from '../picture.ts'
import type { HeifTransform } from './heif-boxes.ts'

/** Whether an EXIF orientation swaps width and height. */
export const swapsSides = (orientation: number): boolean => orientation >= 5

/** Turns and mirrors pixels as an EXIF orientation 1–8 asks for; 1 gives the same object back. */
export function orientPixels(pixels: Pixels, orientation: number): Pixels {
  const move = moves[orientation]
  if (orientation === 1 || !move) return pixels
  const { width, height, channels, data } = pixels
  const [toWidth, toHeight] = swapsSides(orientation) ? [height, width] : [width, height]
  const oriented = Buffer.allocUnsafe(data.length)
  // Where the walk over the target begins in the source, and how far one step right and one step down go there.
  const { start, right, down } = move(width, height)
  for (let y = 0, to = 0; y < toHeight; y++) {
    for (let x = 0; x < toWidth; x++) {
      const from = (start + x * right + y * down) * channels
      for (let channel = 0; channel < channels; channel++) oriented[to++] = data[from + channel] ?? 0
    }
  }
  return { data: oriented, width: toWidth, height: toHeight, channels }
}

interface Walk {
  readonly start: number
  readonly right: number
  readonly down: number
}

const moves: Readonly<Record<number, (width: number, height: number) => Walk>> = {
  2: (width) => ({ start: width - 1, right: -1, down: width }),
  3: (width, height) => ({ start: width * height - 1, right: -1, down: -width }),
  4: (width, height) => ({ start: (height - 1) * width, right: 1, down: -width }),
  5: (width) => ({ start: 0, right: width, down: 1 }),
  6: (width, height) => ({ start: (height - 1) * width, right: -width, down: 1 }),
  7: (width, height) => ({ start: width * height - 1, right: -width, down: -1 }),
  8: (width) => ({ start: width - 1, right: width, down: -1 }),
}

/** The EXIF orientation that does the same as a HEIF item's turns and mirrors, done one after the other. */
export function orientationOfTransforms(transforms: readonly HeifTransform[]): number {
  let orientation = 1
  for (const transform of transforms) {
    const next =
      'mirror' in transform ? (transform.mirror === 'horizontal' ? 2 : 4) : ([1, 8, 3, 6][transform.turns] ?? 1)
    orientation = compose(orientation, next)
  }
  return orientation
}

/** Each orientation as a 2×2 matrix on (x right, y down): where a source step right and a step down go. */
const matrices: readonly (readonly [number, number, number, number])[] = [
  [1, 0, 0, 1],
  [-1, 0, 0, 1],
  [-1, 0, 0, -1],
  [1, 0, 0, -1],
  [0, 1, 1, 0],
  [0, -1, 1, 0],
  [0, -1, -1, 0],
  [0, 1, -1, 0],
]

function compose(first: number, second: number): number {
  const [a, b, c, d] = matrices[first - 1] ?? [1, 0, 0, 1]
  const [e, f, g, h] = matrices[second - 1] ?? [1, 0, 0, 1]
  const product = [e * a + f * c, e * b + f * d, g * a + h * c, g * b + h * d]
  return 1 + matrices.findIndex((matrix) => matrix.every((value, index) => value === product[index]))
}
