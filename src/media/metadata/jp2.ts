import { MiB } from '../../units.ts'
import { type Box, boxAt, boxesOf } from './boxes.ts'
import { takeExifBlock } from './exif-blocks.ts'
import { attempt, type Blocks } from './found.ts'
import type { ByteView } from './source.ts'

const boxBytes = 4 * MiB
const identities = {
  xmp: 'be7acfcb97a942e89c71999491e3afac',
  exif: '4a706754696666457869662d3e4a5032',
  iptc: '33c7a4d2b81d4723a0baf1a3e097ad38',
}
const enumerated: Record<number, string> = { 12: 'cmyk', 14: 'lab', 16: 'srgb', 17: 'grey', 18: 'srgb' }

/** Cuts the blocks out of a JPEG 2000: the header boxes, XML, and the boxes that are named by identity. */
export function takeJp2(view: ByteView, blocks: Blocks): void {
  if (view.bytes(0, 2).readUInt16BE(0) === 0xff4f) {
    takeCodestream(view.bytes(2, 64), blocks)
    return
  }
  for (const { type, body } of boxesOf(view)) {
    if (type === 'jp2h') attempt(() => takeHeader(boxesOf(body), blocks))
    if (body.size > boxBytes) continue
    if (type === 'xml ') blocks.xmp.push(body.bytes(0, body.size))
    if (type !== 'uuid') continue
    const identity = body.bytes(0, 16).toString('hex')
    const data = body.bytes(16, body.size - 16)
    if (identity === identities.xmp) blocks.xmp.unshift(data)
    if (identity === identities.exif) attempt(() => takeExifBlock(data, blocks))
    if (identity === identities.iptc) blocks.iptc ??= data
  }
}

function takeHeader(header: readonly Box[], blocks: Blocks): void {
  const { facts } = blocks
  const size = boxAt(header, 'ihdr')?.body.bytes(0, 14)
  if (size && size.length >= 11) {
    facts.height = size.readUInt32BE(0)
    facts.width = size.readUInt32BE(4)
    const depth = size.readUInt8(10)
    // 255: the components differ, and the list of their depths follows.
    if (depth !== 255) facts.bitDepth = (depth & 0x7f) + 1
  }
  for (const { type, body } of header) {
    if (type !== 'colr') continue
    const color = body.bytes(0, boxBytes)
    const name = color[0] === 1 ? enumerated[color.readUInt32BE(3)] : undefined
    if (name) facts.colorSpace ??= name
    if (color[0] === 2) blocks.icc ??= color.subarray(3)
  }
}

/** The SIZ segment, first in every codestream. */
function takeCodestream(segment: Buffer, { facts }: Blocks): void {
  if (segment.length < 41 || segment.readUInt16BE(0) !== 0xff51) return
  facts.width = segment.readUInt32BE(6) - segment.readUInt32BE(14)
  facts.height = segment.readUInt32BE(10) - segment.readUInt32BE(18)
  facts.bitDepth = (segment.readUInt8(40) & 0x7f) + 1
}
