import { writeFileSync } from 'node:fs'
import { deflateRawSync, deflateSync, constants as zlib } from 'node:zlib'
import { pngChunk, pngSignature } from '../../src/media/picture/png-chunks.ts'

/** Rows of a band, of which a giant is a pile. */
const bandRows = 100

/** Writes a PNG of RGB whose rows are all alike: as large as asked, made at once, since one band is compressed and repeated. */
export function writeGiantPng(path: string, width: number, height: number): void {
  const rows = Buffer.concat(Array.from({ length: bandRows }, () => Buffer.concat([Buffer.from([0]), rampOf(width)])))
  // A full flush ends on a byte and refers to nothing before, so that what follows may be the same again.
  const band = deflateRawSync(rows, { level: 1, finishFlush: zlib.Z_FULL_FLUSH })
  const count = height / bandRows
  const bands = Array.from({ length: count }, () => band)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(adlerOfRepeated(rows, count))
  const data = Buffer.concat([Buffer.from([0x78, 0x01]), ...bands, Buffer.from([0x03, 0x00]), sum])
  const size = Buffer.alloc(13)
  size.writeUInt32BE(width, 0)
  size.writeUInt32BE(height, 4)
  size.set([8, 2, 0, 0, 0], 8)
  const chunks = [pngChunk('IHDR', size), pngChunk('IDAT', data), pngChunk('IEND', Buffer.alloc(0))]
  writeFileSync(path, Buffer.concat([pngSignature, ...chunks]))
}

/** Writes a TIFF of RGB whose strips are all one and the same, compressed once. */
export function writeGiantTiff(path: string, width: number, height: number): void {
  const strip = deflateSync(Buffer.concat(Array.from({ length: bandRows }, () => rampOf(width))), { level: 1 })
  const count = height / bandRows
  // Behind the strip: where the strips lie and how long they are, then the directory.
  const tables = 8 + strip.length
  const bits = tables + 8 * count
  const entries: [tag: number, type: number, count: number, value: number][] = [
    [256, 4, 1, width],
    [257, 4, 1, height],
    [258, 3, 3, bits],
    [259, 3, 1, 8],
    [262, 3, 1, 2],
    [273, 4, count, tables],
    [277, 3, 1, 3],
    [278, 4, 1, bandRows],
    [279, 4, count, tables + 4 * count],
    [284, 3, 1, 1],
  ]
  const file = Buffer.alloc(bits + 6 + 2 + 12 * entries.length + 4)
  file.write('II*\0', 'latin1')
  file.writeUInt32LE(bits + 6, 4)
  strip.copy(file, 8)
  for (let at = 0; at < count; at++) {
    file.writeUInt32LE(8, tables + 4 * at)
    file.writeUInt32LE(strip.length, tables + 4 * (count + at))
  }
  for (let at = 0; at < 3; at++) file.writeUInt16LE(8, bits + 2 * at)
  file.writeUInt16LE(entries.length, bits + 6)
  for (const [index, [tag, type, length, value]] of entries.entries()) {
    const at = bits + 8 + 12 * index
    file.writeUInt16LE(tag, at)
    file.writeUInt16LE(type, at + 2)
    file.writeUInt32LE(length, at + 4)
    file.writeUInt32LE(value, at + 8)
  }
  writeFileSync(path, file)
}

/** A row from red to blue. */
function rampOf(width: number): Buffer {
  const row = Buffer.alloc(3 * width)
  for (let x = 0; x < width; x++) {
    const blue = Math.round((255 * x) / (width - 1))
    row.set([255 - blue, 60, blue], 3 * x)
  }
  return row
}

/** The checksum that ends a zlib stream, of bytes that come several times, without going through them each time. */
function adlerOfRepeated(bytes: Buffer, times: number): number {
  const prime = 65_521
  let [sum, weighted] = [0, 0]
  for (const byte of bytes) {
    sum = (sum + byte) % prime
    weighted = (weighted + sum) % prime
  }
  let [a, b] = [1, 0]
  for (let time = 0; time < times; time++) {
    b = (b + weighted + (bytes.length % prime) * a) % prime
    a = (a + sum) % prime
  }
  return b * 0x10000 + a
}
