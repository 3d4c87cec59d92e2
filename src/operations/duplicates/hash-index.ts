/** Bits of a hash, and how they are divided for the search. */
const chunks = 4
const chunkBits = 16

/**
 * Finds all 64-bit hashes within a Hamming distance, exactly: multi-index hashing after M. Norouzi, A. Punjani and D. Fleet,
 * "Fast Exact Search in Hamming Space with Multi-Index Hashing" (2014). Hashes are cut into four pieces of 16 bits, each with a
 * table; hashes that differ in at most r bits agree in one of their pieces up to r / 4 bits, so that few entries are looked at.
 * Each hash should stand in it once: equal ones belong together outside.
 */
export class HashIndex {
  readonly #tables: readonly Table[]

  /** `hashes` holds two 32-bit halves of each hash, the upper one first. */
  constructor(hashes: Uint32Array) {
    this.#tables = Array.from({ length: chunks }, (_, chunk) => tableOf(hashes, chunk))
  }

  /** Calls `visit` once with the place of every hash that differs in at most `radius` bits, in no particular order. */
  search(upper: number, lower: number, radius: number, visit: (place: number) => void): void {
    // Of r = 4k + a bits that differ, either one of the first a + 1 pieces has at most k, or one of the others at most k − 1.
    const reach = (chunk: number) => Math.floor(radius / chunks) - (chunk <= radius % chunks ? 0 : 1)
    for (const [chunk, { starts, hashes, places }] of this.#tables.entries()) {
      if (reach(chunk) < 0) continue
      const piece = pieceOf(upper, lower, chunk)
      const masks = masksUpTo(reach(chunk))
      // Here and below: in bounds by the tables' making, and this loop is where all the time goes.
      for (let index = 0; index < masks.length; index++) {
        const bucket = piece ^ (masks[index] as number)
        const end = starts[bucket + 1] as number
        for (let at = starts[bucket] as number; at < end; at++) {
          const high = upper ^ (hashes[2 * at] as number)
          const low = lower ^ (hashes[2 * at + 1] as number)
          if (bitsOf(high) + bitsOf(low) > radius) continue
          // An earlier table has led here already.
          if (chunk > 0 && bitsOf(high >>> chunkBits) <= reach(0)) continue
          if (chunk > 1 && bitsOf(high & 0xffff) <= reach(1)) continue
          if (chunk > 2 && bitsOf(low >>> chunkBits) <= reach(2)) continue
          visit(places[at] as number)
        }
      }
    }
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

/** Entries sorted by one piece, so that those of a bucket lie side by side. */
interface Table {
  /** Where each bucket begins; the next one's beginning is its end. */
  readonly starts: Uint32Array
  /** Two halves each, as they were given. */
  readonly hashes: Uint32Array
  readonly places: Uint32Array
}

function tableOf(hashes: Uint32Array, chunk: number): Table {
  const count = hashes.length / 2
  const starts = new Uint32Array(2 ** chunkBits + 1)
  const pieceAt = (place: number) => pieceOf(hashes[2 * place] as number, hashes[2 * place + 1] as number, chunk)
  for (let place = 0; place < count; place++) {
    const after = pieceAt(place) + 1
    starts[after] = (starts[after] as number) + 1
  }
  for (let bucket = 0; bucket < 2 ** chunkBits; bucket++) {
    starts[bucket + 1] = (starts[bucket + 1] as number) + (starts[bucket] as number)
  }
  const next = starts.slice()
  const [sorted, places] = [new Uint32Array(2 * count), new Uint32Array(count)]
  for (let place = 0; place < count; place++) {
    const piece = pieceAt(place)
    const at = next[piece] as number
    next[piece] = at + 1
    places[at] = place
    sorted[2 * at] = hashes[2 * place] as number
    sorted[2 * at + 1] = hashes[2 * place + 1] as number
  }
  return { starts, hashes: sorted, places }
}

const pieceOf = (upper: number, lower: number, chunk: number): number => {
  const half = chunk < 2 ? upper : lower
  return chunk % 2 === 0 ? half >>> chunkBits : half & 0xffff
}

/** All 16-bit numbers with at most so many bits set, in their order, so that buckets are visited in runs. */
function masksUpTo(bits: number): Uint16Array {
  const known = masks[bits]
  if (known) return known
  const all = Uint16Array.from({ length: 2 ** chunkBits }, (_, mask) => mask)
  const made = all.filter((mask) => bitsOf(mask) <= bits)
  masks[bits] = made
  return made
}

const masks: Uint16Array[] = []
