import { createHash } from 'node:crypto'
import { MiB } from '../units.ts'
import { partOf, type Source, wholeFileBytes } from './source.ts'

const chunk = MiB
const samples = 16

/**
 * SHA-256 of the whole file in hex. Above 64 MiB `s-` and the SHA-256 of the size and of 16 chunks of 1 MiB, first and last
 * among them: enough to find results again, never enough to call two files equal before something is deleted. `also` is given
 * the bytes of the whole file as they are read, and where they lie; of sampled files and of those in memory nothing.
 */
export async function contentIdOf(
  source: Source,
  file: number,
  also?: (bytes: Buffer, at: number) => void,
): Promise<string> {
  const hash = createHash('sha256')
  if (source.whole) return hash.update(source.whole).digest('hex')
  if (source.bytes <= wholeFileBytes) {
    let at = 0
    for await (const bytes of stretches(source, file, [[0, source.bytes]])) {
      hash.update(bytes)
      also?.(bytes, at)
      at += bytes.length
    }
    return hash.digest('hex')
  }
  hash.update(`${source.bytes}:`)
  for await (const bytes of stretches(source, file, spread(0, source.bytes))) hash.update(bytes)
  return `s-${hash.digest('hex')}`
}

/** A part of a file: where it begins and how long it is, in bytes. */
export type Stretch = readonly [start: number, length: number]

/** 16 stretches of 1 MiB, evenly spread from the first to the last byte of a part of a file. */
export function spread(start: number, length: number): Stretch[] {
  const step = (length - MiB) / (samples - 1)
  return Array.from({ length: samples }, (_, index) => [start + Math.round(index * step), MiB] as const)
}

/**
 * Reads parts of a file in pieces of at most 1 MiB, the next one while one is worked on; ends early where the file does. A
 * piece is gone when the next is asked for.
 */
export async function* stretches(source: Source, file: number, parts: readonly Stretch[]): AsyncGenerator<Buffer> {
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
  try {
    for (let at = 1; next !== undefined; at++) {
      const bytes = await next
      const piece = pieces[at]
      next = piece && read(piece, at)
      if (bytes.length > 0) yield bytes
    }
  } finally {
    // Whoever ends earlier closes the file next, whose number another one may get.
    await next?.catch(() => {})
    if (rooms.length > 0) spareRooms = rooms
  }
}

/** Where pieces are read to, kept from file to file: fresh memory would cost more than reading into it. */
let spareRooms: readonly Buffer[] | undefined

function piecesOf(start: number, length: number): Stretch[] {
  const count = Math.ceil(length / chunk)
  return Array.from({ length: count }, (_, at) => [start + at * chunk, Math.min(chunk, length - at * chunk)] as const)
}
