import { crc32, deflateSync } from 'node:zlib'
import { box, withSegment } from './pictures.ts'

/** A chunk of a PNG with its length and sum. */
export function pngChunk(name: string, body: Buffer): Buffer {
  const chunk = Buffer.alloc(12 + body.length)
  chunk.writeUInt32BE(body.length)
  chunk.write(name, 4, 'latin1')
  body.copy(chunk, 8)
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + body.length)), 8 + body.length)
  return chunk
}

/** The PNG with further chunks right behind its header. */
export const withChunks = (png: Buffer, ...chunks: readonly Buffer[]): Buffer =>
  Buffer.concat([png.subarray(0, 33), ...chunks, png.subarray(33)])

/** The PNG with a profile. */
export const pngWithIcc = (png: Buffer, icc: Buffer): Buffer =>
  withChunks(png, pngChunk('iCCP', Buffer.concat([Buffer.from('profile\0\0', 'latin1'), deflateSync(icc)])))

/** The JPEG with a profile, cut into segments as large ones have to be. */
export function jpegWithIcc(jpeg: Buffer, icc: Buffer): Buffer {
  const room = 60_000
  const count = Math.ceil(icc.length / room)
  let out = jpeg
  for (let part = count; part >= 1; part--) {
    const head = Buffer.concat([Buffer.from('ICC_PROFILE\0', 'latin1'), Buffer.from([part, count])])
    out = withSegment(out, 0xe2, Buffer.concat([head, icc.subarray((part - 1) * room, part * room)]))
  }
  return out
}

/** The plain WebP of a size with a profile, EXIF or both, which asks for the extended header. */
export function webpWith(
  webp: Buffer,
  { width, height, icc, exif }: { width: number; height: number; icc?: Buffer; exif?: Buffer },
): Buffer {
  const chunk = (name: string, body: Buffer): Buffer => {
    const head = Buffer.alloc(8)
    head.write(name, 'latin1')
    head.writeUInt32LE(body.length, 4)
    return Buffer.concat([head, body, Buffer.alloc(body.length & 1)])
  }
  const extended = Buffer.alloc(10)
  extended[0] = (icc ? 0x20 : 0) | (exif ? 8 : 0)
  extended.writeUIntLE(width - 1, 4, 3)
  extended.writeUIntLE(height - 1, 7, 3)
  const body = Buffer.concat([
    chunk('VP8X', extended),
    ...(icc ? [chunk('ICCP', icc)] : []),
    webp.subarray(12),
    ...(exif ? [chunk('EXIF', exif)] : []),
  ])
  const head = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1')
  head.writeUInt32LE(4 + body.length, 4)
  return Buffer.concat([head, body])
}

/** Samples of a picture as a TIFF holds them. */
export interface TiffSamples {
  readonly data: Uint8Array | Uint16Array | Float32Array
  readonly width: number
  readonly height: number
  readonly channels: number
  /** 1 grey, 2 RGB, 5 CMYK, 8 CIELab. */
  readonly photometric: number
  /** What the last channel is: 1 alpha that the colours are multiplied with, 2 alpha beside the colours. */
  readonly extra?: 1 | 2
  readonly icc?: Buffer
}

/** A TIFF of one strip, uncompressed, of any kind of samples. */
export function tiffOf({ data, width, height, channels, photometric, extra, icc }: TiffSamples): Buffer {
  const samples = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const size = data.BYTES_PER_ELEMENT
  const [short, long, bytes] = [3, 4, 7]
  const bits = Buffer.alloc(2 * channels)
  const kinds = Buffer.alloc(2 * channels)
  for (let channel = 0; channel < channels; channel++) {
    bits.writeUInt16LE(8 * size, 2 * channel)
    kinds.writeUInt16LE(data instanceof Float32Array ? 3 : 1, 2 * channel)
  }
  const entries: (readonly [tag: number, type: number, count: number, value: number | Buffer])[] = [
    [256, long, 1, width],
    [257, long, 1, height],
    [258, short, channels, bits],
    [259, short, 1, 1],
    [262, short, 1, photometric],
    [273, long, 1, samples],
    [277, short, 1, channels],
    [278, long, 1, height],
    [279, long, 1, samples.length],
    ...(extra === undefined ? [] : ([[338, short, 1, extra]] as const)),
    [339, short, channels, kinds],
    ...(icc ? ([[34675, bytes, icc.length, icc]] as const) : []),
  ]
  const directory = Buffer.alloc(2 + 12 * entries.length + 4)
  directory.writeUInt16LE(entries.length)
  const bodies: Buffer[] = []
  let offset = 8 + directory.length
  for (const [index, [tag, type, count, value]] of entries.entries()) {
    const at = 2 + 12 * index
    directory.writeUInt16LE(tag, at)
    directory.writeUInt16LE(type, at + 2)
    directory.writeUInt32LE(count, at + 4)
    if (typeof value === 'number') directory.writeUInt32LE(value, at + 8)
    else if (value !== samples && value.length <= 4) value.copy(directory, at + 8)
    else {
      directory.writeUInt32LE(offset, at + 8)
      const padded = Buffer.concat([value, Buffer.alloc(-value.length & 7)])
      bodies.push(padded)
      offset += padded.length
    }
  }
  return Buffer.concat([Buffer.from('II*\0\x08\0\0\0', 'latin1'), directory, ...bodies])
}

