import { MiB } from '../../units.ts'
import { takeExifBlock } from './exif-blocks.ts'
import { addText, attempt, type Blocks } from './found.ts'
import type { ByteView } from './source.ts'
import { textOf } from './text.ts'

const marks = {
  exif: 'Exif\0\0',
  xmp: 'http://ns.adobe.com/xap/1.0/\0',
  moreXmp: 'http://ns.adobe.com/xmp/extension/\0',
  icc: 'ICC_PROFILE\0',
  photoshop: 'Photoshop 3.0\0',
}
/** Depth maps and whole pictures travel in extended XMP; above this it is left out. */
const moreXmpBytes = MiB

/** Cuts the blocks out of a JPEG: reads segment after segment up to the first scan, and nothing behind it. */
export function takeJpeg(view: ByteView, blocks: Blocks): void {
  const exif: Buffer[] = []
  const icc: Buffer[] = []
  const photoshop: Buffer[] = []
  const moreXmp: Buffer[] = []
  let position = 2
  const isDone = false
  // 2000 segments of 64 KiB would be 128 MB of pure metadata: no camera does that.
  for (let count = 0; count < 2000 && !isDone; count++) {
    const head = view.bytes(position, 4)
    if (head.length < 4 || head[0] !== 0xff) break
    const marker = head[1] ?? 0
    if (marker === 0xff || (marker >= 0xd0 && marker <= 0xd8) || marker === 1) {
      position += marker === 0xff ? 1 : 2
      continue
    }
    const length = head.readUInt16BE(2) - 2
    if (marker === 0xda || marker === 0xd9 || length < 0) break
    const starts = (mark: string) => view.bytes(position + 4, mark.length).toString('latin1') === mark
    const rest = (mark: string, from = mark.length) => view.bytes(position + 4 + from, length - from)
    if (marker === 0xe1 && starts(marks.exif)) takeExifPart(rest(marks.exif), exif)
    else if (marker === 0xe1 && starts(marks.xmp)) blocks.xmp.unshift(rest(marks.xmp))
    else if (marker === 0xe1 && starts(marks.moreXmp)) moreXmp.push(rest(marks.moreXmp))
    else if (marker === 0xe2 && starts(marks.icc)) icc.push(rest(marks.icc))
    else if (marker === 0xed && starts(marks.photoshop)) photoshop.push(rest(marks.photoshop))
    else if (marker === 0xfe) addText(blocks, 'jpeg', 'Comment', textOf(view.bytes(position + 4, length)) ?? '')
    else if (isFrame(marker)) takeFrame(view.bytes(position + 4, length), blocks)
    position += 4 + length
  }
  if (exif.length > 0) attempt(() => takeExifBlock(Buffer.concat(exif), blocks))
  if (icc.length > 0) blocks.icc = joinIcc(icc)
  if (photoshop.length > 0) attempt(() => takePhotoshop(Buffer.concat(photoshop), blocks))
  if (moreXmp.length > 0) attempt(() => takeMoreXmp(moreXmp, blocks))
}

/** A block above 64 kB goes on in further segments; a second block with a head of its own is none of the first. */
function takeExifPart(part: Buffer, exif: Buffer[]): void {
  if (exif.length === 0 || !/^(II\*|MM\0)/.test(part.toString('latin1', 0, 3))) exif.push(part)
}

/** SOF0 to SOF15 without the Huffman, arithmetic and reserved markers among them. */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)

function takeFrame(frame: Buffer, blocks: Blocks): void {
  if (frame.length < 6) return
  const { facts } = blocks
  facts.bitDepth = frame.readUInt8(0)
  facts.height = frame.readUInt16BE(1)
  facts.width = frame.readUInt16BE(3)
  const components = frame.readUInt8(5)
  if (components === 1) facts.colorSpace = 'grey'
  if (components === 4) facts.colorSpace = 'cmyk'
}

/** Chunks are numbered from 1 and may stand in any order. */
const joinIcc = (chunks: Buffer[]): Buffer =>
  Buffer.concat(
    chunks
      .filter((chunk) => chunk.length > 2)
      .sort((one, other) => one.readUInt8(0) - other.readUInt8(0))
      .map((chunk) => chunk.subarray(2)),
  )

/** Takes IPTC and its digest from Photoshop's image resources (`8BIM`, number, name, data). */
export function takePhotoshop(resources: Buffer, blocks: Blocks): void {
  let at = 0
  while (at + 12 <= resources.length && resources.toString('latin1', at, at + 4) === '8BIM') {
    const id = resources.readUInt16BE(at + 4)
    const nameLength = resources.readUInt8(at + 6)
    const sizeAt = at + 6 + ((nameLength + 2) & ~1)
    const size = resources.readUInt32BE(sizeAt)
    const data = resources.subarray(sizeAt + 4, sizeAt + 4 + size)
    if (id === 0x0404) blocks.iptc ??= data
    if (id === 0x0425) blocks.iptcDigest ??= data.toString('hex')
    at = sizeAt + 4 + size + (size % 2)
  }
}

/** Parts of extended XMP: 32 letters of identity, full length, offset, text. */
function takeMoreXmp(parts: Buffer[], blocks: Blocks): void {
  const identity = parts[0]?.toString('latin1', 0, 32)
  const total = parts[0]?.readUInt32BE(32) ?? 0
  if (total > moreXmpBytes) return
  const whole = Buffer.alloc(total)
  let filled = 0
  for (const part of parts) {
    if (part.toString('latin1', 0, 32) !== identity) continue
    filled += part.copy(whole, Math.min(part.readUInt32BE(36), total), 40)
  }
  if (filled === total) blocks.xmp.push(whole)
}
