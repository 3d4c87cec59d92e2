import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { MiB } from '../units.ts'
import { partOf, type Source, wholeFileBytes } from './source.ts'

const chunk = 4 * MiB
const samples = 16

/**
 * SHA-256 of the whole file in hex. Above 64 MiB `s-` and the SHA-256 of the size and of 16 chunks of 1 MiB, first and last
 * among them: enough to find results again, never enough to call two files equal before something is deleted.
 */
export async function contentIdOf(source: Source, file: FileHandle): Promise<string> {
  const hash = createHash('sha256')
  if (source.whole) return hash.update(source.whole).digest('hex')
  if (source.bytes <= wholeFileBytes) {
    for await (const bytes of stretches(source, file, [[0, source.bytes]])) hash.update(bytes)
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

/** Reads parts of a file in pieces of at most 4 MiB; ends early where the file does. */
export async function* stretches(source: Source, file: FileHandle, parts: readonly Stretch[]): AsyncGenerator<Buffer> {
  for (const [start, length] of parts) {
    for (let done = 0; done < length; done += chunk) {
      const bytes = await partOf(source, file, start + done, Math.min(chunk, length - done))
      if (bytes.length > 0) yield bytes
    }
  }
}
