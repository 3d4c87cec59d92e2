import { describe, expect, it } from 'vitest'
import { bitsOf, HashIndex, halvesOf } from './hash-index.ts'

/** Numbers that look drawn by chance, the same every time. */
function numbers(seed: number) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.imul(state ^ (state >>> 15), 2246822519) >>> 0
  }
}

/** Hashes in clusters: some by chance, each followed by a few that differ from it in up to so many bits. */
function clustered(count: number, seed: number): Uint32Array {
  const next = numbers(seed)
  const hashes = new Uint32Array(2 * count)
  for (let at = 0; at < count; at++) {
    if (at % 5 === 0) hashes.set([next(), next()], 2 * at)
    else {
      const origin = at - (at % 5)
      hashes.set(hashes.subarray(2 * origin, 2 * origin + 2), 2 * at)
      for (let flip = next() % 16; flip > 0; flip--) {
        const half = 2 * at + (next() & 1)
        hashes[half] = (hashes[half] ?? 0) ^ (1 << (next() & 31))
      }
    }
  }
  return hashes
}

const distanceAt = (hashes: Uint32Array, one: number, other: number): number =>
  bitsOf((hashes[2 * one] ?? 0) ^ (hashes[2 * other] ?? 0)) +
  bitsOf((hashes[2 * one + 1] ?? 0) ^ (hashes[2 * other + 1] ?? 0))

function found(hashes: Uint32Array, radius: number): string[] {
  const index = new HashIndex(hashes)
  const pairs: string[] = []
  for (let at = 0; at < hashes.length / 2; at++) {
    index.search(hashes[2 * at] ?? 0, hashes[2 * at + 1] ?? 0, radius, (place) => pairs.push(`${at} ${place}`))
  }
  return pairs.sort()
}

function byBruteForce(hashes: Uint32Array, radius: number): string[] {
  const count = hashes.length / 2
  return Array.from({ length: count }, (_, one) =>
    Array.from({ length: count }, (_, other) => (distanceAt(hashes, one, other) <= radius ? [`${one} ${other}`] : [])),
  )
    .flat(2)
    .sort()
}

describe('HashIndex', () => {
  it.each([0, 1, 2, 3, 4, 5, 7, 8, 10, 11, 13, 14, 16])('finds every hash within %i bits, each once', (radius) => {
    const hashes = clustered(700, 11 + radius)
    const expected = byBruteForce(hashes, radius)
    expect(found(hashes, radius)).toEqual(expected)
    // Each finds itself; the clusters must give more than that.
    expect(expected.length).toBeGreaterThan(700)
  })

  it('finds the farthest of a ball, wherever its bits differ', () => {
    for (let seed = 1; seed < 200; seed++) {
      const next = numbers(seed)
      const hashes = new Uint32Array([next(), next(), 0, 0])
      hashes.set(hashes.subarray(0, 2), 2)
      const places = new Set<number>()
      while (places.size < 10) places.add(next() % 64)
      for (const place of places) {
        const half = 2 + (place >> 5)
        hashes[half] = (hashes[half] ?? 0) ^ (1 << (place & 31))
      }
      expect(distanceAt(hashes, 0, 1)).toBe(10)
      expect(found(hashes, 10), `${seed}`).toHaveLength(4)
      expect(found(hashes, 9), `${seed}`).toHaveLength(2)
    }
  })

  it('answers nothing when it is empty', () => {
    expect(found(new Uint32Array(0), 10)).toEqual([])
    new HashIndex(new Uint32Array(0)).search(1, 2, 10, () => expect.fail())
  })
})

it('cuts a hash of 16 digits into two numbers', () => {
  expect(halvesOf('ffffffff00000001')).toEqual([0xffffffff, 1])
  expect([0, 1, 0xffffffff, 0x80000000, 0x55555555].map(bitsOf)).toEqual([0, 1, 32, 1, 16])
})
