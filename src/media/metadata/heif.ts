import { MiB } from '../../units.ts'
import { type Box, boxAt, boxesOf } from './boxes.ts'
import { colorSpaceOfCode } from './color.ts'
import { takeExifBlock } from './exif-blocks.ts'
import { attempt, type Blocks } from './found.ts'
import { takeSequence } from './sequence.ts'
import type { ByteView } from './source.ts'

const metaBytes = 4 * MiB
const itemBytes = 4 * MiB

/** Cuts the blocks out of a HEIC or AVIF: finds the items by the tables of `meta`, wherever they lie in the file. */
export function takeHeif(view: ByteView, blocks: Blocks): void {
  const boxes = boxesOf(view)
  const movie = boxes.find((box) => box.type === 'moov')
  if (movie) attempt(() => takeSequence(movie, blocks))
  const meta = boxes.find((box) => box.type === 'meta')
  if (!meta || meta.body.size > metaBytes) return
  const inside = boxesOf(meta.body, 4)
  const items = itemsOf(inside)
  attempt(() => takeProperties(inside, blocks))
  for (const { id, type, mime } of items) {
    const isXmp = type === 'mime' && mime === 'application/rdf+xml'
    if (type !== 'Exif' && !isXmp) continue
    attempt(() => {
      const data = itemData(view, inside, id)
      if (isXmp) blocks.xmp.push(data)
      else takeExifBlock(data, blocks)
    })
  }
}

interface Item {
  readonly id: number
  readonly type: string
  readonly mime: string
}

function itemsOf(meta: readonly Box[]): Item[] {
  const table = boxAt(meta, 'iinf')
  if (!table) return []
  const entries = boxesOf(table.body, table.body.bytes(0, 1)[0] === 0 ? 6 : 8)
  return entries.flatMap(({ type, body }) => {
    const entry = body.bytes(0, 512)
    const version = entry[0] ?? 0
    if (type !== 'infe' || version < 2 || entry.length < 12) return []
    const wide = version > 2 ? 2 : 0
    const [, mime] = entry.toString('latin1', 12 + wide).split('\0')
    const id = version > 2 ? entry.readUInt32BE(4) : entry.readUInt16BE(4)
    return [{ id, type: entry.toString('latin1', 8 + wide, 12 + wide), mime: mime ?? '' }]
  })
}

/** Joins the extents of an item; throws when the tables point outside or it is larger than metadata can be. */
function itemData(view: ByteView, meta: readonly Box[], wanted: number): Buffer {
  const table = boxAt(meta, 'iloc')?.body
  if (!table) throw new RangeError('There is no table of places.')
  const bytes = table.bytes(0, table.size)
  const version = bytes.readUInt8(0)
  const sizes = bytes.readUInt16BE(4)
  const [offsetSize, lengthSize, baseSize, indexSize] = [12, 8, 4, 0].map((shift) => (sizes >> shift) & 15)
  let at = 6
  const read = (size = 0): number => {
    at += size
    if (size === 0) return 0
    return size === 8 ? Number(bytes.readBigUInt64BE(at - 8)) : bytes.readUIntBE(at - size, size)
  }
  const count = read(version === 2 ? 4 : 2)
  for (let index = 0; index < count; index++) {
    const id = read(version === 2 ? 4 : 2)
    const method = version > 0 ? read(2) & 15 : 0
    at += 2
    const base = read(baseSize)
    const extents = Array.from({ length: read(2) }, () => {
      if (version > 0) read(indexSize)
      return { offset: base + read(offsetSize), length: read(lengthSize) }
    })
    if (id !== wanted) continue
    const source = method === 1 ? boxAt(meta, 'idat')?.body : method === 0 ? view : undefined
    if (!source) throw new RangeError('The item lies where it can not be read.')
    const parts = extents.map(({ offset, length }) => source.bytes(offset, Math.min(length || source.size, itemBytes)))
    if (parts.reduce((sum, part) => sum + part.length, 0) > itemBytes) throw new RangeError('The item is too large.')
    return Buffer.concat(parts)
  }
  throw new RangeError('The item has no place.')
}

/** Depth, colour and size of the primary item, by the properties that belong to it. */
function takeProperties(meta: readonly Box[], blocks: Blocks): void {
  const { facts } = blocks
  const primary = boxAt(meta, 'pitm')?.body.bytes(0, 8)
  const properties = boxAt(meta, 'iprp/ipco')
  if (!primary || primary.length < 6 || !properties) return
  const all = boxesOf(properties.body)
  const own = propertiesOf(meta, primary[0] === 0 ? primary.readUInt16BE(4) : primary.readUInt32BE(4))
  for (const { type, body } of own.flatMap((index) => all[index - 1] ?? [])) {
    const data = body.bytes(0, itemBytes)
    if (type === 'ispe') [facts.width, facts.height] = [data.readUInt32BE(4), data.readUInt32BE(8)]
    if (type === 'pixi') facts.bitDepth = data.readUInt8(5)
    if (type === 'colr') takeColor(data, blocks)
  }
  if (facts.colorSpace === undefined && !blocks.icc) {
    const color = all.find(({ type }) => type === 'colr')
    if (color) takeColor(color.body.bytes(0, itemBytes), blocks)
  }
  // A picture of tiles has no coder of its own, and the tiles are all alike.
  const coder = all.find(({ type }) => type === 'av1C' || type === 'hvcC')
  const set = coder?.body.bytes(0, 32)
  if (!coder || !set) return
  if (coder.type === 'hvcC') facts.bitDepth ??= (set.readUInt8(17) & 7) + 8
  else facts.bitDepth ??= set.readUInt8(2) & 0x40 ? (set.readUInt8(2) & 0x20 ? 12 : 10) : 8
  if (coder.type === 'av1C' && all.filter(({ type }) => type === 'av1C').length === 1 && set.readUInt8(2) & 0x10)
    facts.colorSpace = 'grey'
}

/** An ICC profile, or the codes of primaries and transfer; when both stand there the profile wins. */
function takeColor(data: Buffer, blocks: Blocks): void {
  const kind = data.toString('latin1', 0, 4)
  if (kind === 'prof' || kind === 'rICC') blocks.icc ??= data.subarray(4)
  const name = kind === 'nclx' ? colorSpaceOfCode(data.readUInt16BE(4), data.readUInt16BE(6)) : undefined
  if (name) blocks.facts.colorSpace ??= name
}

/** The numbers of the properties (from 1) that belong to an item. */
function propertiesOf(meta: readonly Box[], wanted: number): number[] {
  const table = boxAt(meta, 'iprp/ipma')?.body
  const bytes = table?.bytes(0, table.size)
  if (!bytes || bytes.length < 8) return []
  const idSize = bytes[0] === 0 ? 2 : 4
  const isWide = ((bytes[3] ?? 0) & 1) === 1
  let at = 8
  for (let left = bytes.readUInt32BE(4); left > 0; left--) {
    const id = bytes.readUIntBE(at, idSize)
    const count = bytes.readUInt8(at + idSize)
    at += idSize + 1
    if (id === wanted) {
      return Array.from({ length: count }, (_, index) =>
        isWide ? bytes.readUInt16BE(at + index * 2) & 0x7fff : bytes.readUInt8(at + index) & 0x7f,
      )
    }
    at += count * (isWide ? 2 : 1)
  }
  return []
}
