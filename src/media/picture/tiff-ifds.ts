/** One directory of a TIFF structure: tag number to its numeric values (text as bytes), at most the first 64 of each. */
export type Ifd = ReadonlyMap<number, readonly number[]>

// Hostile files chain directories in circles and declare millions of entries.
const maxIfds = 32
const maxEntries = 512
const maxValues = 64

/** Bytes of one value by TIFF type number; types that hold no integers are left out. */
const sizes: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 6: 1, 7: 1, 8: 2, 9: 4, 13: 4, 16: 8, 18: 8 }

const subIfds = 330

/**
 * The directories of a TIFF structure (TIFF, BigTIFF, EXIF, most camera raws): the main chain first, then sub-directories.
 * What lies outside the given bytes is left out, never an error. At most `most` are read.
 */
export function readIfds(bytes: Buffer, most = maxIfds): Ifd[] {
  const order = bytes.toString('latin1', 0, 2)
  if (bytes.length < 8 || (order !== 'II' && order !== 'MM')) return []
  const read = reader(bytes, order === 'II')
  const isBig = read(2, 2) === 43
  const found: Ifd[] = []
  const seen = new Set<number>()
  const waiting = [isBig ? read(8, 8) : read(4, 4)]
  const later: number[] = []
  while (found.length < most) {
    const offset = waiting.shift() ?? later.shift()
    if (offset === undefined) break
    if (offset < 8 || offset >= bytes.length || seen.has(offset)) continue
    seen.add(offset)
    const { ifd, next } = readIfd(bytes, read, offset, isBig)
    found.push(ifd)
    if (next > 0) waiting.push(next)
    later.push(...(ifd.get(subIfds) ?? []))
  }
  return found
}

type Read = (offset: number, size: number) => number

function reader(bytes: Buffer, isLittle: boolean): Read {
  return (offset, size) => {
    if (offset < 0 || offset + size > bytes.length) return 0
    if (size === 8) return Number(isLittle ? bytes.readBigUInt64LE(offset) : bytes.readBigUInt64BE(offset))
    return isLittle ? bytes.readUIntLE(offset, size) : bytes.readUIntBE(offset, size)
  }
}

function readIfd(bytes: Buffer, read: Read, offset: number, isBig: boolean): { ifd: Ifd; next: number } {
  const ifd = new Map<number, readonly number[]>()
  const word = isBig ? 8 : 4
  const head = isBig ? 8 : 2
  const entrySize = 4 + 2 * word
  const declared = read(offset, head)
  const count = Math.min(declared, maxEntries)
  for (let index = 0; index < count; index++) {
    const entry = offset + head + index * entrySize
    if (entry + entrySize > bytes.length) break
    const size = sizes[read(entry + 2, 2)]
    if (size === undefined) continue
    const total = read(entry + 4, word)
    const from = total * size <= word ? entry + 4 + word : read(entry + 4 + word, word)
    if (from + Math.min(total, maxValues) * size > bytes.length) continue
    const values = Array.from({ length: Math.min(total, maxValues) }, (_, at) => read(from + at * size, size))
    ifd.set(read(entry, 2), values)
  }
  return { ifd, next: declared <= maxEntries ? read(offset + head + declared * entrySize, word) : 0 }
}

/** The EXIF orientation 1–8 of a TIFF structure; 1 when it has none or one that does not exist. */
export function orientationOf(tiff: Buffer): number {
  const value = readIfds(tiff, 1)[0]?.get(274)?.[0] ?? 1
  return value >= 1 && value <= 8 ? value : 1
}

const [exifDirectory, interoperability, index] = [34665, 40965, 1]

/** Whether EXIF names the interoperability of DCF's option file (`R03`), which is how cameras say Adobe RGB. */
export function namesAdobeRgb(tiff: Buffer): boolean {
  const order = tiff.toString('latin1', 0, 2)
  if (order !== 'II' && order !== 'MM') return false
  const read = reader(tiff, order === 'II')
  const below = (ifd: Ifd | undefined, pointer: number): Ifd | undefined => {
    const offset = ifd?.get(pointer)?.[0]
    return offset === undefined || offset < 8 || offset >= tiff.length
      ? undefined
      : readIfd(tiff, read, offset, false).ifd
  }
  const found = below(below(readIfds(tiff, 1)[0], exifDirectory), interoperability)?.get(index) ?? []
  return String.fromCharCode(...found.slice(0, 3)) === 'R03'
}
