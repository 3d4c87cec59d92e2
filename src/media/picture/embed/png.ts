import { deflateSync } from 'node:zlib'
import type { KeptMetadata } from '../kept/take.ts'
import { pngChunk, pngChunks } from '../png-chunks.ts'

/** The PNG with metadata in chunks behind its header; IPTC as ImageMagick writes it, since PNG has no chunk for it. */
export function embedInPng(png: Buffer, { exif, xmp, photoshop }: KeptMetadata): Buffer {
  const header = pngChunks(png).next().value
  if (!header) return png
  const added = [
    ...(exif ? [pngChunk('eXIf', exif)] : []),
    ...(xmp ? [pngChunk('iTXt', Buffer.concat([Buffer.from('XML:com.adobe.xmp\0\0\0\0\0', 'latin1'), xmp]))] : []),
    ...(photoshop ? [rawProfile('iptc', photoshop)] : []),
  ]
  return Buffer.concat([png.subarray(0, header.end), ...added, png.subarray(header.end)])
}

/** A block as hex in lines of a compressed text. */
function rawProfile(name: string, block: Buffer): Buffer {
  const lines = block.toString('hex').match(/.{1,72}/g) ?? []
  const text = `\n${name}\n${String(block.length).padStart(8)}\n${lines.join('\n')}\n`
  const keyword = Buffer.from(`Raw profile type ${name}\0\0`, 'latin1')
  return pngChunk('zTXt', Buffer.concat([keyword, deflateSync(Buffer.from(text, 'latin1'))]))
}