/** A property that turns a HEIF picture anticlockwise by quarters. */
export const irot = (turns: number): Buffer => box('irot', Buffer.from([turns]))

/** A property that mirrors a HEIF picture; `vertical` swaps top and bottom. */
export const imir = (axis: 'vertical' | 'horizontal'): Buffer => box('imir', Buffer.from([axis === 'vertical' ? 0 : 1]))

/** A property that tells a HEIF picture's colour by numbers of ITU-T H.273. */
export const nclx = (primaries: number, transfer: number, matrix: number, isFullRange = true): Buffer =>
  box('colr', Buffer.from([0x6e, 0x63, 0x6c, 0x78, 0, primaries, 0, transfer, 0, matrix, isFullRange ? 0x80 : 0]))

/** An AVIF of one item, as sharp writes them, with further properties for it, done in this order. */
export function avifWith(avif: Buffer, ...added: readonly Buffer[]): Buffer {
  const grow = Buffer.concat(added)
  const at = (name: string): number => avif.indexOf(name, 0, 'latin1') - 4
  const [meta, iprp, ipco, ipma, iloc] = [at('meta'), at('iprp'), at('ipco'), at('ipma'), at('iloc')]
  const known = countBoxes(avif.subarray(ipco + 8, ipco + avif.readUInt32BE(ipco)))
  // The list of properties of the first item: version 0, one byte each, the high bit says essential.
  const linksAt = ipma + 12 + 4 + 2
  const links = avif.readUInt8(linksAt)
  const further = Buffer.from(added.map((each, index) => (each.includes('colr') ? 0 : 0x80) | (known + 1 + index)))
  const out = Buffer.from(avif)
  const growth = grow.length + further.length
  out.writeUInt32BE(avif.readUInt32BE(meta) + growth, meta)
  out.writeUInt32BE(avif.readUInt32BE(iprp) + growth, iprp)
  out.writeUInt32BE(avif.readUInt32BE(ipco) + grow.length, ipco)
  out.writeUInt32BE(avif.readUInt32BE(ipma) + further.length, ipma)
  out.writeUInt8(links + further.length, linksAt)
  shiftPlaces(out, iloc, growth)
  const ipcoEnd = ipco + avif.readUInt32BE(ipco)
  const linksEnd = linksAt + 1 + links
  return Buffer.concat([
    out.subarray(0, ipcoEnd),
    grow,
    out.subarray(ipcoEnd, linksEnd),
    further,
    out.subarray(linksEnd),
  ])
}

function countBoxes(body: Buffer): number {
  let count = 0
  for (let at = 0; at < body.length; at += body.readUInt32BE(at)) count++
  return count
}

/** Moves the file offsets of all items, as their data lies behind what grew. */
function shiftPlaces(out: Buffer, iloc: number, by: number): void {
  const version = out.readUInt8(iloc + 8)
  const sizes = out.readUInt16BE(iloc + 12)
  const [offsetSize, lengthSize, baseSize] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15]
  if (version > 1 || offsetSize !== 4 || (baseSize !== 0 && baseSize !== 4)) throw new Error('not such an AVIF')
  let at = iloc + 16
  for (let item = 0; item < out.readUInt16BE(iloc + 14); item++) {
    at += (version === 1 ? 6 : 4) + baseSize
    const extents = out.readUInt16BE(at)
    at += 2
    for (let extent = 0; extent < extents; extent++) {
      out.writeUInt32BE(out.readUInt32BE(at) + by, at)
      at += 4 + lengthSize
    }
  }
}

/** EXIF whose interoperability directory has this index: `R98` says sRGB, `R03` Adobe RGB. */
export function exifOfInterop(index: string): Buffer {
  const tiff = Buffer.alloc(62)
  tiff.write('II*\0\x08\0\0\0', 'latin1')
  // Three directories of one entry each, one leading to the next.
  for (const [at, tag, type, count, value] of [
    [8, 34665, 4, 1, 26],
    [26, 40965, 4, 1, 44],
    [44, 1, 2, 4, 0],
  ] as const) {
    tiff.writeUInt16LE(1, at)
    tiff.writeUInt16LE(tag, at + 2)
    tiff.writeUInt16LE(type, at + 4)
    tiff.writeUInt32LE(count, at + 6)
    tiff.writeUInt32LE(value, at + 10)
  }
  tiff.write(`${index}\0`, 54, 'latin1')
  return tiff
}
