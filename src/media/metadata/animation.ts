import { MiB } from '../../units.ts'
import { takeExifBlock } from './exif-blocks.ts'
import { addText, attempt, type Blocks } from './found.ts'
import type { ByteView } from './source.ts'
import { textOf } from './text.ts'

/** A file of a million frames is counted no further: its count stays absent rather than wrong. */
const maxSteps = 1_000_000
const chunkBytes = 4 * MiB

/** Cuts the blocks out of a WebP: chunk by chunk, jumping over the pictures; counts frames and adds their times. */
export function takeWebp(view: ByteView, blocks: Blocks): void {
  const { facts } = blocks
  let frames = 0
  let durationMs = 0
  let position = 12
  for (let step = 0; step < maxSteps; step++) {
    const head = view.bytes(position, 8)
    if (head.length < 8) break
    const type = head.toString('latin1', 0, 4)
    const length = head.readUInt32LE(4)
    const data = (most = chunkBytes) => view.bytes(position + 8, Math.min(length, most))
    if (type === 'VP8X') {
      facts.width = data().readUIntLE(4, 3) + 1
      facts.height = data().readUIntLE(7, 3) + 1
    } else if (type === 'EXIF') attempt(() => takeExifBlock(data(), blocks))
    else if (type === 'XMP ' && length <= chunkBytes) blocks.xmp.push(data())
    else if (type === 'ICCP' && length <= chunkBytes) blocks.icc = data()
    else if (type === 'ANMF') {
      frames++
      const frame = data(16)
      if (frame.length === 16) durationMs += frame.readUIntLE(12, 3)
    } else if (type === 'VP8 ' && facts.width === undefined) {
      const frame = data(10)
      facts.width = frame.readUInt16LE(6) & 0x3fff
      facts.height = frame.readUInt16LE(8) & 0x3fff
    } else if (type === 'VP8L' && facts.width === undefined) {
      const bits = data(5).readUInt32LE(1)
      facts.width = (bits & 0x3fff) + 1
      facts.height = ((bits >>> 14) & 0x3fff) + 1
    }
    position += 8 + length + (length % 2)
  }
  facts.bitDepth = 8
  keepFrames(blocks, frames, durationMs)
}

/** Walks all blocks of a GIF: comments, XMP, the profile, and the delays of its frames. */
export function takeGif(view: ByteView, blocks: Blocks): void {
  const head = view.bytes(0, 13)
  blocks.facts.width = head.readUInt16LE(6)
  blocks.facts.height = head.readUInt16LE(8)
  blocks.facts.bitDepth = 8
  let frames = 0
  let durationMs = 0
  let delayMs = 0
  let position = 13 + tableBytes(head.readUInt8(10))
  for (let step = 0; step < maxSteps; step++) {
    const [kind, label] = view.bytes(position, 2)
    if (kind === 0x2c) {
      frames++
      durationMs += delayMs
      delayMs = 0
      const flags = view.bytes(position + 9, 1)[0] ?? 0
      position = afterSubBlocks(view, position + 11 + tableBytes(flags))
    } else if (kind !== 0x21) {
      // The trailer, the end, or rubbish: what was counted so far are whole frames.
      break
    } else if (label === 0xf9) {
      const hundredths = view.bytes(position + 4, 2)
      // Every viewer shows delays of 0 and 1 as a tenth of a second.
      const delay = hundredths.length === 2 ? hundredths.readUInt16LE(0) : 0
      delayMs = delay < 2 ? 100 : delay * 10
      position = afterSubBlocks(view, position + 2)
    } else {
      const start = position + 2
      if (label === 0xfe) addText(blocks, 'gif', 'Comment', textOf(subBlocks(view, start)) ?? '')
      if (label === 0xff) takeApplication(view, start, blocks)
      position = afterSubBlocks(view, start)
    }
  }
  keepFrames(blocks, frames, durationMs)
}

const tableBytes = (flags: number): number => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0)

function takeApplication(view: ByteView, start: number, blocks: Blocks): void {
  const name = view.bytes(start + 1, 11).toString('latin1')
  if (name === 'ICCRGBG1012') blocks.icc = subBlocks(view, start + 12)
  if (name !== 'XMP DataXMP') return
  // The packet lies there as it is, followed by 258 bytes that make any reader of sub-blocks find the end.
  const packet = view.bytes(start + 12, chunkBytes)
  const end = packet.indexOf('<?xpacket end')
  const close = end < 0 ? -1 : packet.indexOf('?>', end)
  if (close > 0) blocks.xmp.push(packet.subarray(0, close + 2))
}

function afterSubBlocks(view: ByteView, start: number): number {
  let position = start
  for (let step = 0; step < maxSteps; step++) {
    const length = view.bytes(position, 1)[0] ?? 0
    position += 1 + length
    if (length === 0) return position
  }
  return view.size
}

function subBlocks(view: ByteView, start: number): Buffer {
  const parts: Buffer[] = []
  let position = start
  for (let step = 0; step < 20_000; step++) {
    const length = view.bytes(position, 1)[0] ?? 0
    if (length === 0) break
    parts.push(Buffer.from(view.bytes(position + 1, length)))
    position += 1 + length
  }
  return Buffer.concat(parts)
}

function keepFrames({ facts }: Blocks, frames: number, durationMs: number): void {
  if (frames < 2) return
  facts.pages = frames
  if (durationMs > 0) facts.durationMs = durationMs
}
