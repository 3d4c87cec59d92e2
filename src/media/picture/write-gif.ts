import type { IndexedPixels } from './palette.ts'

/** A frame of a GIF, with its time in milliseconds. */
export interface GifFrame {
  readonly indexed: IndexedPixels
  readonly delayMs: number
}

/**
 * A GIF whose frames hold each colour exactly, every frame with a palette of its own; libvips keeps an entry for transparency
 * free and quantises the 256th colour away. Alpha has to be 0 or 255. `loop`: how often it is shown,
 * 0 for ever.
 */
export function writeGif(frames: readonly GifFrame[], loop: number): Buffer {
  const [first] = frames
  if (!first) throw new RangeError('a GIF needs a frame')
  const { width, height } = first.indexed
  const head = Buffer.alloc(13)
  head.write('GIF89a', 'latin1')
  head.writeUInt16LE(width, 6)
  head.writeUInt16LE(height, 8)
  head[10] = 0x70
  const isAnimated = frames.length > 1
  // Frames are whole pictures: only where one may be transparent has the one before to be wiped.
  const isWiped = isAnimated && frames.some(({ indexed }) => clearOf(indexed) >= 0)
  return Buffer.concat([
    head,
    ...(isAnimated && loop !== 1 ? [repeat(loop)] : []),
    ...frames.flatMap((frame) => writeFrame(frame, isWiped)),
    Buffer.from([0x3b]),
  ])
}

function repeat(loop: number): Buffer {
  // Counted are the repeats, and 0 stands for no end.
  const times = Math.min(0xffff, Math.max(0, loop - 1))
  return Buffer.concat([
    Buffer.from('!\xff\x0bNETSCAPE2.0\x03\x01', 'latin1'),
    Buffer.from([times & 255, times >> 8, 0]),
  ])
}

const clearOf = ({ colours }: IndexedPixels): number => colours.findIndex(([, , , alpha]) => alpha === 0)

function writeFrame({ indexed, delayMs }: GifFrame, isWiped: boolean): Buffer[] {
  const { width, height, indices, colours } = indexed
  const clear = clearOf(indexed)
  const bits = Math.max(1, Math.ceil(Math.log2(colours.length)))
  const control = Buffer.from([0x21, 0xf9, 4, 0, 0, 0, 0, 0])
  control[3] = (isWiped ? 2 << 2 : 0) | (clear >= 0 ? 1 : 0)
  control.writeUInt16LE(Math.min(0xffff, Math.round(delayMs / 10)), 4)
  control[6] = Math.max(0, clear)
  const place = Buffer.alloc(10)
  place[0] = 0x2c
  place.writeUInt16LE(width, 5)
  place.writeUInt16LE(height, 7)
  place[9] = 0x80 | (bits - 1)
  const table = Buffer.alloc(3 * 2 ** bits)
  for (const [index, [red, green, blue]] of colours.entries()) table.set([red, green, blue], 3 * index)
  const codeSize = Math.max(2, bits)
  return [control, place, table, Buffer.from([codeSize]), subBlocks(compress(indices, codeSize))]
}

/** Lempel-Ziv-Welch with codes of growing width, as GIF wants it. */
function compress(indices: Buffer, codeSize: number): Buffer {
  const clear = 2 ** codeSize
  const out = new ByteWriter()
  let [held, heldBits] = [0, 0]
  let width = codeSize + 1
  const put = (code: number): void => {
    held |= code << heldBits
    heldBits += width
    for (; heldBits >= 8; heldBits -= 8, held >>>= 8) out.push(held & 255)
  }
  let next = clear + 2
  const codes = new Map<number, number>()
  put(clear)
  let prefix = indices[0] ?? 0
  for (let at = 1; at < indices.length; at++) {
    const value = indices[at] ?? 0
    const key = (prefix << 8) | value
    const known = codes.get(key)
    if (known !== undefined) {
      prefix = known
      continue
    }
    put(prefix)
    codes.set(key, next)
    // The reader learns a code one step later than the writer, so the width grows after the code that no longer fits.
    if (next === 2 ** width) width++
    next++
    if (next === 4096) {
      put(clear)
      codes.clear()
      next = clear + 2
      width = codeSize + 1
    }
    prefix = value
  }
  put(prefix)
  if (next === 2 ** width) width++
  put(clear + 1)
  if (heldBits > 0) out.push(held & 255)
  return out.bytes()
}

/** Bytes in the order in which they come; a list of numbers would take eight times their memory. */
class ByteWriter {
  #buffer = Buffer.allocUnsafe(64 * 1024)
  #length = 0

  push(byte: number): void {
    if (this.#length === this.#buffer.length) this.#buffer = Buffer.concat([this.#buffer], 2 * this.#length)
    this.#buffer[this.#length++] = byte
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }
}

/** Bytes in blocks of at most 255, each behind its length, the last one empty. */
function subBlocks(data: Buffer): Buffer {
  const blocks = Math.ceil(data.length / 255)
  const out = Buffer.alloc(data.length + blocks + 1)
  for (let block = 0; block < blocks; block++) {
    const from = 255 * block
    out[256 * block] = Math.min(255, data.length - from)
    data.copy(out, 256 * block + 1, from, from + 255)
  }
  return out
}
