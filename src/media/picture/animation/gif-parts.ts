import { afterSubBlocks, colourTableBytes } from '../gif.ts'
import { type FilePart, opaqueBlack } from './draw-parts.ts'

const [extension, image, control] = [0x21, 0x2c, 0xf9]

/** The last byte of a GIF. */
export const gifTrailer = Buffer.from([0x3b])

/** The frames of a GIF, up to where it is cut or garbled. */
export function gifParts(gif: Buffer): FilePart[] {
  const parts: FilePart[] = []
  if (gif.length < 13) return parts
  let at = 13 + colourTableBytes(gif[10] ?? 0)
  const screen = gif.subarray(0, at)
  const ground = groundOf(screen)
  let said: Buffer | undefined
  while (at + 10 <= gif.length && (gif[at] === extension || gif[at] === image)) {
    const start = at
    if (gif[at] === extension) {
      at = afterSubBlocks(gif, at + 2)
      if (gif[start + 1] === control) said = gif.subarray(start, start + 8)
      continue
    }
    at = afterSubBlocks(gif, at + 11 + colourTableBytes(gif[at + 9] ?? 0))
    parts.push(partOf(screen, said, gif.subarray(start, at), ground))
    said = undefined
  }
  return parts
}

/** Of a place that held no transparency and is wiped, the colour that the file names as its background: so libvips has it. */
function groundOf(screen: Buffer): readonly number[] {
  if (screen.length === 13) return opaqueBlack
  const at = 13 + 3 * (screen[11] ?? 0)
  const colour = screen.subarray(at, at + 3)
  return [...(colour.length === 3 ? colour : screen.subarray(13, 16)), 255]
}

function partOf(screen: Buffer, said: Buffer | undefined, block: Buffer, ground: readonly number[]): FilePart {
  const [left, top, width, height] = [1, 3, 5, 7].map((at) => block.readUInt16LE(at)) as [
    number,
    number,
    number,
    number,
  ]
  const flags = said?.[3] ?? 0
  const hasClear = (flags & 1) === 1
  return {
    coded: block,
    ...{ left, top, width, height },
    // 4 is a slip of some programs that readers have learnt.
    end: (['stays', 'stays', 'wiped', 'undone', 'undone'] as const)[(flags >> 2) & 7] ?? 'stays',
    ...(hasClear ? {} : { ground }),
    isOver: hasClear,
    file() {
      const [head, place] = [Buffer.from(screen), Buffer.from(block)]
      head.writeUInt16LE(width, 6)
      head.writeUInt16LE(height, 8)
      place.writeUInt32LE(0, 1)
      const clear = Buffer.from([extension, control, 4, flags & 1, 0, 0, said?.[6] ?? 0, 0])
      return Buffer.concat([head, clear, place, gifTrailer])
    },
  }
}
