import { boxHeadAt } from '../box-head.ts'

/** What the header of a JPEG XL tells (ISO/IEC 18181-1). */
export interface JxlHead {
  /** As stored. */
  readonly width: number
  readonly height: number
  /** EXIF's number of the turn that the decoder makes itself. */
  readonly orientation: number
  /** Of one that moves. */
  readonly animation?: {
    /** How often it is shown; 0 for ever. */
    readonly loop: number
    /** Where in the codestream that number begins, in bits. */
    readonly loopAt: number
  }
}

/** Reads the header of a codestream; throws a RangeError when it is cut. */
export function readJxlHead(codestream: Buffer): JxlHead {
  const bits = new Bits(codestream)
  const { width, height } = sizeOf(bits)
  const isDefault = bits.read(1) === 1
  if (isDefault || bits.read(1) === 0) return { width, height, orientation: 1 }
  const orientation = bits.read(3) + 1
  const known = { width, height, orientation }
  if (bits.read(1) === 1) sizeOf(bits)
  const [hasPreview, isMoving] = [bits.read(1) === 1, bits.read(1) === 1]
  // A preview has a header of its own, which no encoder writes.
  if (hasPreview || !isMoving) return known
  bits.choose([0, 0, 10, 30])
  bits.choose([0, 0, 8, 10])
  const loopAt = bits.at
  return { ...known, animation: { loop: bits.choose([0, 3, 16, 32]), loopAt } }
}

/** A codestream whose animation is shown for ever, made to be shown so often. */
export function withLoop(codestream: Buffer, loop: number): Buffer {
  const { animation } = readJxlHead(codestream)
  if (animation?.loop !== 0) throw new Error('there is no endless animation in it')
  const byte = animation.loopAt >> 3
  const shift = animation.loopAt & 7
  // Two bits say how many hold the number. With 16 of them all that follows lies two bytes further on, bit for bit.
  const before = codestream.readUInt8(byte) & (2 ** shift - 1)
  const after = codestream.readUIntLE(byte, 3) >>> (shift + 2)
  const number = (2 | (Math.min(0xffff, loop) << 2)) * 2 ** shift + before + after * 2 ** (shift + 18)
  const place = Buffer.alloc(5)
  place.writeUIntLE(number, 0, 5)
  return Buffer.concat([codestream.subarray(0, byte), place, codestream.subarray(byte + 3)])
}

/** The codestream of a file, bare or in a container; null when there is none. */
export function jxlCodestream(bytes: Buffer): Buffer | null {
  if (bytes[0] === 0xff) return bytes
  for (let at = 0; at < bytes.length; ) {
    const head = boxHeadAt(bytes, at, bytes.length - at)
    if (!head) return null
    if (head.type === 'jxlc') return bytes.subarray(at + head.headBytes)
    // A part begins with its number.
    if (head.type === 'jxlp') return bytes.subarray(at + head.headBytes + 4)
    at += head.bytes
  }
  return null
}

const ratios: readonly (number | undefined)[] = [undefined, 1, 12 / 10, 4 / 3, 3 / 2, 16 / 9, 5 / 4, 2]

function sizeOf(bits: Bits): { width: number; height: number } {
  const isSmall = bits.read(1) === 1
  const side = (): number => (isSmall ? (bits.read(5) + 1) * 8 : bits.choose([9, 13, 18, 30]) + 1)
  const height = side()
  const ratio = ratios[bits.read(3)]
  return { width: ratio === undefined ? side() : Math.floor(height * ratio), height }
}

/** Bits behind the mark of a codestream, counted from the lowest. */
class Bits {
  readonly #bytes: Buffer
  at = 16

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  read(count: number): number {
    let value = 0
    for (let bit = 0; bit < count; bit++, this.at++) {
      value += ((this.#bytes.readUInt8(this.at >> 3) >> (this.at & 7)) & 1) * 2 ** bit
    }
    return value
  }

  /** A number of one of four lengths. */
  choose(lengths: readonly [number, number, number, number]): number {
    return this.read(lengths[this.read(2)] ?? 0)
  }
}
