import { BitReader } from '../../bits.ts'
import { type Chroma, pixelFormatOf, type Setup } from './setup.ts'

/**
 * What the setup record (`avcC`) of H.264 in MP4 and MOV tells. Undefined when it is none, holds several setups of which only
 * decoding would show the right one, or tells something unusual: then a frame has to be decoded.
 */
export function h264SetupOf(record: Uint8Array | null): Setup | undefined {
  if (record === null || record.length < 8 || record[0] !== 1) return undefined
  const count = (record[5] ?? 0) & 0x1f
  const length = ((record[6] ?? 0) << 8) | (record[7] ?? 0)
  const unit = record.subarray(8, 8 + length)
  const isSetup = ((unit[0] ?? 0) & 0x1f) === 7
  return count === 1 && unit.length === length && isSetup ? readSetup(withoutGuards(unit.subarray(1))) : undefined
}

/** Bytes 0, 0, 3 stand for 0, 0, so that no setup looks like the mark between units. */
function withoutGuards(bytes: Uint8Array): Uint8Array {
  const isGuard = (byte: number, at: number): boolean => byte === 3 && bytes[at - 1] === 0 && bytes[at - 2] === 0
  return bytes.filter((byte, at) => at < 2 || !isGuard(byte, at))
}

/** Profiles whose setups tell how colour is sampled; the others have 4:2:0 in 8 bits. */
const highProfiles: ReadonlySet<number> = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 134, 135, 138, 139])

function readSetup(bytes: Uint8Array): Setup | undefined {
  const reader = new BitReader(bytes)
  const profile = reader.bits(8)
  reader.skip(16)
  reader.golomb()
  const coding = highProfiles.has(profile) ? readCoding(reader) : usualCoding
  if (coding === undefined) return undefined
  skipOrder(reader)
  const across = reader.golomb() + 1
  const down = reader.golomb() + 1
  const isProgressive = reader.flag()
  reader.skip(isProgressive ? 1 : 2)
  const lines = isProgressive ? 1 : 2
  const cut = reader.flag() ? [reader.golomb(), reader.golomb(), reader.golomb(), reader.golomb()] : []
  const [left = 0, right = 0, top = 0, bottom = 0] = cut
  const unitX = coding.chroma === '444' ? 1 : 2
  const unitY = (coding.chroma === '420' ? 2 : 1) * lines
  const width = across * 16 - unitX * (left + right)
  const height = down * 16 * lines - unitY * (top + bottom)
  const usability = reader.flag() ? readUsability(reader) : {}
  if (reader.isOver || !isSide(width) || !isSide(height)) return undefined
  // FFmpeg names pictures of RGB otherwise.
  if (usability.matrix === 0) return undefined
  const format = pixelFormatOf(coding.chroma, coding.bits, usability.isFullRange)
  return format === undefined ? undefined : { format, width, height, ...usability }
}

// No level of the standard allows more; who claims more is left to FFmpeg's own checks.
const isSide = (pixels: number): boolean => pixels > 0 && pixels <= 32_768

interface Coding {
  readonly chroma: Chroma
  readonly bits: number
}

const usualCoding: Coding = { chroma: '420', bits: 8 }
const chromas: readonly (Chroma | undefined)[] = [undefined, '420', '422', '444']

function readCoding(reader: BitReader): Coding | undefined {
  const kind = reader.golomb()
  if (kind === 3) reader.skip(1)
  const bits = 8 + reader.golomb()
  const colourBits = 8 + reader.golomb()
  reader.skip(1)
  if (reader.flag()) for (let list = 0; list < (kind === 3 ? 12 : 8); list++) skipScaling(reader, list < 6 ? 16 : 64)
  const chroma = chromas[kind]
  return chroma === undefined || bits !== colourBits ? undefined : { chroma, bits }
}

function skipScaling(reader: BitReader, size: number): void {
  if (!reader.flag()) return
  let last = 8
  let next = 8
  for (let at = 0; at < size; at++) {
    if (next !== 0) next = (last + reader.signedGolomb() + 256) % 256
    last = next === 0 ? last : next
  }
}

function skipOrder(reader: BitReader): void {
  reader.golomb()
  const kind = reader.golomb()
  if (kind === 0) reader.golomb()
  else if (kind === 1) {
    reader.skip(1)
    reader.signedGolomb()
    reader.signedGolomb()
    const count = Math.min(255, reader.golomb())
    for (let at = 0; at < count; at++) reader.signedGolomb()
  }
  reader.golomb()
  reader.skip(1)
}

/** Shapes of pixels by their numbers in the standard. */
const shapes: readonly (readonly [number, number])[] = [
  [0, 1],
  [1, 1],
  [12, 11],
  [10, 11],
  [16, 11],
  [40, 33],
  [24, 11],
  [20, 11],
  [32, 11],
  [80, 33],
  [18, 11],
  [15, 11],
  [64, 33],
  [160, 99],
  [4, 3],
  [3, 2],
  [2, 1],
]
const ownShape = 255

function readUsability(reader: BitReader): Omit<Setup, 'format' | 'width' | 'height'> {
  const shape = reader.flag() ? reader.bits(8) : 0
  const sar = shape === ownShape ? ([reader.bits(16), reader.bits(16)] as const) : shapes[shape]
  if (reader.flag()) reader.skip(1)
  const told = { ...(sar !== undefined && sar[0] > 0 && sar[1] > 0 ? { sar } : {}) }
  if (!reader.flag()) return told
  reader.skip(3)
  const isFullRange = reader.flag()
  if (!reader.flag()) return { ...told, isFullRange }
  const [primaries, transfer, matrix] = [reader.bits(8), reader.bits(8), reader.bits(8)]
  return { ...told, isFullRange, primaries, transfer, matrix }
}
