import { type FileHandle, open } from 'node:fs/promises'
import { boxHeadAt } from '../../box-head.ts'
import type { FormatName } from '../../formats.ts'

/** Says where the container of an open file should end, in bytes, by its own headers; undefined when it does not tell. */
type Reader = (file: FileHandle, bytes: number) => Promise<number | undefined>

/** Where the container of a file should end, in bytes, by its own headers; undefined when it does not tell. */
export async function declaredBytes(path: string, format: FormatName, bytes: number): Promise<number | undefined> {
  const read = readers[format]
  if (read === undefined) return undefined
  const file = await open(path)
  try {
    return await read(file, bytes)
  } finally {
    await file.close()
  }
}

/** Longer rows of boxes are those of recordings in fragments, whose last box is asked for by reading all anyway. */
const maxBoxes = 20_000

/** Follows parts of a file that begin with their own length; what is no such part ends the row without a claim. */
const row =
  (headerBytes: number, lengthOf: (header: Buffer, at: number, bytes: number) => number | undefined): Reader =>
  async (file, bytes) => {
    let at = 0
    for (let count = 0; at < bytes && count < maxBoxes; count++) {
      const header = await read(file, at, headerBytes)
      const length = header && lengthOf(header, at, bytes)
      if (length === undefined || length < 8) return undefined
      at += length
    }
    return at
  }

const boxes = row(16, (header, at, bytes) => {
  const head = boxHeadAt(header, 0, bytes - at)
  // Rubbish behind the last box is no box that is cut off.
  return head && /^[\w© -]{4}$/.test(head.type) ? head.bytes : undefined
})

const riff = row(12, (header) => {
  const length = header.readUInt32LE(4)
  // Nought and the largest number stand for a length that was not known yet.
  const isTold = header.toString('latin1', 0, 4) === 'RIFF' && length > 4 && length < 0xffffff00
  // The pad byte behind an odd length is often left away at the end.
  return isTold ? 8 + length : undefined
})

const iff = row(12, (header) => (header.toString('latin1', 0, 4) === 'FORM' ? 8 + header.readUInt32BE(4) : undefined))

const asfData = Buffer.from('3626b2758e66cf11a6d900aa0062ce6c', 'hex')

const asf = row(24, (header, at) => {
  const length = Number(header.readBigUInt64LE(16))
  const isFirst = at === 0
  // A length of nought or of the header alone is that of a live recording.
  if (header.subarray(0, 16).equals(asfData) && length <= 50) return undefined
  return isFirst || length >= 24 ? length : undefined
})

const segmentId = 0x18538067

const matroska: Reader = async (file) => {
  const head = await read(file, 0, 64)
  const headerSize = head && vintAt(head, 4)
  if (headerSize?.value === undefined) return undefined
  const segmentAt = 4 + headerSize.bytes + headerSize.value
  const segment = await read(file, segmentAt, 12)
  if (segment === undefined || segment.readUInt32BE(0) !== segmentId) return undefined
  const size = vintAt(segment, 4)
  return size?.value === undefined ? undefined : segmentAt + 4 + size.bytes + size.value
}

/** A length as Matroska writes it; without a value where it is not known. */
function vintAt(buffer: Buffer, at: number): { bytes: number; value?: number } | undefined {
  const first = buffer[at] ?? 0
  const bytes = Math.clz32(first) - 23
  if (first === 0 || at + bytes > buffer.length) return undefined
  let value = first & (0xff >> bytes)
  let isUnknown = value === 0xff >> bytes
  for (const byte of buffer.subarray(at + 1, at + bytes)) {
    value = value * 256 + byte
    isUnknown &&= byte === 0xff
  }
  return isUnknown ? { bytes } : { bytes, value }
}

const transportPackets = [188, 192, 204]

/** Packets of one size follow each other from the first one on. */
const transport: Reader = async (file, bytes) => {
  const head = await read(file, 0, Math.min(bytes, 204 * 12))
  if (head === undefined) return undefined
  for (const size of transportPackets) {
    const first = size === 192 ? 4 : 0
    const starts = Array.from({ length: Math.floor((head.length - first) / size) }, (_, at) => head[first + at * size])
    if (starts.length > 0 && starts.every((byte) => byte === 0x47)) return Math.ceil(bytes / size) * size
  }
  return undefined
}

/** An MP3 tells its size beside the number of its frames, in the first of them. */
const mp3: Reader = async (file, bytes) => {
  const head = await read(file, 0, 10)
  const isTagged = head?.toString('latin1', 0, 3) === 'ID3'
  // Seven bits a byte.
  const tag = isTagged ? [6, 7, 8, 9].reduce((sum, at) => sum * 128 + (head[at] ?? 0), 0) + 10 : 0
  const frame = await read(file, tag, Math.min(200, bytes - tag))
  if (frame === undefined || frame.readUInt16BE(0) < 0xffe0) return undefined
  const at = [21, 13, 36, 23].find((place) => /^(?:Xing|Info)$/.test(frame.toString('latin1', place, place + 4)))
  if (at === undefined || frame.length < at + 16) return undefined
  const flags = frame.readUInt32BE(at + 4)
  if ((flags & 2) === 0) return undefined
  return tag + frame.readUInt32BE(at + ((flags & 1) === 0 ? 8 : 12))
}

/** No page of Ogg is longer. */
const pageBytes = 65_307

/** Pages tell their length; the last one begins within the last bytes. */
const ogg: Reader = async (file, bytes) => {
  const from = Math.max(0, bytes - pageBytes)
  const tail = await read(file, from, bytes - from)
  const at = tail?.lastIndexOf('OggS') ?? -1
  if (tail === undefined || at < 0 || at + 27 > tail.length) return undefined
  const segments = tail[at + 26] ?? 0
  const lengths = tail.subarray(at + 27, at + 27 + segments)
  return from + at + 27 + segments + lengths.reduce((sum, length) => sum + length, 0)
}

const readers: Partial<Record<FormatName, Reader>> = {
  mp4: boxes,
  mov: boxes,
  '3gp': boxes,
  m4a: boxes,
  mkv: matroska,
  webm: matroska,
  avi: riff,
  wav: riff,
  aiff: iff,
  asf,
  ts: transport,
  mp3,
  ogg,
}

/** So many bytes; undefined when the file has no so many there. */
async function read(file: FileHandle, at: number, length: number): Promise<Buffer | undefined> {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await file.read(buffer, 0, length, at)
  // Headers at the very end may be shorter than the longest form.
  return bytesRead >= 8 ? buffer : undefined
}
