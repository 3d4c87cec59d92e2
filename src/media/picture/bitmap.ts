import type { Pixels } from '../picture.ts'

const bitFields = 3

/**
 * Pixels of an uncompressed bitmap whose colours lie in bit fields of any width (`BI_BITFIELDS`), of which FFmpeg knows only
 * the usual ones; null for other bitmaps, or when rows are missing.
 */
export function decodeBitFields(bytes: Buffer): Pixels | null {
  if (bytes.length < 66 || bytes.readUInt32LE(30) !== bitFields) return null
  const depth = bytes.readUInt16LE(28)
  if (depth !== 16 && depth !== 32) return null
  const width = bytes.readInt32LE(18)
  const rows = bytes.readInt32LE(22)
  const height = Math.abs(rows)
  const start = bytes.readUInt32LE(10)
  const stride = ((width * depth + 31) >> 5) << 2
  if (width <= 0 || height === 0 || start + stride * height > bytes.length) return null
  const fields = [54, 58, 62].map((at) => fieldOf(bytes.readUInt32LE(at)))
  const data = Buffer.allocUnsafe(width * height * 3)
  for (let y = 0, to = 0; y < height; y++) {
    const row = start + stride * (rows < 0 ? y : height - 1 - y)
    for (let x = 0; x < width; x++) {
      const value = depth === 16 ? bytes.readUInt16LE(row + 2 * x) : bytes.readUInt32LE(row + 4 * x)
      for (const { shift, most } of fields)
        data[to++] = Math.round((Math.floor(value / 2 ** shift) % (most + 1)) * (255 / most))
    }
  }
  return { data, width, height, channels: 3 }
}

/** Where a field of bits begins and the most it can hold. */
function fieldOf(mask: number): { shift: number; most: number } {
  const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask)
  return { shift, most: Math.max(1, Math.floor(mask / 2 ** shift)) }
}
