import { type FileHandle, open } from 'node:fs/promises'
import type { FormatName } from '../../formats.ts'

/** Says where the container of an open file should end, in bytes, by its own headers; undefined when it does not tell. */
type Reader = (file: FileHandle, bytes: number) => Promise<number | undefined>

/**
 * Whether a file is shorter than its container says, as after a copy or a recording that was broken off. False also where
 * the container does not tell.
 */
export async function isCutOff(path: string, format: FormatName, bytes: number): Promise<boolean> {
  const read = readers[format]
  if (read === undefined) return false
  const file = await open(path)
  try {
    const end = await read(file, bytes)
    return end !== undefined && end > bytes
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
  // Rubbish behind the last box is no box that is cut off.
  if (!/^[\w© -]{4}$/.test(header.toString('latin1', 4, 8))) return undefined
  const short = header.readUInt32BE(0)
  return short === 1 ? Number(header.readBigUInt64BE(8)) : short === 0 ? bytes - at : short
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
}

/** So many bytes; undefined when the file has no so many there. */
async function read(file: FileHandle, at: number, length: number): Promise<Buffer | undefined> {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await file.read(buffer, 0, length, at)
  // Headers at the very end may be shorter than the longest form.
  return bytesRead >= 8 ? buffer : undefined
}
