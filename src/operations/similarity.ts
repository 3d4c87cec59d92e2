import { greyInto, toGrey } from '../media/picture/pixels.ts'
import type { Pixels } from '../media/picture.ts'

/** Peak signal-to-noise ratio in dB of 8-bit samples by the sum of their squared differences; infinite when it is 0. */
export const psnrOf = (squares: number, samples: number): number => 10 * Math.log10((255 * 255 * samples) / squares)

/** Side of a block, and how many sums are kept of it: of a, of b, of both squares, of a × b. */
const [side, kept] = [4, 4]

/**
 * SSIM of luma by Z. Wang et al., "Image quality assessment: from error visibility to structural similarity" (2004), in the form
 * of x264 and FFmpeg: means over windows of 8×8 that lie 4 apart, each made of four blocks of 4×4. What is left at the
 * right and the bottom, less than 4 wide, is not looked at; a picture without room for a window is a window itself. 1 for equal
 * pictures; both have the same size.
 */
export function ssimOf(a: Pixels, b: Pixels): number {
  if (a.width !== b.width || a.height !== b.height) throw new Error('pictures of equal size are compared')
  const { width, height } = a
  const columns = Math.floor(width / side)
  const rows = Math.floor(height / side)
  if (columns < 2 || rows < 2) return wholeSsim(toGrey(a).data, toGrey(b).data)
  // Luma of a row of blocks at a time: of large pictures the whole would be written to memory and read again.
  const [one, other] = [new Uint8Array(side * width), new Uint8Array(side * width)]
  let above = new Int32Array(columns * kept)
  let below = new Int32Array(columns * kept)
  let total = 0
  for (let row = 0; row < rows; row++) {
    greyInto(one, a, row * side * width)
    greyInto(other, b, row * side * width)
    sumBlocks(one, other, width, below)
    if (row > 0) total += sumWindows(above, below, columns - 1)
    ;[above, below] = [below, above]
  }
  return total / ((columns - 1) * (rows - 1))
}

/** The sums of each block in four rows of luma. */
function sumBlocks(a: Uint8Array, b: Uint8Array, width: number, sums: Int32Array): void {
  for (let to = 0, left = 0; to < sums.length; to += kept, left += side) {
    let sumA = 0
    let sumB = 0
    let squares = 0
    let products = 0
    for (let row = 0, at = left; row < side; row++, at += width) {
      // In bounds by the loops, and written out: a loop over the four samples takes half as long again.
      const a0 = a[at] as number
      const a1 = a[at + 1] as number
      const a2 = a[at + 2] as number
      const a3 = a[at + 3] as number
      const b0 = b[at] as number
      const b1 = b[at + 1] as number
      const b2 = b[at + 2] as number
      const b3 = b[at + 3] as number
      sumA += a0 + a1 + a2 + a3
      sumB += b0 + b1 + b2 + b3
      squares += a0 * a0 + a1 * a1 + a2 * a2 + a3 * a3 + b0 * b0 + b1 * b1 + b2 * b2 + b3 * b3
      products += a0 * b0 + a1 * b1 + a2 * b2 + a3 * b3
    }
    sums[to] = sumA
    sums[to + 1] = sumB
    sums[to + 2] = squares
    sums[to + 3] = products
  }
}

/** The sum of the SSIM of all windows that two rows of blocks make. */
function sumWindows(above: Int32Array, below: Int32Array, count: number): number {
  const sumAt = (at: number): number =>
    (above[at] as number) + (above[at + kept] as number) + (below[at] as number) + (below[at + kept] as number)
  let total = 0
  for (let window = 0, at = 0; window < count; window++, at += kept) {
    total += ssimOfSums(sumAt(at), sumAt(at + 1), sumAt(at + 2), sumAt(at + 3), 64, c1, c2)
  }
  return total
}

// Rounded as x264 does it.
const c1 = Math.floor(0.01 ** 2 * 255 ** 2 * 64 + 0.5)
const c2 = Math.floor(0.03 ** 2 * 255 ** 2 * 64 * 63 + 0.5)

function ssimOfSums(
  sumA: number,
  sumB: number,
  squares: number,
  products: number,
  count: number,
  c1: number,
  c2: number,
): number {
  const product = sumA * sumB
  const ownSquares = sumA * sumA + sumB * sumB
  const variances = squares * count - ownSquares
  const covariance = products * count - product
  return ((2 * product + c1) * (2 * covariance + c2)) / ((ownSquares + c1) * (variances + c2))
}

function wholeSsim(a: Uint8Array, b: Uint8Array): number {
  let [sumA, sumB, squares, products] = [0, 0, 0, 0]
  for (let at = 0; at < a.length; at++) {
    const one = a[at] as number
    const other = b[at] as number
    sumA += one
    sumB += other
    squares += one * one + other * other
    products += one * other
  }
  const count = a.length
  // With one sample there is no variance to compare.
  const spread = Math.max(1, count - 1)
  return ssimOfSums(sumA, sumB, squares, products, count, (0.01 * 255) ** 2 * count, (0.03 * 255) ** 2 * count * spread)
}
