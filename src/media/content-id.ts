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
 * SHA-256 in hex of the content that is held in memory. Of a larger file `s-` and the SHA-256 of its size, its first and last
 * MiB and its samples: enough to find results again, never enough to call two files equal before something is deleted. `also`
 * is given the bytes of the media's samples as they are read.
 */
export async function contentIdOf(
  source: Source,
  file: FileHandle,
  { besides, media }: Samples = { besides: [], media: samplesOf([[0, source.bytes]]) },
  also?: (bytes: Buffer) => void,
): Promise<string> {
  const hash = createHash('sha256')
  if (source.whole) return hash.update(source.whole).digest('hex')
  hash.update(`${source.bytes}:`)
  const ends: Stretch[] = [
    [0, MiB],
    [source.bytes - MiB, MiB],
  ]
  for await (const bytes of stretches(source, file, [...ends, ...besides])) hash.update(bytes)
  for await (const bytes of stretches(source, file, media)) {
    hash.update(bytes)
    also?.(bytes)
  }
  return `s-${hash.digest('hex')}`
}

/** A part of a file: where it begins and how long it is, in bytes. */
export type Stretch = readonly [start: number, length: number]

const sampleCount = 16
const sampleBytes = 128 * KiB

/** 16 samples of 128 KiB, evenly spread over parts of a file as if each followed on the one before; all when that is no more. */
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

const chunk = MiB

/**
 * Reads parts of a file in pieces of at most 1 MiB, the next one while one is worked on; ends early where the file does. A
 * piece is gone when the next is asked for.
 */
export async function* stretches(source: Source, file: FileHandle, parts: readonly Stretch[]): AsyncGenerator<Buffer> {
  const pieces = parts.flatMap(([start, length]) => piecesOf(start, length))
  const rooms = source.whole ? [] : (spareRooms ?? [Buffer.allocUnsafeSlow(chunk), Buffer.allocUnsafeSlow(chunk)])
  // Whoever reads at the same time has others.
  if (rooms === spareRooms) spareRooms = undefined
  const read = ([start, length]: Stretch, at: number): Promise<Buffer> => {
    const bytes = partOf(source, file, start, length, rooms[at % 2])
    // Whoever awaits it gets the failure; until then nobody does.
    bytes.catch(() => {})
    return bytes
  }
  let next = pieces[0] && read(pieces[0], 0)
  for (let at = 1; next !== undefined; at++) {
    const bytes = await next
    const piece = pieces[at]
    next = piece && read(piece, at)
    if (bytes.length > 0) yield bytes
  }
  // Whoever ends earlier leaves a reading behind that may still go into them.
  if (rooms.length > 0) spareRooms = rooms
}

/** Where pieces are read to, kept from file to file: fresh memory would cost more than reading into it. */
let spareRooms: readonly Buffer[] | undefined

function piecesOf(start: number, length: number): Stretch[] {
  const count = Math.ceil(length / chunk)
  return Array.from({ length: count }, (_, at) => [start + at * chunk, Math.min(chunk, length - at * chunk)] as const)
}
