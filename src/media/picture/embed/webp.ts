import type { KeptMetadata } from '../kept/take.ts'
import { riffChunk } from '../riff-chunks.ts'

const flags = { alpha: 0x10, exif: 0x08, xmp: 0x04 }

/** The WebP with metadata in chunks behind the picture, in the extended form that announces them. WebP holds no IPTC. */
export function embedInWebp(webp: Buffer, { exif, xmp }: KeptMetadata): Buffer {
  const first = webp.toString('latin1', 12, 16)
  const isExtended = first === 'VP8X'
  const header = isExtended ? Buffer.from(webp.subarray(12, 30)) : extendedHeader(webp)
  if (!header) return webp
  header[8] = (header[8] ?? 0) | (exif ? flags.exif : 0) | (xmp ? flags.xmp : 0)
  const parts = [
    header,
    webp.subarray(isExtended ? 30 : 12),
    ...(exif ? [riffChunk('EXIF', exif)] : []),
    ...(xmp ? [riffChunk('XMP ', xmp)] : []),
  ]
  const riff = Buffer.from(webp.subarray(0, 12))
  riff.writeUInt32LE(4 + parts.reduce((sum, part) => sum + part.length, 0), 4)
  return Buffer.concat([riff, ...parts])
}

/** The header of the extended form, from what the simple form says of itself. */
function extendedHeader(webp: Buffer): Buffer | undefined {
  const type = webp.toString('latin1', 12, 16)
  const data = Buffer.alloc(10)
  if (type === 'VP8 ') {
    data.writeUIntLE((webp.readUInt16LE(26) & 0x3fff) - 1, 4, 3)
    data.writeUIntLE((webp.readUInt16LE(28) & 0x3fff) - 1, 7, 3)
  } else if (type === 'VP8L') {
    const bits = webp.readUInt32LE(21)
    data[0] = (bits >>> 28) & 1 ? flags.alpha : 0
    data.writeUIntLE(bits & 0x3fff, 4, 3)
    data.writeUIntLE((bits >>> 14) & 0x3fff, 7, 3)
  } else return undefined
  return riffChunk('VP8X', data)
}
