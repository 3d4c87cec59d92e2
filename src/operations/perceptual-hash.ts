const side = 32
const kept = 8

/** cos((2x + 1) u π / 64) for u = 1…8, of the DCT-II. */
const cosines = Float64Array.from({ length: kept * side }, (_, index) => {
  const frequency = Math.floor(index / side) + 1
  return Math.cos(((2 * (index % side) + 1) * frequency * Math.PI) / (2 * side))
})

// Below this a coefficient is rounding of a flat picture, not something seen.
const silence = 0.5

/**
 * Perceptual hashes of 32×32 grey pixels after C. Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions"
 * (2010, the hash of pHash.org): the 8×8 lowest frequencies of a DCT without those of rows and columns alone, each bit telling
 * whether one lies above their median. The eight are those of the picture turned by EXIF orientation 1–8, which in the
 * frequencies is a change of signs and places. As 16 hex digits.
 */
export function perceptualHashes(grey: Uint8Array): string[] {
  const block = transform(grey)
  return orientations.map(({ isTransposed, across, down }) => {
    const turned = Float64Array.from(block, (_, index) => {
      const [row, column] = [index >> 3, index & 7]
      const value = block[isTransposed ? column * kept + row : index] ?? 0
      // A mirrored picture has its odd frequencies with the other sign; frequencies begin at 1 here.
      const sign = (across && column % 2 === 0 ? -1 : 1) * (down && row % 2 === 0 ? -1 : 1)
      return value * sign
    })
    return bits(turned)
  })
}

/** What each orientation does to a picture: exchange of rows and columns first, then mirrors across and down. */
const orientations = [
  { isTransposed: false, across: false, down: false },
  { isTransposed: false, across: true, down: false },
  { isTransposed: false, across: true, down: true },
  { isTransposed: false, across: false, down: true },
  { isTransposed: true, across: false, down: false },
  { isTransposed: true, across: true, down: false },
  { isTransposed: true, across: true, down: true },
  { isTransposed: true, across: false, down: true },
] as const

function transform(grey: Uint8Array): Float64Array {
  const rows = new Float64Array(side * kept)
  for (let y = 0; y < side; y++) {
    for (let u = 0; u < kept; u++) {
      let sum = 0
      for (let x = 0; x < side; x++) sum += (grey[y * side + x] ?? 0) * (cosines[u * side + x] ?? 0)
      rows[y * kept + u] = sum
    }
  }
  const block = new Float64Array(kept * kept)
  for (let v = 0; v < kept; v++) {
    for (let u = 0; u < kept; u++) {
      let sum = 0
      for (let y = 0; y < side; y++) sum += (rows[y * kept + u] ?? 0) * (cosines[v * side + y] ?? 0)
      const value = sum / (side / 2)
      block[v * kept + u] = Math.abs(value) < silence ? 0 : value
    }
  }
  return block
}

function bits(values: Float64Array): string {
  const sorted = Float64Array.from(values).sort()
  const median = ((sorted[31] ?? 0) + (sorted[32] ?? 0)) / 2
  let hash = 0n
  for (const value of values) hash = (hash << 1n) | (value > median ? 1n : 0n)
  return hash.toString(16).padStart(16, '0')
}

/** The difference hash of 9×8 grey pixels (N. Krawetz, "Kind of Like That", 2013), as 16 hex digits, row by row. */
export function differenceHash(grey: Uint8Array): string {
  let hash = 0n
  for (let y = 0; y < 8; y++) {
    for (let x = 0; x < 8; x++) {
      hash = (hash << 1n) | ((grey[y * 9 + x] ?? 0) < (grey[y * 9 + x + 1] ?? 0) ? 1n : 0n)
    }
  }
  return hash.toString(16).padStart(16, '0')
}
