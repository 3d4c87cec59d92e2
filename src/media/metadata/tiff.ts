import { KiB, MiB } from '../../units.ts'
import type { ByteView } from './source.ts'

/** One entry of a TIFF directory: its bytes in the order of the file, or the offset of those that are not read. */
export interface TiffEntry {
  readonly tag: number
  readonly type: number
  readonly count: number
  readonly value: Buffer
}

/** A directory as it stands in the file, and where the next one is (0: none). */
export interface TiffDirectory {
  readonly entries: ReadonlyMap<number, TiffEntry>
  readonly next: number
  /** Where the maker's note lies, which is not read with the rest. */
  readonly note?: { readonly offset: number; readonly size: number }
}

/** Bytes of one value by its type, from BYTE (1) to IFD8 (18). */
const bytesOf = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8]
const wholeTypes = [1, 3, 4, 13, 16, 17, 18]

/** Classic TIFF, BigTIFF, and the raw formats that only changed the number: Panasonic, two of Olympus. */
const magics = new Set([42, 43, 0x55, 0x4f52, 0x5352])

/** Values of usual tags are short; these two kinds are whole documents. */
const valueBytes = 64 * KiB
/** All values of one structure together: thousands of entries may point at the same bytes. */
const totalBytes = 512 * KiB
/** Documents that lie in a directory, with the size up to which they are taken. */
export const documentBytes: ReadonlyMap<number, number> = new Map([
  [700, 4 * MiB], // XMP
  [33723, MiB], // IPTC
  [34675, 4 * MiB], // ICC
])

const makerNote = 37500

/** Blobs and tables of the coding: never shown, and hostile files make them huge. */
const skipped = new Set([
  273, 279, 288, 289, 301, 320, 324, 325, 347, 512, 513, 514, 519, 520, 521, 34377, 37500, 37724, 50341, 50740, 50937,
  50938, 50939, 50940, 50981, 50982, 51008, 51009, 51022, 51125, 59932,
])

/** Reads TIFF directories with bounded values, wherever they lie; loops and offsets outside end the reading quietly. */
export class TiffReader {
  readonly isLittle: boolean
  readonly isBig: boolean
  readonly first: number
  readonly #view: ByteView
  #left = totalBytes

  constructor(view: ByteView) {
    this.#view = view
    const head = view.bytes(0, 16)
    const order = head.toString('latin1', 0, 2)
    this.isLittle = order === 'II'
    if ((!this.isLittle && order !== 'MM') || !magics.has(this.u16(head, 2))) throw new RangeError('This is no TIFF.')
    this.isBig = this.u16(head, 2) === 43
    this.first = this.isBig ? this.u64(head, 8) : this.u32(head, 4)
  }

  u16 = (bytes: Buffer, at: number): number => (this.isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at))
  u32 = (bytes: Buffer, at: number): number => (this.isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at))
  u64 = (bytes: Buffer, at: number): number =>
    Number(this.isLittle ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at))

  /** The directory at an offset; `only` names the tags whose values are wanted. */
  directory(offset: number, only?: ReadonlySet<number>): TiffDirectory {
    const [countSize, entrySize, slot] = this.isBig ? [8, 20, 8] : [2, 12, 4]
    const entries = new Map<number, TiffEntry>()
    let note: TiffDirectory['note']
    const head = this.#view.bytes(offset, countSize)
    if (head.length < countSize) return { entries, next: 0 }
    // Real directories hold a few dozen entries; the bound stops one that claims billions.
    const declared = this.isBig ? this.u64(head, 0) : this.u16(head, 0)
    const table = this.#view.bytes(offset + countSize, Math.min(declared, 2000) * entrySize + slot)
    for (let at = 0; at + entrySize <= table.length && at < declared * entrySize; at += entrySize) {
      const tag = this.u16(table, at)
      if (tag === makerNote && !this.isBig) note ??= { offset: this.u32(table, at + 8), size: this.u32(table, at + 4) }
      if (skipped.has(tag) || (only && !only.has(tag)) || entries.has(tag)) continue
      const type = this.u16(table, at + 2)
      const count = this.isBig ? this.u64(table, at + 4) : this.u32(table, at + 4)
      const size = (bytesOf[type] ?? 0) * count
      if (size === 0 || size > (documentBytes.get(tag) ?? Math.min(valueBytes, this.#left))) continue
      if (!documentBytes.has(tag)) this.#left -= size
      const place = at + entrySize - slot
      const value =
        size <= slot
          ? table.subarray(place, place + size)
          : this.#view.bytes(this.isBig ? this.u64(table, place) : this.u32(table, place), size)
      if (value.length === size) entries.set(tag, { tag, type, count, value })
    }
    const end = declared * entrySize
    const hasNext = end + slot <= table.length
    return {
      entries,
      next: hasNext ? (this.isBig ? this.u64(table, end) : this.u32(table, end)) : 0,
      ...(note && { note }),
    }
  }

  /** The whole numbers of an entry; empty for other types. */
  numbers(entry: TiffEntry | undefined): number[] {
    if (!entry) return []
    const { type, value } = entry
    const size = bytesOf[type] ?? 0
    if (!wholeTypes.includes(type)) return []
    return Array.from({ length: Math.min(entry.count, 64) }, (_, index) => {
      if (size === 1) return value.readUInt8(index)
      if (size === 2) return this.u16(value, index * 2)
      return size === 4 ? this.u32(value, index * 4) : this.u64(value, index * 8)
    })
  }
}
