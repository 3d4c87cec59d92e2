import { boxHeadAt } from '../box-head.ts'

/** Colour as numbers of ITU-T H.273. */
export interface CodedColour {
  readonly primaries: number
  readonly transfer: number
  readonly matrix: number
  readonly isFullRange: boolean
}

/** One item of a HEIF file: a coded picture, a grid of pictures, an alpha plane. */
export interface HeifItem {
  readonly id: number
  /** `hvc1`, `av01`, `grid`, `iden`, `iovl`, `Exif`, … */
  readonly type: string
  /** Its content as parts of the file. */
  readonly parts: readonly Buffer[]
  readonly width?: number
  readonly height?: number
  /** Turns to make anticlockwise, 0–3, and the mirror: `vertical` swaps top and bottom. In the order they are to be done. */
  readonly transforms: readonly HeifTransform[]
  readonly icc?: Buffer
  readonly colour?: CodedColour
  /** Decoder setup (`hvcC`). */
  readonly setup?: Buffer
  /** What it is to the picture that it helps (`urn:mpeg:mpegB:cicp:systems:auxiliary:alpha`), when it is a helper. */
  readonly auxiliary?: string
  /** Names of properties that were not understood and must be (`clap`, `lsel`, …). */
  readonly otherProperties: readonly string[]
}

/** What is done to an item to show it. */
export type HeifTransform = { readonly turns: number } | { readonly mirror: 'vertical' | 'horizontal' }

/** The items of a HEIF file and how they hang together. */
export interface HeifFile {
  readonly primary: HeifItem
  item(id: number): HeifItem | undefined
  /** Ids that item `from` refers to by `type` (`dimg`: tiles of a grid), or, with `auxl` and `thmb`, is made for. */
  references(type: string, from: number): readonly number[]
  /** Ids of the items that refer to `to` by `type`. */
  referrers(type: string, to: number): readonly number[]
}

/** A box of a HEIF file: its type and its content. */
export interface Box {
  readonly name: string
  readonly body: Buffer
}

// Real files nest and repeat far less; hostile ones declare millions.
const maxItems = 10_000

/** Reads the item boxes; null when the file has none or no primary item, or when they contradict themselves. */
export function readHeif(file: Buffer): HeifFile | null {
  try {
    return read(file)
  } catch (thrown) {
    // Reading past the end is how a cut or lying box shows itself.
    if (thrown instanceof RangeError) return null
    throw thrown
  }
}

function read(file: Buffer): HeifFile | null {
  const meta = boxes(file).find(({ name }) => name === 'meta')
  if (!meta) return null
  const parts = boxes(meta.body.subarray(4))
  const find = (name: string): Buffer | undefined => parts.find((box) => box.name === name)?.body
  const pitm = find('pitm')
  const iinf = find('iinf')
  const iloc = find('iloc')
  const iprp = find('iprp')
  if (!pitm || !iinf || !iloc || !iprp) return null
  const types = readTypes(iinf)
  const places = readPlaces(iloc, file, find('idat'))
  const properties = readProperties(iprp)
  const references = readReferences(find('iref'))
  const item = (id: number): HeifItem | undefined => {
    const type = types.get(id)
    return type === undefined ? undefined : toItem(id, type, places.get(id) ?? [], properties.get(id) ?? [])
  }
  const primary = item(pitm[0] === 0 ? pitm.readUInt16BE(4) : pitm.readUInt32BE(4))
  if (!primary) return null
  return {
    primary,
    item,
    references: (type, from) =>
      references.filter((ref) => ref.type === type && ref.from === from).flatMap(({ to }) => to),
    referrers: (type, to) =>
      references.filter((ref) => ref.type === type && ref.to.includes(to)).map(({ from }) => from),
  }
}

/** The boxes that follow each other in some bytes, up to the first that makes no sense. */
export function boxes(bytes: Buffer): Box[] {
  const found: Box[] = []
  for (let at = 0; at + 8 <= bytes.length && found.length < maxItems; ) {
    const head = boxHeadAt(bytes, at, bytes.length - at)
    if (!head) break
    found.push({ name: head.type, body: bytes.subarray(at + head.headBytes, at + head.bytes) })
    at += head.bytes
  }
  return found
}

function readTypes(iinf: Buffer): Map<number, string> {
  const types = new Map<number, string>()
  for (const { name, body } of boxes(iinf.subarray(iinf[0] === 0 ? 6 : 8))) {
    if (name !== 'infe' || (body[0] ?? 0) < 2) continue
    const isLong = body[0] === 3
    const id = isLong ? body.readUInt32BE(4) : body.readUInt16BE(4)
    const at = isLong ? 10 : 8
    types.set(id, body.toString('latin1', at, at + 4))
  }
  return types
}

