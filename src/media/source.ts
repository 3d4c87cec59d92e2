import { type BigIntStats, closeSync, constants, fstatSync, openSync, read, readSync } from 'node:fs'
import { promisify } from 'node:util'
import { MediaError } from '../errors.ts'
import { MiB } from '../units.ts'
import type { FormatName } from './formats.ts'
import { kindOf } from './formats.ts'
import type { ContentIds, Identity } from './media.ts'
import { knownAs, type Naming, namesOfFile } from './naming.ts'
import { sniff, sniffBytes } from './sniff.ts'

const readLater = promisify(read)

/** Larger files are never held in memory whole, and their ids are sampled. */
export const wholeFileBytes = 64 * MiB

/** One reading of a short film costs less than the many small ones that its ids take. */
const heldFilmBytes = 16 * MiB

/** A file on disk and what one reading of it gave. */
export interface Source {
  readonly path: string
  readonly bytes: number
  readonly format: FormatName
  /** The first bytes, at most `sniffBytes`; none of a film that is known. */
  readonly head: Buffer
  /** What it is named by its file, where its content need not be hashed. */
  readonly names?: ContentIds
  /** What it is, where it was opened before and nobody touched it since. */
  readonly known?: Identity
  /**
   * The whole content: for pictures up to `wholeFileBytes`, so that hashes and decoder share one reading; for films up to
   * `heldFilmBytes` while they are hashed.
   */
  readonly whole?: Buffer
  /** Of a raw file too large for `whole` its first `wholeFileBytes`, in which its preview lies. */
  readonly leading?: Buffer
}

/**
 * Opens a file, tells what it is and gives it to `work` with its descriptor; closes it afterwards. Throws FILE_MISSING,
 * FILE_UNREADABLE, EMPTY_FILE, or UNSUPPORTED_CONTENT when the content is no media.
 */
export async function withSource<Result>(
  path: string,
  naming: Naming,
  work: (source: Source, file: number) => Promise<Result>,
): Promise<Result> {
  const file = openNow(path)
  try {
    const stats = statOf(file, path)
    if (!stats.isFile()) throw new MediaError('FILE_UNREADABLE', ['it is not a regular file'])
    const size = Number(stats.size)
    if (size === 0) throw new MediaError('EMPTY_FILE')
    const known = knownAs(stats, naming)
    // Of a film nothing is read here but its beginning, which would only tell again what it is.
    if (known && kindOf(known.format) !== 'picture')
      return await work({ path, bytes: size, format: known.format, head: noHead, known }, file)
    const room = spareHead ?? Buffer.allocUnsafeSlow(sniffBytes)
    spareHead = undefined
    const start = readNow(file, path, room.subarray(0, Math.min(size, sniffBytes)))
    const format = await sniff(start)
    if (format === null) throw new MediaError('UNSUPPORTED_CONTENT', [describeUnknown(start)])
    const isPicture = kindOf(format) === 'picture'
    const names = known ? undefined : namesOfFile(stats, isPicture, naming)
    // Films are held to be hashed, and for nothing else.
    const mostHeld = isPicture ? wholeFileBytes : names ? 0 : heldFilmBytes
    const whole = size <= mostHeld ? readWhole(file, path, start, size) : undefined
    // What is held of a film is given back before the film is.
    const head = isPicture && whole && whole !== start ? whole.subarray(0, sniffBytes) : start
    if (head !== start) spareHead = room
    const leading = format === 'raw' && !whole ? await readAt(file, path, 0, wholeFileBytes) : undefined
    const held = { ...(whole ? { whole } : {}), ...(leading ? { leading } : {}) }
    const told = { ...(names ? { names } : {}), ...(known ? { known } : {}) }
    return await work({ path, bytes: size, format, head, ...told, ...held }, file)
  } finally {
    closeSync(file)
  }
}

