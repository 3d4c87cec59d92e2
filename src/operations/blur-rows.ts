/** A binomial-like bell of 5 samples with a standard deviation of 1.1. */
const [middle, near, far] = [0.337, 0.236, 0.0955]
const taps = 5

/**
 * Blurs several quantities of one picture at once, in both directions, holding only a few rows of each. `fill` writes the
 * rows of the quantities at `y`; `take` gets them blurred, two rows later and in the same order, so that it may write over
 * what `fill` reads. What lies outside the picture is as its edge.
 */
export function blurRows(
  size: { readonly width: number; readonly height: number },
  quantities: number,
  fill: (y: number, rows: readonly Float32Array[]) => void,
  take: (y: number, rows: readonly Float32Array[]) => void,
): void {
  const { width, height } = size
  const rowsOf = (length: number): Float32Array[] => Array.from({ length: quantities }, () => new Float32Array(length))
  const filled = rowsOf(width)
  const blurred = rowsOf(width)
  const ring = Array.from({ length: taps }, () => rowsOf(width))
  const ringAt = (y: number): readonly Float32Array[] => ring[Math.min(height - 1, Math.max(0, y)) % taps] ?? []
  for (let y = 0; y < height + 2; y++) {
    if (y < height) {
      fill(y, filled)
      for (const [index, row] of ringAt(y).entries()) blurRow(filled[index] ?? row, row)
    }
    if (y < 2) continue
    const [above2, above, own, below, below2] = [-4, -3, -2, -1, 0].map((step) => ringAt(y + step))
    for (const [index, to] of blurred.entries()) {
      addRows(to, [above2?.[index], above?.[index], own?.[index], below?.[index], below2?.[index]])
    }
    take(y - 2, blurred)
  }
}

function blurRow(from: Float32Array, to: Float32Array): void {
  const last = from.length - 1
  const at = (x: number): number => from[Math.max(0, Math.min(last, x))] as number
  for (let x = 0; x <= last; x++) {
    // The middle of the row, where nearly all samples are, goes without a look at the ends.
    if (x === 2) x = blurMiddle(from, to)
    if (x <= last) to[x] = middle * at(x) + near * (at(x - 1) + at(x + 1)) + far * (at(x - 2) + at(x + 2))
  }
}

/** From the third sample on to the third last; gives the place behind. */
function blurMiddle(from: Float32Array, to: Float32Array): number {
  let x = 2
  for (; x < from.length - 2; x++) {
    // In bounds by the loop; a check for each sample would double the time.
    to[x] =
      middle * (from[x] as number) +
      near * ((from[x - 1] as number) + (from[x + 1] as number)) +
      far * ((from[x - 2] as number) + (from[x + 2] as number))
  }
  return x
}

function addRows(to: Float32Array, rows: readonly (Float32Array | undefined)[]): void {
  const [above2 = to, above = to, own = to, below = to, below2 = to] = rows
  for (let x = 0; x < to.length; x++) {
    to[x] =
      middle * (own[x] as number) +
      near * ((above[x] as number) + (below[x] as number)) +
      far * ((above2[x] as number) + (below2[x] as number))
  }
}
