import { bitsOf, HashIndex } from '../src/operations/duplicates/hash-index.ts'
import { type BenchContext, defineBench, type Figure } from './bench.ts'
import { compareTimes, interleave, pick } from './measure.ts'

/** The default of `duplicates`: hashes of copies differ in at most so many of their 64 bits. */
const radius = 10

/** A search in which every hash asks for its neighbours has this long. */
const limitMs = 2000

/** All pairs of close perceptual hashes: the index against comparing each with each. */
export const duplicatesBench = defineBench({
  name: 'duplicates',
  summary: 'close pairs among perceptual hashes',
  sizes: { hashes: 100_000, equal: 10_000 },

  async *run(context) {
    const { hashes: count, equal } = context.sizes
    context.material(`${count} hashes of 64 bits drawn by code, a third of them in clusters, within ${radius} bits`)
    const hashes = drawHashes(count)
    yield* await search(`close pairs of ${count} hashes`, hashes, context)
    // What a thousand black frames or a long series would do, were equal hashes not gathered first.
    const crowded = hashes.slice()
    for (let at = 1; at < Math.min(equal, count); at++) crowded.copyWithin(2 * at, 0, 2)
    yield* await search(`close pairs of ${count} hashes, ${equal} of them equal`, crowded, context)
  },
})

type Sizes = { readonly hashes: number; readonly equal: number }

async function search(figure: string, hashes: Uint32Array, { runs, note }: BenchContext<Sizes>): Promise<Figure[]> {
  const { index, brute } = await interleave(
    {
      index: {
        async run() {
          const startedAt = performance.now()
          const found = byIndex(hashes)
          return { wholeMs: performance.now() - startedAt, ...found }
        },
      },
      brute: {
        async run() {
          const startedAt = performance.now()
          const found = byBruteForce(hashes)
          return { wholeMs: performance.now() - startedAt, ...found }
        },
        rounds: 2,
      },
    },
    runs,
    note,
  )
  for (const { pairs, sum } of brute) {
    if (index.some((found) => found.pairs !== pairs || found.sum !== sum)) throw new Error('the index missed pairs')
  }
  const times = pick(index, 'wholeMs')
  return [
    {
      figure,
      unit: 'ms',
      against: 'each with each',
      target: 5,
      ...compareTimes(times, pick(brute, 'wholeMs')),
    },
    {
      figure: `${figure}, in time`,
      unit: 'ms',
      against: 'two seconds',
      target: 1,
      ...compareTimes(
        times,
        times.map(() => limitMs),
      ),
    },
  ]
}

/** How many pairs there are, and a number that hangs on which ones: equal for equal sets of pairs. */
interface Found {
  readonly pairs: number
  readonly sum: number
}

/** As `duplicates` searches: equal hashes are one, and each asks the index for its neighbours. */
function byIndex(hashes: Uint32Array): Found & Record<string, number> {
  const places = new Map<bigint, number[]>()
  for (let at = 0; at < hashes.length / 2; at++) {
    const hash = (BigInt(hashes[2 * at] as number) << 32n) | BigInt(hashes[2 * at + 1] as number)
    const known = places.get(hash)
    if (known) known.push(at)
    else places.set(hash, [at])
  }
  const groups = [...places.values()]
  const unique = Uint32Array.from(
    groups.flatMap(([at = 0]) => [hashes[2 * at] as number, hashes[2 * at + 1] as number]),
  )
  const index = new HashIndex(unique)
  let [pairs, sum] = [0, 0]
  for (const [at, group] of groups.entries()) {
    pairs += (group.length * (group.length - 1)) / 2
    for (const [after, one] of group.entries()) sum = mixed(sum, one, group, after + 1)
    index.search(unique[2 * at] as number, unique[2 * at + 1] as number, radius, (other) => {
      if (other <= at) return
      const theirs = groups[other] as number[]
      pairs += group.length * theirs.length
      for (const one of group) sum = mixed(sum, one, theirs, 0)
    })
  }
  return { pairs, sum }
}

function mixed(sum: number, one: number, others: readonly number[], from: number): number {
  let mix = sum
  for (let at = from; at < others.length; at++) mix = (mix + markOf(one, others[at] as number)) >>> 0
  return mix
}

function byBruteForce(hashes: Uint32Array): Found & Record<string, number> {
  const count = hashes.length / 2
  let [pairs, sum] = [0, 0]
  for (let one = 0; one < count; one++) {
    const [upper, lower] = [hashes[2 * one] as number, hashes[2 * one + 1] as number]
    for (let other = one + 1; other < count; other++) {
      const distance = bitsOf(upper ^ (hashes[2 * other] as number)) + bitsOf(lower ^ (hashes[2 * other + 1] as number))
      if (distance > radius) continue
      pairs++
      sum = (sum + markOf(one, other)) >>> 0
    }
  }
  return { pairs, sum }
}

/** A number for a pair that hardly any other pair has, whichever comes first. */
function markOf(one: number, other: number): number {
  const [less, more] = one < other ? [one, other] : [other, one]
  return Math.imul(Math.imul(less + 1, 0x9e3779b1) ^ more, 0x85ebca6b) >>> 0
}

/** Every third hash is followed by two that differ from it in a few bits; the rest have nothing in common. */
function drawHashes(count: number): Uint32Array {
  let state = 7
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.imul(state ^ (state >>> 15), 2246822519) >>> 0
  }
  const hashes = Uint32Array.from({ length: 2 * count }, next)
  for (let at = 0; at + 2 < count; at += 9) {
    for (const copy of [at + 1, at + 2]) {
      hashes.copyWithin(2 * copy, 2 * at, 2 * at + 2)
      for (let flips = next() % 14; flips > 0; flips--) {
        const half = 2 * copy + (next() & 1)
        hashes[half] = (hashes[half] as number) ^ (1 << (next() & 31))
      }
    }
  }
  return hashes
}
