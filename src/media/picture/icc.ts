/** What an ICC profile says of itself. */
export interface IccTraits {
  /** Its description (`Display P3`, `Adobe RGB (1998)`); `unnamed profile` when it has none. */
  readonly name: string
  readonly space: 'rgb' | 'cmyk' | 'grey' | 'lab' | 'other'
  /** True when its primaries and curve are those of sRGB, whatever its name: nothing has to be converted then. */
  readonly isSrgb: boolean
}

/** Reads name, colour space and likeness to sRGB; null when the bytes are no ICC profile. */
export function readIcc(icc: Buffer): IccTraits | null {
  if (icc.length < 132 || icc.toString('latin1', 36, 40) !== 'acsp') return null
  const tags = readTags(icc)
  const space = spaces[icc.toString('latin1', 16, 20)] ?? 'other'
  return { name: nameOf(tags) ?? 'unnamed profile', space, isSrgb: space === 'rgb' && isLikeSrgb(tags) }
}

const spaces: Readonly<Record<string, IccTraits['space']>> = {
  'RGB ': 'rgb',
  CMYK: 'cmyk',
  GRAY: 'grey',
  'Lab ': 'lab',
}

type Tags = ReadonlyMap<string, Buffer>

function readTags(icc: Buffer): Tags {
  const tags = new Map<string, Buffer>()
  const count = Math.min(icc.readUInt32BE(128), 200)
  for (let at = 132; at + 12 <= icc.length && tags.size < count; at += 12) {
    const from = icc.readUInt32BE(at + 4)
    tags.set(icc.toString('latin1', at, at + 4), icc.subarray(from, from + icc.readUInt32BE(at + 8)))
  }
  return tags
}

function nameOf(tags: Tags): string | undefined {
  const desc = tags.get('desc')
  if (!desc || desc.length < 16) return undefined
  const type = desc.toString('latin1', 0, 4)
  let name = ''
  if (type === 'desc') name = desc.toString('latin1', 12, 12 + desc.readUInt32BE(8))
  else if (type === 'mluc' && desc.length >= 28) {
    const from = desc.readUInt32BE(24)
    const text = desc.subarray(from, from + (desc.readUInt32BE(20) & ~1))
    name = Buffer.from(text).swap16().toString('utf16le')
  }
  return (
    name
      .replace(/\p{Cc}/gu, '')
      .trim()
      .slice(0, 80) || undefined
  )
}

/** The columns of sRGB's matrix, adapted to D50 as profiles hold them. */
const srgbColumns: Readonly<Record<string, readonly number[]>> = {
  rXYZ: [0.4361, 0.2225, 0.0139],
  gXYZ: [0.3851, 0.7169, 0.0971],
  bXYZ: [0.1431, 0.0606, 0.7139],
}

function isLikeSrgb(tags: Tags): boolean {
  // A profile with tables decides by these, not by its matrix.
  if (tags.has('A2B0')) return false
  for (const [name, column] of Object.entries(srgbColumns)) {
    const tag = tags.get(name)
    if (!tag || tag.length < 20) return false
    if (column.some((value, index) => Math.abs(tag.readInt32BE(8 + 4 * index) / 65536 - value) > 0.004)) return false
  }
  return ['rTRC', 'gTRC', 'bTRC'].every((name) => {
    const curve = tags.get(name)
    return curve !== undefined && [0.1, 0.3, 0.5, 0.8].every((at) => Math.abs(evaluate(curve, at) - srgb(at)) < 0.006)
  })
}

const srgb = (value: number): number => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)

/** A tone curve at 0–1; NaN when it is of a kind unknown here. */
function evaluate(curve: Buffer, at: number): number {
  const type = curve.toString('latin1', 0, 4)
  if (type === 'curv' && curve.length >= 12) {
    const count = curve.readUInt32BE(8)
    if (count === 0) return at
    if (curve.length < 12 + count * 2) return Number.NaN
    if (count === 1) return at ** (curve.readUInt16BE(12) / 256)
    return curve.readUInt16BE(12 + 2 * Math.round(at * (count - 1))) / 65535
  }
  if (type === 'para' && curve.length >= 32 && curve.readUInt16BE(8) === 3) {
    const [gamma = 1, a = 1, b = 0, c = 0, d = 0] = [0, 1, 2, 3, 4].map(
      (index) => curve.readInt32BE(12 + 4 * index) / 65536,
    )
    return at >= d ? (a * at + b) ** gamma : c * at
  }
  return Number.NaN
}

/**
 * A TIFF in memory around raw 8-bit pixels with their profile: libvips applies a profile only to what comes from a file, and
 * this is how decoders without one hand theirs over.
 */
export function tiffWithIcc(
  pixels: { readonly data: Buffer; readonly width: number; readonly height: number; readonly channels: 1 | 3 | 4 },
  icc: Buffer,
): Buffer {
  const { data, width, height, channels } = pixels
  const entries: (readonly [tag: number, type: number, count: number, value: number])[] = []
  const ifdSize = 2 + 12 * (channels === 4 ? 12 : 11) + 4
  const bitsAt = 8 + ifdSize
  const iccAt = bitsAt + 8
  const dataAt = iccAt + icc.length + (icc.length & 1)
  const [short, long, undefinedBytes] = [3, 4, 7]
  entries.push([256, long, 1, width], [257, long, 1, height])
  entries.push(channels === 1 ? [258, short, 1, 8] : [258, short, channels, bitsAt])
  entries.push(
    [259, short, 1, 1],
    [262, short, 1, channels === 1 ? 1 : 2],
    [273, long, 1, dataAt],
    [277, short, 1, channels],
  )
  entries.push([278, long, 1, height], [279, long, 1, data.length], [284, short, 1, 1])
  if (channels === 4) entries.push([338, short, 1, 2])
  entries.push([34675, undefinedBytes, icc.length, iccAt])
  const head = Buffer.alloc(dataAt)
  head.write('II*\0\x08\0\0\0', 'latin1')
  head.writeUInt16LE(entries.length, 8)
  entries.forEach(([tag, type, count, value], index) => {
    const at = 10 + 12 * index
    head.writeUInt16LE(tag, at)
    head.writeUInt16LE(type, at + 2)
    head.writeUInt32LE(count, at + 4)
    head.writeUInt32LE(value, at + 8)
  })
  for (let index = 0; index < channels; index++) head.writeUInt16LE(8, bitsAt + 2 * index)
  icc.copy(head, iccAt)
  return Buffer.concat([head, data])
}
