import type { KeptMetadata } from '../kept/take.ts'
import { box } from './box.ts'

/** The bare codestream in a container with boxes for metadata. JPEG XL holds no IPTC. */
export function embedInJxl(codestream: Buffer, { exif, xmp }: KeptMetadata): Buffer {
  return Buffer.concat([
    box('JXL ', Buffer.from([0x0d, 0x0a, 0x87, 0x0a])),
    box('ftyp', Buffer.from('jxl \0\0\0\0jxl ', 'latin1')),
    // In front stands how far behind itself the TIFF structure begins.
    ...(exif ? [box('Exif', Buffer.alloc(4), exif)] : []),
    ...(xmp ? [box('xml ', xmp)] : []),
    box('jxlc', codestream),
  ])
}
