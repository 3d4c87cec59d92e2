import { boxHeadAt } from '../../box-head.ts'
import type { Chapter } from '../../probe.ts'

/** A box of an MP4 or MOV in memory; one that holds others has them instead of bytes. */
export interface Box {
  readonly type: string
  /** What stands before its inner boxes, or all that it holds. */
  data: Buffer
  boxes?: Box[]
}

/** Boxes that hold nothing but boxes, on the way to what is looked for. */
const holders = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl', 'udta'])

/** Reads boxes that follow each other. */
export function readBoxes(bytes: Buffer): Box[] {
  const boxes: Box[] = []
  for (let at = 0; at + 8 <= bytes.length; ) {
    const head = boxHeadAt(bytes, at, bytes.length - at)
    if (!head || at + head.bytes > bytes.length) break
    const { type } = head
    const content = bytes.subarray(at + head.headBytes, at + head.bytes)
    boxes.push(holders.has(type) ? { type, data: Buffer.alloc(0), boxes: readBoxes(content) } : { type, data: content })
    at += head.bytes
  }
  return boxes
}

/** The bytes of a box. */
export function bytesOf({ type, data, boxes = [] }: Box): Buffer {
  const inner = boxes.map(bytesOf)
  const size = 8 + data.length + inner.reduce((sum, { length }) => sum + length, 0)
  const head = Buffer.alloc(8)
  head.writeUInt32BE(size)
  head.write(type, 4, 'latin1')
  return Buffer.concat([head, data, ...inner], size)
}

/** Goes to the boxes of a name inside a box, at any depth. */
export function* boxesNamed(box: Box, type: string): Generator<Box> {
  for (const inner of box.boxes ?? []) {
    if (inner.type === type) yield inner
    yield* boxesNamed(inner, type)
  }
}

/** Moves all that an index points to by so many bytes, with wider numbers where they are needed. */
export function shiftOffsets(moov: Box, by: number): void {
  for (const table of boxesNamed(moov, 'stbl')) {
    table.boxes = (table.boxes ?? []).map((box) => {
      if (box.type !== 'stco' && box.type !== 'co64') return box
      return shifted(box, by)
    })
  }
}

const most32 = 2 ** 32 - 1

function shifted({ type, data }: Box, by: number): Box {
  const count = data.readUInt32BE(4)
  const step = type === 'co64' ? 8 : 4
  const offsets = Array.from({ length: count }, (_, at) => {
    const place = 8 + at * step
    return by + (step === 8 ? Number(data.readBigUInt64BE(place)) : data.readUInt32BE(place))
  })
  const isWide = type === 'co64' || offsets.some((offset) => offset > most32)
  const out = Buffer.alloc(8 + count * (isWide ? 8 : 4))
  data.copy(out, 0, 0, 8)
  for (const [at, offset] of offsets.entries()) {
    if (isWide) out.writeBigUInt64BE(BigInt(offset), 8 + at * 8)
    else out.writeUInt32BE(offset, 8 + at * 4)
  }
  return { type: isWide ? 'co64' : 'stco', data: out }
}

/** Chapters as most players read them: at most 255, with titles of at most 255 bytes, in tenths of a microsecond. */
export function chapterBox(chapters: readonly Chapter[]): Box {
  const kept = chapters.slice(0, 255)
  const head = Buffer.alloc(9)
  head.writeUInt8(1)
  head.writeUInt8(kept.length, 8)
  const entries = kept.map(({ startMs, title = '' }) => {
    const name = cutText(title, 255)
    const entry = Buffer.alloc(9)
    entry.writeBigUInt64BE(BigInt(Math.round(startMs * 10_000)))
    entry.writeUInt8(name.length, 8)
    return Buffer.concat([entry, name])
  })
  return { type: 'chpl', data: Buffer.concat([head, ...entries]) }
}

/** A text cut to so many bytes, between two characters. */
function cutText(text: string, most: number): Buffer {
  const bytes = Buffer.from(text)
  if (bytes.length <= most) return bytes
  let end = most
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return bytes.subarray(0, end)
}

/** Tags by names of any kind, as Apple's cameras write them: `com.apple.quicktime.make` = `Apple`. */
export function tagsBox(tags: Readonly<Record<string, string>>): Box {
  const entries = Object.entries(tags)
  const keys = entries.map(([name]) => ({ type: 'mdta', data: Buffer.from(name) }))
  const values = entries.map(([, value], at) => {
    const type = Buffer.alloc(4)
    type.writeUInt32BE(at + 1)
    const text = Buffer.concat([Buffer.from([0, 0, 0, 1, 0, 0, 0, 0]), Buffer.from(value)])
    return { type: type.toString('latin1'), data: bytesOf({ type: 'data', data: text }) }
  })
  const handler = Buffer.alloc(25)
  handler.write('mdta', 8, 'latin1')
  const count = Buffer.alloc(8)
  count.writeUInt32BE(entries.length, 4)
  return {
    type: 'meta',
    data: Buffer.alloc(0),
    boxes: [
      { type: 'hdlr', data: handler },
      { type: 'keys', data: count, boxes: keys },
      { type: 'ilst', data: Buffer.alloc(0), boxes: values },
    ],
  }
}
