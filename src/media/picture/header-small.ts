import { jxlCodestream, readJxlHead } from './jxl-head.ts'

/** What a header tells before anything is decoded; sizes as stored. */
export interface StoredSize {
  readonly width: number
  readonly height: number
  /** EXIF-like orientation that the decoder applies itself, so that the sizes seen are swapped for 5–8. */
  readonly orientation?: number
  readonly icc?: Buffer
}

/** Size and profile of formats whose headers are a few lines to read; null when the header is cut or garbled. */
export function readSmallHeader(format: 'jxl' | 'jp2' | 'bmp' | 'ico' | 'exr', bytes: Buffer): StoredSize | null {
  try {
    const size = readers[format](bytes)
    return size && size.width > 0 && size.height > 0 ? size : null
  } catch (thrown) {
    // Reading past the end is how a cut header shows itself.
    if (thrown instanceof RangeError) return null
    throw thrown
  }
}

const readers = { jxl, jp2, bmp, ico: (bytes: Buffer) => iconEntries(bytes)[0] ?? null, exr }

function bmp(bytes: Buffer): StoredSize {
  if (bytes.readUInt32LE(14) === 12) return { width: bytes.readUInt16LE(18), height: bytes.readUInt16LE(20) }
  return { width: bytes.readInt32LE(18), height: Math.abs(bytes.readInt32LE(22)) }
}

/** A picture inside an icon file. */
export interface IconEntry {
  readonly width: number
  readonly height: number
  readonly depth: number
  /** A whole PNG, or a bitmap without its file header. */
  readonly data: Buffer
}

/** The pictures of an icon file, largest and deepest first, with the sizes that they themselves declare. */
export function iconEntries(bytes: Buffer): IconEntry[] {
  const entries: IconEntry[] = []
  for (let index = 0; index < bytes.readUInt16LE(4); index++) {
    const at = 6 + 16 * index
    if (at + 16 > bytes.length) break
    const from = bytes.readUInt32LE(at + 12)
    const data = bytes.subarray(from, from + bytes.readUInt32LE(at + 8))
    if (data.length < 40) continue
    const isPng = data.readUInt32BE(0) === 0x89504e47
    const width = isPng ? data.readUInt32BE(16) : data.readInt32LE(4)
    const height = isPng ? data.readUInt32BE(20) : Math.abs(data.readInt32LE(8)) >> 1
    entries.push({ width, height, depth: isPng ? 32 : data.readUInt16LE(14), data })
  }
  return entries.sort((one, other) => other.width * other.height - one.width * one.height || other.depth - one.depth)
}

/** The attribute `dataWindow`: left, top, right and bottom, all inclusive. */
function exr(bytes: Buffer): StoredSize | null {
  const at = bytes.indexOf('dataWindow\0box2i\0\x10\0\0\0', 8, 'latin1')
  if (at < 0) return null
  const [left = 0, top = 0, right = 0, bottom = 0] = [0, 4, 8, 12].map((offset) => bytes.readInt32LE(at + 21 + offset))
  return { width: right - left + 1, height: bottom - top + 1 }
}

function jp2(bytes: Buffer): StoredSize | null {
  const size = bytes.indexOf('\xff\x4f\xff\x51', 0, 'latin1')
  if (size < 0) return null
  const icc = jp2Profile(bytes.subarray(0, size))
  return {
    width: bytes.readUInt32BE(size + 8) - bytes.readUInt32BE(size + 16),
    height: bytes.readUInt32BE(size + 12) - bytes.readUInt32BE(size + 20),
    ...(icc ? { icc } : {}),
  }
}

/** The profile of a `colr` box whose method is 2 or 3. */
function jp2Profile(boxes: Buffer): Buffer | undefined {
  const at = boxes.indexOf('colr', 0, 'latin1')
  if (at < 4) return undefined
  const method = boxes[at + 4] ?? 0
  return method === 2 || method === 3 ? boxes.subarray(at + 7, at - 4 + boxes.readUInt32BE(at - 4)) : undefined
}

function jxl(bytes: Buffer): StoredSize | null {
  const codestream = jxlCodestream(bytes)
  return codestream && readJxlHead(codestream)
}
