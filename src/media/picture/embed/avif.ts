import type { KeptMetadata } from '../kept/take.ts'
import { box } from './box.ts'
import { shiftChunks } from './chunk-places.ts'

/** An item of metadata that comes into the file. */
interface NewItem {
  readonly type: 'Exif' | 'mime'
  readonly data: Buffer
}

/**
 * The AVIF with metadata as items of its own, which describe its primary picture. AVIF holds no IPTC. A file of another build than
 * the encoder writes it (places in 32 bits, everything in `mdat`) stays as it is.
 */
export function embedInAvif(avif: Buffer, { exif, xmp }: KeptMetadata): Buffer {
  const items: NewItem[] = [
    // In front stands how far behind itself the TIFF structure begins.
    ...(exif ? [{ type: 'Exif', data: Buffer.concat([Buffer.alloc(4), exif]) } as const] : []),
    ...(xmp ? [{ type: 'mime', data: xmp } as const] : []),
  ]
  const top = boxesIn(avif, 0, avif.length)
  const meta = top.find(({ type }) => type === 'meta')
  const inside = meta && boxesIn(avif, meta.start + 12, meta.end)
  if (!meta || !inside || items.length === 0) return avif
  const bodyOf = (type: string): Buffer | undefined => {
    const found = inside.find((each) => each.type === type)
    return found && avif.subarray(found.start + 8, found.end)
  }
  const [iloc, iinf, pitm, iref] = [bodyOf('iloc'), bodyOf('iinf'), bodyOf('pitm'), bodyOf('iref')]
  const places = iloc && readPlaces(iloc)
  if (!places || !iinf || iinf[0] !== 0 || !pitm || pitm[0] !== 0 || (iref && iref[0] !== 0)) return avif
  const firstId = Math.max(...places.map(({ id }) => id)) + 1
  const primary = pitm.readUInt16BE(4)
  const build = (shift: number): Buffer => {
    let at = avif.length + shift + 8
    const added = items.map(({ data }, index) => {
      const place = { id: firstId + index, extents: [[at, data.length] as const] }
      at += data.length
      return place
    })
    const moved = places.map(({ id, extents }) => ({
      id,
      extents: extents.map(([from, length]) => [from < meta.end ? from : from + shift, length] as const),
    }))
    const parts = inside.map(({ type, start, end }) => {
      if (type === 'iloc') return box('iloc', writePlaces([...moved, ...added]))
      if (type === 'iinf') return box('iinf', withEntries(iinf, items, firstId))
      if (type === 'iref') return box('iref', avif.subarray(start + 8, end), ...references(items, firstId, primary))
      return avif.subarray(start, end)
    })
    const missing = iref ? [] : [box('iref', Buffer.alloc(4), ...references(items, firstId, primary))]
    return box('meta', avif.subarray(meta.start + 8, meta.start + 12), ...parts, ...missing)
  }
  // Its length hangs on nothing that stands in it.
  const shift = build(0).length - (meta.end - meta.start)
  return Buffer.concat([
    avif.subarray(0, meta.start),
    build(shift),
    shiftChunks(avif.subarray(meta.end), shift),
    box('mdat', ...items.map(({ data }) => data)),
  ])
}

interface Place {
  readonly type: string
  readonly start: number
  readonly end: number
}

function boxesIn(bytes: Buffer, from: number, to: number): Place[] {
  const found: Place[] = []
  for (let at = from; at + 8 <= to; ) {
    const size = bytes.readUInt32BE(at)
    if (size < 8 || at + size > to) break
    found.push({ type: bytes.toString('latin1', at + 4, at + 8), start: at, end: at + size })
    at += size
  }
  return found
}

interface ItemPlaces {
  readonly id: number
  readonly extents: readonly (readonly [from: number, length: number])[]
}

/** Where the items lie; undefined when some lie elsewhere than in the file itself, or are counted in other sizes. */
function readPlaces(iloc: Buffer): ItemPlaces[] | undefined {
  if (iloc[0] !== 0 || iloc[4] !== 0x44) return undefined
  const baseSize = (iloc[5] ?? 0) >> 4
  if (baseSize !== 0 && baseSize !== 4) return undefined
  const places: ItemPlaces[] = []
  let at = 8
  for (let count = iloc.readUInt16BE(6); count > 0; count--) {
    const id = iloc.readUInt16BE(at)
    const base = baseSize === 4 ? iloc.readUInt32BE(at + 4) : 0
    at += 4 + baseSize
    const extents: [number, number][] = []
    const parts = iloc.readUInt16BE(at)
    at += 2
    for (let part = 0; part < parts; part++, at += 8) {
      extents.push([base + iloc.readUInt32BE(at), iloc.readUInt32BE(at + 4)])
    }
    places.push({ id, extents })
  }
  return places
}

function writePlaces(places: readonly ItemPlaces[]): Buffer {
  const head = Buffer.from([0, 0, 0, 0, 0x44, 0, 0, 0])
  head.writeUInt16BE(places.length, 6)
  const rows = places.map(({ id, extents }) => {
    const row = Buffer.alloc(6 + 8 * extents.length)
    row.writeUInt16BE(id)
    row.writeUInt16BE(extents.length, 4)
    for (const [index, [from, length]] of extents.entries()) {
      row.writeUInt32BE(from, 6 + 8 * index)
      row.writeUInt32BE(length, 10 + 8 * index)
    }
    return row
  })
  return Buffer.concat([head, ...rows])
}

function withEntries(iinf: Buffer, items: readonly NewItem[], firstId: number): Buffer {
  const body = Buffer.from(iinf)
  body.writeUInt16BE(body.readUInt16BE(4) + items.length, 4)
  const entries = items.map(({ type }, index) => {
    const head = Buffer.from([2, 0, 0, 0, 0, 0, 0, 0])
    head.writeUInt16BE(firstId + index, 4)
    const names = type === 'mime' ? 'mime\0application/rdf+xml\0' : 'Exif\0'
    return box('infe', head, Buffer.from(names, 'latin1'))
  })
  return Buffer.concat([body, ...entries])
}

/** Each new item describes the picture. */
const references = (items: readonly NewItem[], firstId: number, primary: number): Buffer[] =>
  items.map((_, index) => {
    const body = Buffer.alloc(6)
    body.writeUInt16BE(firstId + index)
    body.writeUInt16BE(1, 2)
    body.writeUInt16BE(primary, 4)
    return box('cdsc', body)
  })
