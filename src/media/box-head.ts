/** The head of a box of the ISO base media family: MP4, MOV, HEIF, AVIF, JPEG XL, JPEG 2000, CR3. */
export interface BoxHead {
  /** Four characters of Latin-1. */
  readonly type: string
  /** Bytes of the head: 8, or 16 with a long size. */
  readonly headBytes: number
  /** Bytes of the box, its head among them, by its own word. */
  readonly bytes: number
}

/**
 * Reads the head at a place (ISO/IEC 14496-12, 4.2). A box that does not tell its size fills the `room`, which is counted from
 * its beginning. Undefined when no head lies there.
 */
export function boxHeadAt(data: Buffer, at: number, room: number): BoxHead | undefined {
  if (at + 8 > data.length) return undefined
  const short = data.readUInt32BE(at)
  const type = data.toString('latin1', at + 4, at + 8)
  const headBytes = short === 1 ? 16 : 8
  if (at + headBytes > data.length) return undefined
  const bytes = short === 1 ? Number(data.readBigUInt64BE(at + 8)) : short === 0 ? room : short
  return bytes < headBytes ? undefined : { type, headBytes, bytes }
}
