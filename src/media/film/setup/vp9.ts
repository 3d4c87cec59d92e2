import { BitReader } from '../../bits.ts'
import { type Chroma, pixelFormatOf, type Setup } from './setup.ts'

/** So many bytes of a first packet hold what is read here. */
export const vp9HeadBytes = 16

/** H.273 numbers of the matrices by VP9's own; RGB, the last, is not read here. */
const matrices = [2, 5, 1, 6, 7, 9, 3]

/** What the first bytes of a key frame in VP9 tell; undefined for other frames, and for RGB. */
export function vp9SetupOf(packet: Uint8Array): Setup | undefined {
  const reader = new BitReader(packet)
  if (reader.bits(2) !== 2) return undefined
  const profile = reader.bits(1) + 2 * reader.bits(1)
  if (profile === 3 && reader.flag()) return undefined
  const isShownAgain = reader.flag()
  const isInter = reader.flag()
  if (isShownAgain || isInter) return undefined
  reader.skip(2)
  if (reader.bits(24) !== 0x498342) return undefined
  const bits = profile < 2 ? 8 : reader.flag() ? 12 : 10
  const matrix = matrices[reader.bits(3)]
  if (matrix === undefined) return undefined
  const isFullRange = reader.flag()
  const chroma = profile % 2 === 0 ? '420' : readChroma(reader)
  const width = reader.bits(16) + 1
  const height = reader.bits(16) + 1
  const format = pixelFormatOf(chroma, bits)
  return reader.isOver || format === undefined ? undefined : { format, width, height, isFullRange, matrix }
}

function readChroma(reader: BitReader): Chroma {
  const isHalfAcross = reader.flag()
  const isHalfDown = reader.flag()
  reader.skip(1)
  if (isHalfAcross) return isHalfDown ? '420' : '422'
  return isHalfDown ? '440' : '444'
}
