/** Coefficients come out multiplied with 8 · scale[u] · scale[v]; `inverse` takes them so and gives samples times 64. */
export const scales: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7].map((at) =>
  at === 0 ? 1 : Math.SQRT2 * Math.cos((at * Math.PI) / 16),
)

/**
 * The cosine transform of a block of 8×8 in place, after Y. Arai, T. Agui and M. Nakajima (1988), whose factors cancel out
 * when the inverse follows.
 */
export function forward(block: Float32Array): void {
  for (let row = 0; row < 64; row += 8) forwardLine(block, row, 1)
  for (let column = 0; column < 8; column++) forwardLine(block, column, 8)
}

/** The way back, in place. */
export function inverse(block: Float32Array): void {
  for (let column = 0; column < 8; column++) inverseLine(block, column, 8)
  for (let row = 0; row < 64; row += 8) inverseLine(block, row, 1)
}

// In bounds by the loops above, and a check for each sample would double the time of all.
function forwardLine(block: Float32Array, start: number, step: number): void {
  const d0 = block[start] as number
  const d1 = block[start + step] as number
  const d2 = block[start + 2 * step] as number
  const d3 = block[start + 3 * step] as number
  const d4 = block[start + 4 * step] as number
  const d5 = block[start + 5 * step] as number
  const d6 = block[start + 6 * step] as number
  const d7 = block[start + 7 * step] as number
  const s07 = d0 + d7
  const s16 = d1 + d6
  const s25 = d2 + d5
  const s34 = d3 + d4
  const even0 = s07 + s34
  const even3 = s07 - s34
  const even1 = s16 + s25
  const even2 = s16 - s25
  const turned = (even2 + even3) * Math.SQRT1_2
  block[start] = even0 + even1
  block[start + 4 * step] = even0 - even1
  block[start + 2 * step] = even3 + turned
  block[start + 6 * step] = even3 - turned
  const t7 = d0 - d7
  const t6 = d1 - d6
  const t5 = d2 - d5
  const t4 = d3 - d4
  const odd0 = t4 + t5
  const odd1 = t5 + t6
  const odd2 = t6 + t7
  const z5 = (odd0 - odd2) * 0.3826834323650898
  const z2 = 0.541196100146197 * odd0 + z5
  const z4 = 1.3065629648763766 * odd2 + z5
  const z3 = odd1 * Math.SQRT1_2
  const z11 = t7 + z3
  const z13 = t7 - z3
  block[start + 5 * step] = z13 + z2
  block[start + 3 * step] = z13 - z2
  block[start + step] = z11 + z4
  block[start + 7 * step] = z11 - z4
}

function inverseLine(block: Float32Array, start: number, step: number): void {
  const i0 = block[start] as number
  const i1 = block[start + step] as number
  const i2 = block[start + 2 * step] as number
  const i3 = block[start + 3 * step] as number
  const i4 = block[start + 4 * step] as number
  const i5 = block[start + 5 * step] as number
  const i6 = block[start + 6 * step] as number
  const i7 = block[start + 7 * step] as number
  const a0 = i0 + i4
  const a1 = i0 - i4
  const a3 = i2 + i6
  const a2 = (i2 - i6) * Math.SQRT2 - a3
  const even0 = a0 + a3
  const even3 = a0 - a3
  const even1 = a1 + a2
  const even2 = a1 - a2
  const z13 = i5 + i3
  const z10 = i5 - i3
  const z11 = i1 + i7
  const z12 = i1 - i7
  const odd7 = z11 + z13
  const z5 = (z10 + z12) * 1.8477590650225735
  const odd6 = z5 - z10 * 2.613125929752753 - odd7
  const odd5 = (z11 - z13) * Math.SQRT2 - odd6
  const odd4 = z5 - z12 * 1.0823922002923938 - odd5
  block[start] = even0 + odd7
  block[start + 7 * step] = even0 - odd7
  block[start + step] = even1 + odd6
  block[start + 6 * step] = even1 - odd6
  block[start + 2 * step] = even2 + odd5
  block[start + 5 * step] = even2 - odd5
  block[start + 3 * step] = even3 + odd4
  block[start + 4 * step] = even3 - odd4
}
