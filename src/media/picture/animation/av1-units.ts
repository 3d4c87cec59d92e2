import { BitReader } from '../../bits.ts'

/** What AV1 says of itself in front of a frame that can be shown without others. */
export interface Av1Traits {
  /** The unit itself, which containers repeat beside the frames. */
  readonly header: Buffer
  readonly profile: number
  readonly level: number
  readonly tier: number
}

const [sequenceHeader, temporalDelimiter] = [1, 2]

interface Unit {
  readonly type: number
  readonly start: number
  readonly end: number
  readonly body: Buffer
}

/** A picture without the marks of time between pictures, which containers keep themselves. */
export function withoutDelimiters(picture: Buffer): Buffer {
  const kept = [...unitsOf(picture)].filter(({ type }) => type !== temporalDelimiter)
  return Buffer.concat(kept.map(({ start, end }) => picture.subarray(start, end)))
}

/** Reads the traits from a picture that can be shown without others; undefined when none are in it. */
export function av1TraitsOf(picture: Buffer): Av1Traits | undefined {
  const found = [...unitsOf(picture)].find(({ type }) => type === sequenceHeader)
  if (!found) return undefined
  const header = picture.subarray(found.start, found.end)
  const bits = new BitReader(found.body)
  const profile = bits.bits(3)
  bits.skip(1)
  const isReduced = bits.flag()
  if (isReduced) return { header, profile, level: bits.bits(5), tier: 0 }
  // Times of the stream itself, which no encoder here writes.
  if (bits.flag()) return undefined
  bits.skip(1 + 5 + 12)
  const level = bits.bits(5)
  return { header, profile, level, tier: level > 7 ? bits.bits(1) : 0 }
}

/** The setup that stands beside a track or picture (`av1C`); `isGrey` for one that is alpha. */
export function av1Setup(
  { header, profile, level, tier }: Av1Traits,
  { depth, isGrey, isHalved }: { readonly depth: 8 | 10 | 12; readonly isGrey: boolean; readonly isHalved: boolean },
): Buffer {
  const colours = isGrey ? 0b11100 : isHalved ? 0b01100 : 0
  const deep = (depth > 8 ? 0x40 : 0) | (depth === 12 ? 0x20 : 0)
  const head = Buffer.from([0x81, (profile << 5) | level, (tier << 7) | deep | colours, 0])
  return Buffer.concat([head, header])
}

function* unitsOf(picture: Buffer): Generator<Unit, void, undefined> {
  let at = 0
  while (at < picture.length) {
    const start = at
    const head = picture.readUInt8(at++)
    if ((head & 4) !== 0) at++
    // Without its size a unit goes on to the end.
    let size = picture.length - at
    if ((head & 2) !== 0) [size, at] = leb128(picture, at)
    const end = Math.min(picture.length, at + size)
    yield { type: (head >> 3) & 15, start, end, body: picture.subarray(at, end) }
    at = end
  }
}

/** A number in groups of seven bits, the lowest first, and where it ends. */
function leb128(bytes: Buffer, from: number): [value: number, end: number] {
  let [value, at] = [0, from]
  for (let group = 0; group < 8; group++) {
    const byte = bytes.readUInt8(at++)
    value += (byte & 127) * 128 ** group
    if (byte < 128) break
  }
  return [value, at]
}
