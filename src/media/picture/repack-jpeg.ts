import type { RewriteOptions } from '../picture.ts'
import { readJpeg } from './jpeg-parts.ts'
import { orientationExif } from './orientation-exif.ts'
import { loadPacker } from './packer.ts'

/**
 * Packs a JPEG tighter: its coefficients stay, but their codes are made for them and stand in the order of frequency
 * (progressive). Undefined where that would leave behind what its metadata speaks of: a film or further pictures behind
 * its end.
 */
export async function packJpeg(
  jpeg: Buffer,
  metadata: RewriteOptions['metadata'],
  orientation: number,
): Promise<Buffer | undefined> {
  const parts = readJpeg(jpeg)
  // Cut files are mended by decoders in ways that are not to be made for good.
  if (parts?.end === undefined) return undefined
  if (metadata !== 'strip' && jpeg.length - parts.end > trailerBytes) return undefined
  const { compressJpeg } = await loadPacker()
  const packed = await compressJpeg(jpeg)
  const kept = [...segmentsOf(jpeg)].filter((segment) => isKept(segment, metadata))
  if (metadata === 'strip' && orientation > 1) kept.unshift(orientationSegment(orientation))
  // JFIF's segment, where there is one, has to be the first.
  const first = packed[3] === marker.jfif ? 4 + packed.readUInt16BE(4) : 2
  return Buffer.concat([packed.subarray(0, first), ...kept, packed.subarray(first)])
}

// Some cameras end their files with a few bytes of filling.
const trailerBytes = 256

const marker = { scan: 0xda, jfif: 0xe0, exif: 0xe1, profile: 0xe2, adobe: 0xee, last: 0xef, comment: 0xfe }

/** Segments of metadata before the first scan, with their markers. */
function* segmentsOf(jpeg: Buffer): Generator<Buffer> {
  for (let at = 2; at + 4 <= jpeg.length; ) {
    if (jpeg[at] !== 0xff || jpeg[at + 1] === 0xff) {
      at++
      continue
    }
    const code = jpeg[at + 1] ?? 0
    if (code === marker.scan) return
    const end = at + 2 + jpeg.readUInt16BE(at + 2)
    if ((code >= marker.jfif && code <= marker.last) || code === marker.comment) yield jpeg.subarray(at, end)
    at = Math.max(end, at + 4)
  }
}

/** The packer writes JFIF's and Adobe's segments itself, and where further pictures lay says nothing any more. */
function isKept(segment: Buffer, metadata: RewriteOptions['metadata']): boolean {
  const code = segment[1] ?? 0
  const starts = (name: string): boolean => segment.toString('latin1', 4, 4 + name.length) === name
  if (code === marker.profile && starts('ICC_PROFILE\0')) return true
  if (metadata === 'strip' || code === marker.jfif || code === marker.adobe) return false
  return !(code === marker.profile && starts('MPF\0'))
}

function orientationSegment(orientation: number): Buffer {
  const exif = orientationExif(orientation)
  const segment = Buffer.alloc(10 + exif.length)
  segment.set([0xff, marker.exif])
  segment.writeUInt16BE(segment.length - 2, 2)
  segment.write('Exif', 4, 'latin1')
  exif.copy(segment, 10)
  return segment
}
