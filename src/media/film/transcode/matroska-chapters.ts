import { type FileHandle, open } from 'node:fs/promises'
import { MediaError } from '../../../errors.ts'
import type { Chapter } from '../../probe.ts'

/**
 * Adds chapters to a Matroska or WebM file that is complete: behind all else, and named in the list at its beginning
 * (SeekHead), which FFmpeg pads for that.
 */
export async function addMatroskaChapters(path: string, chapters: readonly Chapter[]): Promise<void> {
  const file = await open(path, 'r+')
  try {
    const { size } = await file.stat()
    const head = Buffer.alloc(Math.min(size, 4096))
    await file.read(head, 0, head.length, 0)
    const header = elementAt(head, 0)
    const segment = elementAt(head, header.end)
    const list = elementAt(head, segment.start)
    const padding = elementAt(head, list.end)
    const isKnown = segment.id === ids.segment && list.id === ids.seekHead && padding.id === ids.padding
    if (!isKnown || segment.sizeLength !== 8)
      throw new MediaError('INTERNAL', ['the new film has no room for chapters'])
    const known = head.subarray(list.start, list.end)
    const seeks = Buffer.concat([
      // Its checksum would be wrong now, and may be missing.
      known[0] === ids.checksum ? known.subarray(elementAt(known, 0).end) : known,
      element(ids.seek, [
        element(ids.seekId, [idBytes(ids.chapters)]),
        element(ids.seekPosition, [uint(size - segment.start, 8)]),
      ]),
    ])
    const room = padding.end - segment.start
    await file.write(padded(element(ids.seekHead, [seeks]), room), 0, room, segment.start)
    const added = chaptersElement(chapters)
    await file.write(added, 0, added.length, size)
    await writeSize(file, header.end + 4, size + added.length - segment.start)
  } finally {
    await file.close()
  }
}

const ids = {
  segment: 0x18538067,
  seekHead: 0x114d9b74,
  seek: 0x4dbb,
  seekId: 0x53ab,
  seekPosition: 0x53ac,
  padding: 0xec,
  checksum: 0xbf,
  chapters: 0x1043a770,
  edition: 0x45b9,
  atom: 0xb6,
  uid: 0x73c4,
  start: 0x91,
  end: 0x92,
  display: 0x80,
  title: 0x85,
  language: 0x437c,
}

function chaptersElement(chapters: readonly Chapter[]): Buffer {
  const atoms = chapters.map(({ startMs, endMs, title }, at) =>
    element(ids.atom, [
      element(ids.uid, [uint(at + 1, 4)]),
      element(ids.start, [uint(Math.round(startMs * 1_000_000), 8)]),
      element(ids.end, [uint(Math.round(endMs * 1_000_000), 8)]),
      ...(title === undefined
        ? []
        : [
            element(ids.display, [
              element(ids.title, [Buffer.from(title)]),
              element(ids.language, [Buffer.from('und')]),
            ]),
          ]),
    ]),
  )
  return element(ids.chapters, [element(ids.edition, atoms)])
}

interface Element {
  readonly id: number
  readonly start: number
  readonly end: number
  /** Bytes that its size is written in. */
  readonly sizeLength: number
}

function elementAt(bytes: Buffer, at: number): Element {
  const idLength = Math.clz32(bytes[at] ?? 0) - 23
  const id = bytes.readUIntBE(at, idLength)
  const first = bytes[at + idLength] ?? 0
  const sizeLength = Math.clz32(first) - 23
  let size = first & (0xff >> sizeLength)
  for (let next = 1; next < sizeLength; next++) size = size * 256 + (bytes[at + idLength + next] ?? 0)
  const start = at + idLength + sizeLength
  return { id, start, end: start + size, sizeLength }
}

/** An element with its size in as many bytes as it takes. */
function element(id: number, content: readonly Buffer[]): Buffer {
  const length = content.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([idBytes(id), sizeBytes(length, length < 127 ? 1 : length < 16_383 ? 2 : 4), ...content])
}

/** An element brought to a length by empty room behind it. */
function padded(bytes: Buffer, length: number): Buffer {
  const rest = length - bytes.length
  if (rest !== 0 && rest < 2) throw new MediaError('INTERNAL', ['the new film has no room for chapters'])
  if (rest === 0) return bytes
  // The size's own length is chosen so that any rest can be filled.
  const sizeLength = rest < 128 ? 1 : 2
  const void_ = Buffer.concat([idBytes(ids.padding), sizeBytes(rest - 1 - sizeLength, sizeLength)])
  return Buffer.concat([bytes, void_, Buffer.alloc(rest - void_.length)])
}

function idBytes(id: number): Buffer {
  const length = id > 0xffffff ? 4 : id > 0xffff ? 3 : id > 0xff ? 2 : 1
  const bytes = Buffer.alloc(length)
  bytes.writeUIntBE(id, 0, length)
  return bytes
}

function sizeBytes(size: number, length: number): Buffer {
  const bytes = uint(size, length)
  bytes[0] = (bytes[0] ?? 0) | (0x100 >> length)
  return bytes
}

function uint(value: number, length: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes.subarray(8 - length)
}

async function writeSize(file: FileHandle, at: number, size: number): Promise<void> {
  const bytes = sizeBytes(size, 8)
  await file.write(bytes, 0, bytes.length, at)
}