function readPlaces(iloc: Buffer, file: Buffer, idat: Buffer | undefined): Map<number, Buffer[]> {
  const version = iloc[0] ?? 0
  const [offsetSize, lengthSize] = nibbles(iloc[4])
  const [baseSize, indexSize] = nibbles(iloc[5])
  let at = 6
  const take = (size: number): number => {
    if (size === 0) return 0
    const value = size === 8 ? Number(iloc.readBigUInt64BE(at)) : iloc.readUIntBE(at, size)
    at += size
    return value
  }
  const places = new Map<number, Buffer[]>()
  const count = Math.min(take(version < 2 ? 2 : 4), maxItems)
  for (let index = 0; index < count; index++) {
    const id = take(version < 2 ? 2 : 4)
    const method = version > 0 ? take(2) & 15 : 0
    take(2)
    const base = take(baseSize)
    const extents = take(2)
    const parts: Buffer[] = []
    for (let extent = 0; extent < extents; extent++) {
      if (version > 0) take(indexSize)
      const from = base + take(offsetSize)
      const length = take(lengthSize)
      const home = method === 0 ? file : method === 1 ? idat : undefined
      if (home) parts.push(home.subarray(from, length === 0 ? undefined : from + length))
    }
    places.set(id, parts)
  }
  return places
}

const nibbles = (byte = 0): [number, number] => [byte >> 4, byte & 15]

function readProperties(iprp: Buffer): Map<number, Box[]> {
  const parts = boxes(iprp)
  const all = boxes(parts.find(({ name }) => name === 'ipco')?.body ?? Buffer.alloc(0))
  const properties = new Map<number, Box[]>()
  for (const { name, body } of parts) {
    if (name !== 'ipma') continue
    const idSize = body[0] === 0 ? 2 : 4
    const indexSize = ((body[3] ?? 0) & 1) === 1 ? 2 : 1
    const count = Math.min(body.readUInt32BE(4), maxItems)
    let at = 8
    for (let index = 0; index < count; index++) {
      const id = body.readUIntBE(at, idSize)
      const links = body.readUInt8(at + idSize)
      at += idSize + 1
      const found: Box[] = []
      for (let link = 0; link < links; link++) {
        const number = body.readUIntBE(at, indexSize) & (indexSize === 2 ? 0x7fff : 0x7f)
        at += indexSize
        const property = all[number - 1]
        if (property) found.push(property)
      }
      properties.set(id, found)
    }
  }
  return properties
}

interface Reference {
  readonly type: string
  readonly from: number
  readonly to: readonly number[]
}

function readReferences(iref: Buffer | undefined): Reference[] {
  if (!iref) return []
  const size = iref[0] === 0 ? 2 : 4
  return boxes(iref.subarray(4)).map(({ name, body }) => ({
    type: name,
    from: body.readUIntBE(0, size),
    to: Array.from({ length: body.readUInt16BE(size) }, (_, index) => body.readUIntBE(size + 2 + index * size, size)),
  }))
}

/** Properties that change nothing in what is seen here. */
const harmless: ReadonlySet<string> = new Set(
  'pixi pasp clli mdcv cclv amve a1op a1lx rloc udes altt tols iscl'.split(' '),
)

function toItem(id: number, type: string, parts: readonly Buffer[], properties: readonly Box[]): HeifItem {
  const item: {
    -readonly [Key in keyof HeifItem]: HeifItem[Key]
  } = { id, type, parts, transforms: [], otherProperties: [] }
  const transforms: HeifTransform[] = []
  const others: string[] = []
  for (const { name, body } of properties) {
    if (name === 'ispe') {
      item.width = body.readUInt32BE(4)
      item.height = body.readUInt32BE(8)
    } else if (name === 'irot') transforms.push({ turns: body.readUInt8(0) & 3 })
    else if (name === 'imir') transforms.push({ mirror: (body.readUInt8(0) & 1) === 0 ? 'vertical' : 'horizontal' })
    else if (name === 'hvcC') item.setup = body
    else if (name === 'auxC') item.auxiliary = body.toString('latin1', 4).split('\0')[0] ?? ''
    else if (name === 'colr') {
      const kind = body.toString('latin1', 0, 4)
      if (kind === 'nclx') {
        item.colour = {
          primaries: body.readUInt16BE(4),
          transfer: body.readUInt16BE(6),
          matrix: body.readUInt16BE(8),
          isFullRange: body.readUInt8(10) >> 7 === 1,
        }
      } else item.icc = body.subarray(4)
    } else if (!harmless.has(name)) others.push(name)
  }
  return { ...item, transforms, otherProperties: others }
}
