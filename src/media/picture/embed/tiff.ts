import type { TiffEntry } from '../../metadata/tiff.ts'
import { readExif } from '../kept/exif-compact.ts'
import type { KeptMetadata } from '../kept/take.ts'

/** Tags of TIFF that point at directories or hold whole documents. */
const tags = { xmp: 700, iptc: 33723, exif: 34665, gps: 34853, interop: 40965, orientation: 274 } as const

const [byte, long] = [1, 4]

/**
 * The TIFF with metadata in its first directory, which is written anew behind the file; the pixels stay where they are. Notes of
 * makers are left out, as their offsets would be wrong. A BigTIFF stays as it is.
 */
export function embedInTiff(tiff: Buffer, { exif, plainExif, xmp, iptc }: KeptMetadata): Buffer {
  const isLittle = tiff.toString('latin1', 0, 4) === 'II*\0'
  if (!isLittle) return tiff
  const added = new Appended(tiff.length)
  const block = plainExif ?? exif
  const parts = block && readExif(block)
  const entries = new Map<number, Entry>()
  if (parts) {
    const own = (from: ReadonlyMap<number, TiffEntry>): Entry[] =>
      [...from.values()].map((entry) => littleEndian(entry, parts.isLittle))
    for (const entry of own(parts.main)) if (entry.tag !== tags.orientation) entries.set(entry.tag, entry)
    const interop = parts.interop.size > 0 ? [pointer(tags.interop, added.directory(own(parts.interop)))] : []
    const inExif = [...own(parts.exif), ...interop]
    if (inExif.length > 0) entries.set(tags.exif, pointer(tags.exif, added.directory(inExif)))
    if (parts.gps.size > 0) entries.set(tags.gps, pointer(tags.gps, added.directory(own(parts.gps))))
  }
  if (xmp) entries.set(tags.xmp, { tag: tags.xmp, type: byte, count: xmp.length, value: xmp })
  if (iptc) {
    // Bytes, but counted in fours since Photoshop did so.
    const value = Buffer.concat([iptc, Buffer.alloc((4 - (iptc.length % 4)) % 4)])
    entries.set(tags.iptc, { tag: tags.iptc, type: long, count: value.length / 4, value })
  }
  const first = tiff.readUInt32LE(4)
  const count = tiff.readUInt16LE(first)
  const old = Array.from({ length: count }, (_, index) =>
    tiff.subarray(first + 2 + 12 * index, first + 14 + 12 * index),
  )
  const next = tiff.readUInt32LE(first + 2 + 12 * count)
  const kept = old.filter((row) => !entries.has(row.readUInt16LE(0)))
  const at = added.directory([...entries.values()], kept, next)
  const whole = Buffer.concat([tiff, ...added.parts])
  whole.writeUInt32LE(at, 4)
  return whole
}

/** A value in the byte order of the new file. */
interface Entry {
  readonly tag: number
  readonly type: number
  readonly count: number
  readonly value: Buffer
}

const pointer = (tag: number, offset: number): Entry => {
  const value = Buffer.alloc(4)
  value.writeUInt32LE(offset)
  return { tag, type: long, count: 1, value }
}

/** How many bytes of a value change their order together, by its type; 1: none do. */
const wordBytes = [1, 1, 1, 2, 4, 4, 1, 1, 2, 4, 4, 4, 8, 4]

function littleEndian({ tag, type, count, value }: TiffEntry, isLittle: boolean): Entry {
  const size = wordBytes[type] ?? 1
  if (isLittle || size === 1) return { tag, type, count, value }
  const swapped = Buffer.from(value)
  if (size === 2) swapped.swap16()
  else if (size === 4) swapped.swap32()
  else swapped.swap64()
  return { tag, type, count, value: swapped }
}

/** Directories and values on their way behind a file. */
class Appended {
  readonly parts: Buffer[] = []
  #at: number

  constructor(at: number) {
    this.#at = at
    this.#append(Buffer.alloc(at % 2))
  }

  /** Appends a directory after its values and tells where it is; `rows` are entries of the old one, as they stand there. */
  directory(entries: readonly Entry[], rows: readonly Buffer[] = [], next = 0): number {
    const written = entries.map(({ tag, type, count, value }) => {
      const row = Buffer.alloc(12)
      row.writeUInt16LE(tag)
      row.writeUInt16LE(type, 2)
      row.writeUInt32LE(count, 4)
      if (value.length <= 4) value.copy(row, 8)
      else row.writeUInt32LE(this.#append(value), 8)
      return row
    })
    const sorted = [...written, ...rows].sort((one, other) => one.readUInt16LE(0) - other.readUInt16LE(0))
    const table = Buffer.alloc(6 + 12 * sorted.length)
    table.writeUInt16LE(sorted.length)
    for (const [index, row] of sorted.entries()) row.copy(table, 2 + 12 * index)
    table.writeUInt32LE(next, 2 + 12 * sorted.length)
    return this.#append(table)
  }

  #append(bytes: Buffer): number {
    const at = this.#at
    this.parts.push(bytes, Buffer.alloc(bytes.length % 2))
    this.#at += bytes.length + (bytes.length % 2)
    return at
  }
}
