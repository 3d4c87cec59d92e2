import { deflateSync } from 'node:zlib'
import type { IndexedPixels } from './palette.ts'
import { pngChunk, pngSignature } from './png-chunks.ts'

/**
 * A PNG with a palette that holds each colour and its alpha exactly; what libvips would quantise comes out a little other.
 * `level` is that of deflate, 0–9.
 */
export function writeIndexedPng(
  { width, height, indices, colours }: IndexedPixels,
  { level, icc }: { readonly level: number; readonly icc?: Buffer | undefined },
): Buffer {
  const bits = colours.length <= 2 ? 1 : colours.length <= 4 ? 2 : colours.length <= 16 ? 4 : 8
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width)
  header.writeUInt32BE(height, 4)
  header.set([bits, 3], 8)
  // Transparency ends with the last colour that has some, so those go first.
  const order = colours.map((_, index) => index).sort((one, other) => alphaOf(one) - alphaOf(other))
  function alphaOf(index: number): number {
    return colours[index]?.[3] === 255 ? 1 : 0
  }
  const place = new Uint8Array(256)
  for (const [at, index] of order.entries()) place[index] = at
  const sorted = order.flatMap((index) => colours[index] ?? [])
  const palette = Buffer.from(sorted.filter((_, at) => at % 4 < 3))
  const alphas = Buffer.from(sorted.filter((value, at) => at % 4 === 3 && value < 255))
  return Buffer.concat([
    pngSignature,
    pngChunk('IHDR', header),
    ...(icc ? [pngChunk('iCCP', Buffer.concat([Buffer.from('icc\0\0', 'latin1'), deflateSync(icc)]))] : []),
    pngChunk('PLTE', palette),
    ...(alphas.length > 0 ? [pngChunk('tRNS', alphas)] : []),
    pngChunk('IDAT', deflateSync(packRows(indices, width, height, bits, place), { level, memLevel: 9 })),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

/**
 * Rows of a PNG without a filter: palettes gain nothing from one. The leftmost pixel lies in the highest bits. `place` gives
 * the numbers new ones.
 */
export function packRows(indices: Buffer, width: number, height: number, bits: number, place?: Uint8Array): Buffer {
  const perByte = 8 / bits
  const stride = 1 + Math.ceil(width / perByte)
  const rows = Buffer.alloc(stride * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * stride + 1 + Math.floor(x / perByte)
      const shift = 8 - bits * (1 + (x % perByte))
      const index = indices[y * width + x] ?? 0
      rows[at] = (rows[at] ?? 0) | ((place ? (place[index] ?? 0) : index) << shift)
    }
  }
  return rows
}
