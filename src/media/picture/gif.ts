/** What a GIF declares, and whether it goes on to its end. */
export interface GifFrame {
  /** Size of the canvas; decoders cut it to the frames, so a hostile one shows only here. */
  readonly width: number
  readonly height: number
  /** True when the file stops inside a block: of an animation the later frames are missing. */
  readonly isCut: boolean
  /** True when something else stands where the next block should. */
  readonly isGarbled: boolean
}

/** Walks the blocks of a GIF without decoding them; null when the head is too short. */
export function readGif(bytes: Buffer): GifFrame | null {
  if (bytes.length < 13) return null
  const size = { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) }
  const flags = bytes[10] ?? 0
  let at = 13 + colourTableBytes(flags)
  while (at < bytes.length) {
    const kind = bytes[at]
    if (kind === extension) at = afterSubBlocks(bytes, at + 2)
    else if (kind === image) at = afterSubBlocks(bytes, at + 11 + colourTableBytes(bytes[at + 9] ?? 0))
    // The trailer, or bytes that decoders stop at too. Zeros fill files up.
    else return { ...size, isCut: false, isGarbled: kind !== trailer && bytes.subarray(at).some((byte) => byte !== 0) }
  }
  return { ...size, isCut: at > bytes.length, isGarbled: false }
}

/** What is wrong with the blocks of a GIF that is there whole. */
export function damageOfGif(gif: Buffer): string | undefined {
  const { isCut = true, isGarbled = false } = readGif(gif) ?? {}
  if (isCut) return 'the picture data ends early'
  return isGarbled ? 'the picture data is garbled in places' : undefined
}

const extension = 0x21
const image = 0x2c
const trailer = 0x3b

/** Bytes of a palette, by the flags of what it belongs to. */
export const colourTableBytes = (flags: number): number => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1))

/** Where a chain of sub-blocks ends; beyond the file when it is cut. */
export function afterSubBlocks(bytes: Buffer, start: number): number {
  let at = start
  while (at < bytes.length) {
    const length = bytes[at] ?? 0
    at += 1 + length
    if (length === 0) return at
  }
  return bytes.length + 1
}
