import { readJpeg, segmentPlace } from './jpeg-parts.ts'
import { loadPacker } from './packer.ts'

/**
 * Packs a JPEG tighter: its coefficients stay, but their codes are made for them and stand in the order of frequency
 * (progressive). Colour profiles stay, other metadata does not. Undefined for a file that ends early, or which has more
 * behind its end than `trailer` bytes.
 */
export async function packJpeg(jpeg: Buffer, trailer: number): Promise<Buffer | undefined> {
  const parts = readJpeg(jpeg)
  // Cut files are mended by decoders in ways that are not to be made for good.
  if (parts?.end === undefined || jpeg.length - parts.end > trailer) return undefined
  const { compressJpeg } = await loadPacker()
  const packed = await compressJpeg(jpeg)
  const first = segmentPlace(packed)
  return Buffer.concat([packed.subarray(0, first), ...profileSegments(jpeg), packed.subarray(first)])
}

const marker = { scan: 0xda, profile: 0xe2 }

/** Segments of the colour profile before the first scan, with their markers. */
function* profileSegments(jpeg: Buffer): Generator<Buffer> {
  for (let at = 2; at + 4 <= jpeg.length; ) {
    if (jpeg[at] !== 0xff || jpeg[at + 1] === 0xff) {
      at++
      continue
    }
    const code = jpeg[at + 1] ?? 0
    if (code === marker.scan) return
    const end = at + 2 + jpeg.readUInt16BE(at + 2)
    if (code === marker.profile && jpeg.toString('latin1', at + 4, at + 16) === 'ICC_PROFILE\0') {
      yield jpeg.subarray(at, end)
    }
    at = Math.max(end, at + 4)
  }
}
