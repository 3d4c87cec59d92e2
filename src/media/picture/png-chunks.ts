import { crc32 } from 'node:zlib'

/** A chunk of a PNG: its type, its data, and where it stands in the file with its frame of 12 bytes. */
export interface PngChunk {
  readonly type: string
  readonly data: Buffer
  readonly start: number
  readonly end: number
}

/** The eight bytes that a PNG begins with. */
export const pngSignature = Buffer.from('89504e470d0a1a0a', 'hex')

/** A chunk as it stands in the file. */
export function pngChunk(type: string, data: Buffer): Buffer {
  const chunk = Buffer.alloc(12 + data.length)
  chunk.writeUInt32BE(data.length)
  chunk.write(type, 4, 'latin1')
  data.copy(chunk, 8)
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length)
  return chunk
}

/** The chunks of a PNG in file order, up to its end or to where it is cut. */
export function* pngChunks(png: Buffer): Generator<PngChunk> {
  let at = pngSignature.length
  while (at + 12 <= png.length) {
    const end = at + 12 + png.readUInt32BE(at)
    if (end > png.length) return
    yield { type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, end - 4), start: at, end }
    at = end
  }
}
