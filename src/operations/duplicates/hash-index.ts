/**
 * Finds all 64-bit hashes within a Hamming distance, exactly: multi-index hashing after M. Norouzi, A. Punjani and D. Fleet,
 * "Fast Exact Search in Hamming Space with Multi-Index Hashing" (2014). Hashes are cut into four pieces, each with a table of
 * its own; of hashes that differ in few bits one piece differs in hardly any, so that few entries are looked at. Each hash should
 * stand in it once: equal ones belong together outside.
 */
export class HashIndex {
  readonly #tables: readonly Table[]

  /** `hashes` holds two 32-bit halves of each hash, the upper one first. */
  constructor(hashes: Uint32Array) {
    this.#tables = pieces.map((piece) => tableOf(hashes, piece))
  }

  /** Calls `visit` once with the place of every hash that differs in at most `radius` bits, in no particular order. */
  search(upper: number, lower: number, radius: number, visit: (place: number) => void): void {
    const tables = this.#tables
    for (let number = 0; number < tables.length; number++) {
      // All in bounds by the tables' making; this is where all the time goes.
      const { piece, starts, own, opposite, places } = tables[number] as Table
      const [half, otherHalf] = piece.isUpper ? [upper, lower] : [lower, upper]
      const masks = masksUpTo(reachOf(number, radius))
      const bits = bitsAt(piece, upper, lower)
      for (let at = 0; at < masks.length; at++) {
        const bucket = bits ^ (masks[at] as number)
        const end = starts[bucket + 1] as number
        for (let entry = starts[bucket] as number; entry < end; entry++) {
          // In its own half an entry agrees in one piece already: the other half tells most strangers at once.
          const otherDifference = otherHalf ^ (opposite[entry] as number)
          const otherBits = bitsOf(otherDifference)
          if (otherBits > radius) continue
          const difference = half ^ (own[entry] as number)
          if (otherBits + bitsOf(difference) > radius) continue
          const [high, low] = piece.isUpper ? [difference, otherDifference] : [otherDifference, difference]
          if (!this.#wasFound(number, high, low, radius)) visit(places[entry] as number)
        }
      }
    }
  }

  /** Whether an earlier table has led to a hash that differs in these bits. */
  #wasFound(number: number, high: number, low: number, radius: number): boolean {
    for (let earlier = 0; earlier < number; earlier++) {
      const { piece } = this.#tables[earlier] as Table
      if (bitsOf(bitsAt(piece, high, low)) <= reachOf(earlier, radius)) return true
    }
    return false
  }
}

/** The upper and the lower 32 bits of a hash of 16 hex digits. */
export const halvesOf = (hash: string): readonly [upper: number, lower: number] => [
  Number.parseInt(hash.slice(0, 8), 16),
  Number.parseInt(hash.slice(8), 16),
]

/** How many bits of a 32-bit number are set. */
export function bitsOf(value: number): number {
  let bits = value - ((value >>> 1) & 0x55555555)
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333)
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/**
 * By how many bits a piece may differ. Of r = 4k + a bits either one of the first a + 1 pieces has at most k, or one of
 * the others at most k − 1; below 0 the piece need not be asked.
 */
const reachOf = (number: number, radius: number): number =>
  Math.floor(radius / pieces.length) - (number <= radius % pieces.length ? 0 : 1)

/** Some neighbouring bits of one half. */
interface Piece {
  readonly isUpper: boolean
  readonly shift: number
}

/** Measured over 100,000 hashes: more and shorter pieces need fewer look-ups, but compare more than that saves. */
const width = 16
const pieces: readonly Piece[] = [true, false].flatMap((isUpper) => [
  { isUpper, shift: width },
  { isUpper, shift: 0 },
])

const bitsAt = ({ isUpper, shift }: Piece, upper: number, lower: number): number =>
  ((isUpper ? upper : lower) >>> shift) & 0xffff

/** Entries sorted by one piece, so that those of a bucket lie side by side. */
interface Table {
  readonly piece: Piece
  /** Where each bucket begins; the next one's beginning is its end. */
  readonly starts: Uint32Array
  /** Of each entry the half that the piece is of. */
  readonly own: Uint32Array
  /** The other half. */
  readonly opposite: Uint32Array
  readonly places: Uint32Array
}

function tableOf(hashes: Uint32Array, piece: Piece): Table {
  const count = hashes.length / 2
  const buckets = 2 ** width
  const starts = new Uint32Array(buckets + 1)
  const bucketOf = (place: number) => bitsAt(piece, hashes[2 * place] as number, hashes[2 * place + 1] as number)
  for (let place = 0; place < count; place++) {
    const after = bucketOf(place) + 1
    starts[after] = (starts[after] as number) + 1
  }
  for (let bucket = 0; bucket < buckets; bucket++) {
    starts[bucket + 1] = (starts[bucket + 1] as number) + (starts[bucket] as number)
  }
  const next = starts.slice()
  const [own, opposite, places] = [new Uint32Array(count), new Uint32Array(count), new Uint32Array(count)]
  for (let place = 0; place < count; place++) {
    const bucket = bucketOf(place)
    const at = next[bucket] as number
    next[bucket] = at + 1
    places[at] = place
    own[at] = hashes[2 * place + (piece.isUpper ? 0 : 1)] as number
    opposite[at] = hashes[2 * place + (piece.isUpper ? 1 : 0)] as number
  }
  return { piece, starts, own, opposite, places }
}

/** All 16-bit numbers with at most so many bits set, in their order, so that buckets are visited in runs. */
function masksUpTo(bits: number): Uint16Array {
  const known = masks.get(bits)
  if (known) return known
  const all = Uint16Array.from({ length: 2 ** width }, (_, mask) => mask)
  const made = all.filter((mask) => bitsOf(mask) <= bits)
  masks.set(bits, made)
  return made
}

const masks = new Map<number, Uint16Array>()
