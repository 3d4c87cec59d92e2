import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { KiB, MiB } from '../units.ts'
import { partOf, type Source } from './source.ts'

/** What the content id of a file that is too large to be hashed whole is made of. */
export interface Samples {
  /** Read whole: what is no coded picture or sound, and can be edited where it lies. */
  readonly besides: readonly Stretch[]
  /** Where samples of the coded pictures and sounds lie. */
  readonly media: readonly Stretch[]
}

/**
 * SHA-256 in hex of the content that is held in memory. Of a larger file `s-` and the SHA-256 of its size, its two ends and
 * its samples: enough to find results again, never enough to call two files equal before something is deleted. `also`
 * is given the bytes of the media's samples as they are read.
 */
export function contentIdOf(
  source: Source,
  file: FileHandle,
  { besides, media }: Samples = { besides: [], media: samplesOf([[0, source.bytes]]) },
  also?: (bytes: Buffer) => void,
): string {
  const hash = createHash('sha256')
  if (source.whole) return hash.update(source.whole).digest('hex')
  hash.update(`${source.bytes}:`)
  const ends: Stretch[] = [
    [0, endBytes],
    [source.bytes - endBytes, endBytes],
  ]
  for (const bytes of stretches(source, file, [...ends, ...besides])) hash.update(bytes)
  for (const bytes of stretches(source, file, media)) {
    hash.update(bytes)
    also?.(bytes)
  }
  return `s-${hash.digest('hex')}`
}

/** A part of a file: where it begins and how long it is, in bytes. */
export type Stretch = readonly [start: number, length: number]

const endBytes = 512 * KiB
const sampleCount = 16
const sampleBytes = 64 * KiB

/** 16 samples of 64 KiB, evenly spread over parts of a file as if each followed on the one before; all when that is no more. */
export function samplesOf(parts: readonly Stretch[]): readonly Stretch[] {
  const total = parts.reduce((sum, [, length]) => sum + length, 0)
  if (total <= sampleCount * sampleBytes) return parts
  const step = (total - sampleBytes) / (sampleCount - 1)
  return Array.from({ length: sampleCount }, (_, index) => within(parts, Math.round(index * step), sampleBytes)).flat()
}

/** Where `length` bytes lie that begin `from` bytes after the begin of the first part. */
function within(parts: readonly Stretch[], from: number, length: number): Stretch[] {
  const found: Stretch[] = []
  let before = 0
  for (const [start, partLength] of parts) {
    const [begin, end] = [Math.max(from, before), Math.min(from + length, before + partLength)]
    if (end > begin) found.push([start + begin - before, end - begin])
    before += partLength
  }
  return found
}

/** Where pieces are read to, kept from file to file: fresh memory would cost more than reading into it. */
const room = Buffer.allocUnsafeSlow(MiB)

/** Reads parts of a file in pieces of at most 1 MiB; ends early where the file does. A piece is gone when the next is read. */
export function* stretches(source: Source, file: FileHandle, parts: readonly Stretch[]): Generator<Buffer> {
  for (const [start, length] of parts) {
    for (let at = 0; at < length; at += MiB) {
      const piece = partOf(source, file, start + at, Math.min(MiB, length - at), room)
      if (piece.length > 0) yield piece
    }
  }
}
