import { brotliDecompressSync } from 'node:zlib'
import { MiB } from '../../units.ts'
import { boxesOf } from './boxes.ts'
import { takeExifBlock } from './exif-blocks.ts'
import { attempt, type Blocks } from './found.ts'
import type { ByteView } from './source.ts'

const boxBytes = 4 * MiB
/** A `brob` box may inflate to anything; inflating stops here and the block is absent. */
const inflatedBytes = MiB

/** Cuts the blocks out of a JPEG XL: Exif and XMP boxes, plain or Brotli-coded, and the header of the codestream. */
export function takeJxl(view: ByteView, blocks: Blocks): void {
  if (view.bytes(0, 2).readUInt16BE(0) === 0xff0a) {
    attempt(() => takeHeader(view.bytes(2, 64), blocks))
    return
  }
  let hasHeader = false
  for (const { type, body } of boxesOf(view)) {
    const data = (most = boxBytes) => body.bytes(0, most)
    if (type === 'Exif' && body.size <= boxBytes) attempt(() => takeExifBlock(data(), blocks))
    else if (type === 'xml ' && body.size <= boxBytes) blocks.xmp.push(data())
    else if (type === 'brob' && body.size <= boxBytes) attempt(() => takeInflated(data(), blocks))
    else if ((type === 'jxlc' || type === 'jxlp') && !hasHeader) {
      hasHeader = true
      // Partial codestreams have a number in front; both start with the mark FF 0A.
      attempt(() => takeHeader(data(72).subarray(type === 'jxlp' ? 6 : 2), blocks))
    }
  }
}

function takeInflated(data: Buffer, blocks: Blocks): void {
  const inner = data.toString('latin1', 0, 4)
  if (inner !== 'Exif' && inner !== 'xml ') return
  const plain = brotliDecompressSync(data.subarray(4), { maxOutputLength: inflatedBytes })
  if (inner === 'Exif') takeExifBlock(plain, blocks)
  else blocks.xmp.push(plain)
}

const ratios = [1, 1, 12 / 10, 4 / 3, 3 / 2, 16 / 9, 5 / 4, 2]

/** Size, orientation and depth stand in the first bits, lowest bit first. */
function takeHeader(bytes: Buffer, { facts }: Blocks): void {
  let position = 0
  const read = (count: number): number => {
    let value = 0
    for (let bit = 0; bit < count; bit++, position++) {
      const byte = bytes[position >> 3]
      if (byte === undefined) throw new RangeError('The header ends early.')
      value += ((byte >> (position & 7)) & 1) * 2 ** bit
    }
    return value
  }
  const side = (isSmall: boolean): number => (isSmall ? (read(5) + 1) * 8 : read([9, 13, 18, 30][read(2)] ?? 9) + 1)
  const size = (): [number, number] => {
    const isSmall = read(1) === 1
    const height = side(isSmall)
    const ratio = read(3)
    return [ratio === 0 ? side(isSmall) : Math.floor(height * (ratios[ratio] ?? 1)), height]
  }
  ;[facts.width, facts.height] = size()
  if (read(1) === 1) {
    // "All default": 8 bits, upright, sRGB.
    facts.bitDepth = 8
    facts.colorSpace = 'srgb'
    return
  }
  if (read(1) === 1) {
    facts.orientation = read(3) + 1
    if (read(1) === 1) size()
    // A preview or an animation has a header of its own in between; its depth is left absent.
    if (read(1) === 1 || read(1) === 1) return
  }
  const isFloat = read(1) === 1
  const choice = read(2)
  facts.bitDepth = isFloat ? ([32, 16, 24][choice] ?? 1 + read(6)) : ([8, 10, 12][choice] ?? 1 + read(6))
}
