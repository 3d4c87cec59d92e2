import { createHash } from 'node:crypto'
import { segmentPlace } from '../jpeg-parts.ts'
import type { KeptMetadata } from '../kept/take.ts'

const marks = {
  exif: 'Exif\0\0',
  xmp: 'http://ns.adobe.com/xap/1.0/\0',
  moreXmp: 'http://ns.adobe.com/xmp/extension/\0',
  photoshop: 'Photoshop 3.0\0',
}

/** A segment counts its bytes in 16 bits, with those two. */
const segmentBytes = 65_533

/** The JPEG with metadata in segments before its own; what is too large for a segment is left out, or split where that goes. */
export function embedInJpeg(jpeg: Buffer, { exif, plainExif, xmp, photoshop }: KeptMetadata): Buffer {
  const fitting = [exif, plainExif].find((block) => block && block.length + marks.exif.length <= segmentBytes)
  const added = [
    ...(fitting ? [segment(0xe1, marks.exif, fitting)] : []),
    ...(xmp ? xmpSegments(xmp) : []),
    ...(photoshop
      ? parts(photoshop, segmentBytes - marks.photoshop.length).map((part) => segment(0xed, marks.photoshop, part))
      : []),
  ]
  const first = segmentPlace(jpeg)
  return Buffer.concat([jpeg.subarray(0, first), ...added, jpeg.subarray(first)])
}

function segment(marker: number, mark: string, body: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(2 + mark.length + body.length, 2)
  return Buffer.concat([head, Buffer.from(mark, 'latin1'), body])
}

function parts(bytes: Buffer, size: number): Buffer[] {
  const count = Math.ceil(bytes.length / size)
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size))
}

/** A packet above 64 kB goes into an extended one, which a small one names by its digest. */
function xmpSegments(xmp: Buffer): Buffer[] {
  if (xmp.length + marks.xmp.length <= segmentBytes) return [segment(0xe1, marks.xmp, xmp)]
  const text = xmp.toString('utf8')
  const whole = Buffer.from(text.slice(text.indexOf('?>') + 2, text.lastIndexOf('<?xpacket end')).trim())
  const digest = createHash('md5').update(whole).digest('hex').toUpperCase()
  const small = [
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">',
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""',
    ` xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="${digest}"/>`,
    '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>',
  ]
  const size = segmentBytes - marks.moreXmp.length - 40
  const extended = parts(whole, size).map((part, index) => {
    const head = Buffer.alloc(40)
    head.write(digest, 'latin1')
    head.writeUInt32BE(whole.length, 32)
    head.writeUInt32BE(index * size, 36)
    return segment(0xe1, marks.moreXmp, Buffer.concat([head, part]))
  })
  return [segment(0xe1, marks.xmp, Buffer.from(small.join(''))), ...extended]
}