/** A stretch of a source, from memory where it is held, else read into `room`; shorter only when the file ends. */
export async function partOf(
  source: Source,
  file: number,
  position: number,
  length: number,
  room?: Buffer,
): Promise<Buffer> {
  const { whole, path } = source
  return whole ? whole.subarray(position, position + length) : await readAt(file, path, position, length, room)
}

/** Reads a stretch of an open file, into memory of its own or given for it; shorter only when the file ends. */
async function readAt(
  file: number,
  path: string,
  position: number,
  length: number,
  buffer: Buffer = Buffer.allocUnsafeSlow(length),
): Promise<Buffer> {
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await readLater(file, buffer, filled, length - filled, position + filled).catch(
      (thrown: unknown) => Promise.reject(toFileError(path, thrown)),
    )
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}

/** At once, as `readNow` reads: to hand it to a thread costs thirty times as much. */
function openNow(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (thrown) {
    throw toFileError(path, thrown)
  }
}

function statOf(file: number, path: string): BigIntStats {
  try {
    return fstatSync(file, { bigint: true })
  } catch (thrown) {
    throw toFileError(path, thrown)
  }
}

/**
 * Fills a buffer from an open file before anything else is done, since nothing else could be: to hand it to a thread costs more
 * than to read what the system has in memory. Shorter only when the file ends.
 */
function readNow(file: number, path: string, buffer: Buffer, position = 0): Buffer {
  let filled = 0
  try {
    while (filled < buffer.length) {
      const count = readSync(file, buffer, filled, buffer.length - filled, position + filled)
      if (count === 0) break
      filled += count
    }
  } catch (thrown) {
    throw toFileError(path, thrown)
  }
  return buffer.subarray(0, filled)
}

// A fresh buffer costs more than reading into it, as the system has to give out every page anew. One is kept for the next file.
let spare: ArrayBuffer | undefined
let spareHead: Buffer | undefined
const noHead = Buffer.alloc(0)
const sparedBytes = 32 * MiB

/** Takes back the memory of a source; its `whole` must not be used afterwards. */
export function releaseSource({ whole }: Source): void {
  if (whole && whole.buffer instanceof ArrayBuffer && whole.byteLength > sniffBytes) {
    if (whole.buffer.byteLength <= sparedBytes && whole.buffer.byteLength > (spare?.byteLength ?? 0))
      spare = whole.buffer
  }
}

function roomFor(size: number): Buffer {
  const room = spare && spare.byteLength >= size ? spare : new ArrayBuffer(Math.ceil((size * 5) / 4))
  if (room === spare) spare = undefined
  return Buffer.from(room, 0, size)
}

function readWhole(file: number, path: string, head: Buffer, size: number): Buffer {
  if (head.length === size) return head
  const whole = roomFor(size)
  head.copy(whole)
  const rest = readNow(file, path, whole.subarray(head.length), head.length)
  if (head.length + rest.length < size) throw new MediaError('FILE_CHANGED')
  return whole
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'its permissions forbid it',
  EPERM: 'its permissions forbid it',
  EISDIR: 'it is a folder',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  EIO: 'the disk reports an error',
  ELOOP: 'its links go in a circle',
  ENXIO: 'it is not a regular file',
  ESTALE: 'its share was mounted anew',
}

function toFileError(path: string, thrown: unknown): MediaError {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown'
  if (code === 'ENOENT' || code === 'ENOTDIR') return new MediaError('FILE_MISSING', [path], { cause: thrown })
  return new MediaError('FILE_UNREADABLE', [reasons[code] ?? `the system says ${code}`], { cause: thrown })
}

/** What unknown content looks like, so that people see at once what went wrong (`text`, `only zeros`). */
function describeUnknown(head: Buffer): string {
  if (head.every((byte) => byte === 0)) return 'only zeros'
  const start = head.subarray(0, 512)
  if (/^\s*<(!doctype html|html)/i.test(start.toString('latin1'))) return 'a web page'
  const isText = start.every((byte) => byte >= 32 || byte === 9 || byte === 10 || byte === 13)
  return isText ? 'text' : 'no known signature'
}
