import { attempt, type Blocks } from './found.ts'
import { takeMakerNote } from './maker.ts'
import { type ByteView, bufferView } from './source.ts'
import { textOf } from './text.ts'
import { documentBytes, type TiffDirectory, type TiffEntry, TiffReader } from './tiff.ts'

const exifPointer = 34665
const gpsPointer = 34853
const interopPointer = 40965

/** The directories that make up what is called Exif. */
export interface ExifDirectories {
  readonly isLittle: boolean
  readonly main: ReadonlyMap<number, TiffEntry>
  readonly exif: ReadonlyMap<number, TiffEntry>
  readonly gps: ReadonlyMap<number, TiffEntry>
  readonly interop: ReadonlyMap<number, TiffEntry>
}

const nothing: ReadonlyMap<number, TiffEntry> = new Map()

/**
 * Takes Exif as containers hold it: some put an offset, some the mark of JPEG in front of the TIFF structure, and
 * writers mix it up, so it is looked for.
 */
export function takeExifBlock(bytes: Buffer, blocks: Blocks): void {
  const head = bytes.subarray(0, 64)
  const starts = [head.indexOf('II*\0', 'latin1'), head.indexOf('MM\0*', 'latin1')].filter((at) => at >= 0)
  if (starts.length > 0) takeExif(bufferView(bytes.subarray(Math.min(...starts))), blocks)
}

/** Cuts Exif, and the documents that lie in it, out of a TIFF structure into `blocks`; what is there already stays. */
export function takeExif(view: ByteView, blocks: Blocks): void {
  const tiff = new TiffReader(view)
  const main = tiff.directory(tiff.first).entries
  const below = (parent: ReadonlyMap<number, TiffEntry>, pointer: number): TiffDirectory => {
    const offset = tiff.numbers(parent.get(pointer))[0]
    return offset ? tiff.directory(offset) : { entries: nothing, next: 0 }
  }
  const { entries: exif, note } = below(main, exifPointer)
  const xmp = main.get(700)?.value
  if (xmp && blocks.xmp.length === 0) blocks.xmp.push(xmp)
  const iptc = main.get(33723)?.value
  if (iptc) blocks.iptc ??= iptc
  const icc = main.get(34675)?.value
  if (icc) blocks.icc ??= icc
  blocks.exif ??= compactTiff({
    isLittle: tiff.isLittle,
    main,
    exif,
    gps: below(main, gpsPointer).entries,
    interop: below(exif, interopPointer).entries,
  })
  const make = textOf(main.get(271)?.value ?? Buffer.alloc(0))
  if (note && make) attempt(() => takeMakerNote(view, tiff, note, make, blocks))
}

/**
 * Writes the directories into a small classic TIFF. So the decoder behind never sees a loop, an offset outside, a blob
 * or a structure of 64 bits, and never more bytes than the bounds above.
 */
export function compactTiff({ isLittle, main, exif, gps, interop }: ExifDirectories): Buffer {
  const parts: Buffer[] = []
  let size = 0
  const append = (part: Buffer): number => {
    const at = size
    const padding = part.length % 2
    parts.push(part)
    if (padding) parts.push(Buffer.alloc(1))
    size += part.length + padding
    return at
  }
  const put16 = (into: Buffer, value: number, at: number) =>
    isLittle ? into.writeUInt16LE(value, at) : into.writeUInt16BE(value, at)
  const put32 = (into: Buffer, value: number, at: number) =>
    isLittle ? into.writeUInt32LE(value, at) : into.writeUInt32BE(value, at)

  const directory = (
    entries: ReadonlyMap<number, TiffEntry>,
    pointers: readonly (readonly [number, number])[],
  ): number => {
    const kept = [...entries.values()].filter(
      ({ tag, type }) =>
        type <= 13 && ![exifPointer, gpsPointer, interopPointer].includes(tag) && !documentBytes.has(tag),
    )
    const table = Buffer.alloc(2 + 12 * (kept.length + pointers.length) + 4)
    put16(table, kept.length + pointers.length, 0)
    let at = 2
    for (const { tag, type, count, value } of kept) {
      put16(table, tag, at)
      put16(table, type, at + 2)
      put32(table, count, at + 4)
      if (value.length <= 4) value.copy(table, at + 8)
      else put32(table, append(value), at + 8)
      at += 12
    }
    for (const [tag, offset] of pointers) {
      put16(table, tag, at)
      put16(table, 4, at + 2)
      put32(table, 1, at + 4)
      put32(table, offset, at + 8)
      at += 12
    }
    return append(table)
  }
  const below = (
    tag: number,
    entries: ReadonlyMap<number, TiffEntry>,
    pointers: [number, number][] = [],
  ): [number, number][] => (entries.size === 0 && pointers.length === 0 ? [] : [[tag, directory(entries, pointers)]])

  const head = Buffer.alloc(8)
  append(head)
  const pointers = [...below(exifPointer, exif, below(interopPointer, interop)), ...below(gpsPointer, gps)]
  const first = directory(main, pointers)
  head.write(isLittle ? 'II' : 'MM', 'latin1')
  put16(head, 42, 2)
  put32(head, first, 4)
  return Buffer.concat(parts)
}
