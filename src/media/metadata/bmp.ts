import type { Blocks } from './found.ts'
import type { ByteView } from './source.ts'

/** Reads the header of a BMP; there is no other metadata in it. */
export function takeBmp(view: ByteView, { facts }: Blocks): void {
  const header = view.bytes(14, 124)
  const isOld = header.readUInt32LE(0) === 12
  facts.width = isOld ? header.readUInt16LE(4) : header.readInt32LE(4)
  // A negative height means that the first line is the upper one.
  facts.height = isOld ? header.readUInt16LE(6) : Math.abs(header.readInt32LE(8))
  const perPixel = header.readUInt16LE(isOld ? 10 : 14)
  facts.bitDepth = perPixel <= 8 ? perPixel : perPixel === 16 ? 5 : 8
  if (header.length >= 60 && header.readUInt32LE(0) >= 108) {
    const space = header.toString('latin1', 56, 60)
    if (space === 'BGRs' || space === ' niW') facts.colorSpace = 'srgb'
  }
}

/** Reads the directory of an ICO: the size of its largest picture (0 stands for 256). */
export function takeIco(view: ByteView, { facts }: Blocks): void {
  const count = Math.min(view.bytes(4, 2).readUInt16LE(0), 256)
  const entries = view.bytes(6, count * 16)
  for (let at = 0; at + 16 <= entries.length; at += 16) {
    const width = entries.readUInt8(at) || 256
    if (width <= (facts.width ?? 0)) continue
    facts.width = width
    facts.height = entries.readUInt8(at + 1) || 256
  }
}
