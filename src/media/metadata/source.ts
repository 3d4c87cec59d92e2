import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { MediaError } from '../../errors.ts'
import { KiB, MiB } from '../../units.ts'

/** Bytes that can be asked for anywhere; what lies beyond the end is cut off, so answers may be short. */
export interface ByteView {
  readonly size: number
  bytes(offset: number, length: number): Buffer
}

/** Most metadata lies within the first bytes: one read answers nearly everything. */
const headBytes = 64 * KiB
/** Far reads are mostly box headers and directories. */
const windowBytes = 4 * KiB
/** What a hostile file can make us read at most, however its offsets jump. */
const budgetBytes = 64 * MiB

/** A file read in small pieces, only where it is needed. Synchronous, as it works in a process of its own. */
export class FileView implements ByteView {
  readonly size: number
  readonly #file: number
  readonly #head: Buffer
  #window: Buffer = Buffer.alloc(0)
  #windowAt = 0
  #budget = budgetBytes

  constructor(path: string) {
    try {
      this.#file = openSync(path, 'r')
    } catch (thrown) {
      throw new MediaError('FILE_UNREADABLE', [reasonOf(thrown)], { cause: thrown })
    }
    this.size = fstatSync(this.#file).size
    this.#head = this.#read(0, headBytes)
  }

  bytes(offset: number, length: number): Buffer {
    const end = Math.min(offset + Math.max(length, 0), this.size)
    if (!(offset >= 0) || offset >= end) return Buffer.alloc(0)
    if (end <= this.#head.length) return this.#head.subarray(offset, end)
    if (offset < this.#windowAt || end > this.#windowAt + this.#window.length) {
      this.#window = this.#read(offset, Math.max(end - offset, windowBytes))
      this.#windowAt = offset
    }
    return this.#window.subarray(offset - this.#windowAt, end - this.#windowAt)
  }

  /** Ends the reading; views given before stay valid. */
  close(): void {
    closeSync(this.#file)
  }

  #read(offset: number, length: number): Buffer {
    const wanted = Math.min(length, this.size - offset)
    this.#budget -= wanted
    if (this.#budget < 0) throw new RangeError('The metadata is spread over more bytes than are read for it.')
    const buffer = Buffer.allocUnsafe(Math.max(wanted, 0))
    let done = 0
    while (done < buffer.length) {
      const count = readSync(this.#file, buffer, done, buffer.length - done, offset + done)
      if (count === 0) break
      done += count
    }
    return buffer.subarray(0, done)
  }
}

/** The same view on bytes that are in memory already. */
export const bufferView = (buffer: Buffer): ByteView => ({
  size: buffer.length,
  bytes: (offset, length) => buffer.subarray(Math.max(offset, 0), Math.max(offset, 0) + Math.max(length, 0)),
})

/** A part of a view with an origin of its own; `length` defaults to the rest. */
export const partOf = (view: ByteView, start: number, length = view.size - start): ByteView => {
  const size = Math.max(0, Math.min(length, view.size - start))
  return {
    size,
    bytes: (offset, count) => view.bytes(start + offset, Math.min(count, size - offset)),
  }
}

const reasonOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown ? `the system says ${String(thrown.code)}` : 'it can not be opened'
