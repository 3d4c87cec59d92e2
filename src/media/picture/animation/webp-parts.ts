import { type RiffChunk, riffChunk, riffChunks } from '../riff-chunks.ts'
import type { FilePart } from './draw-parts.ts'

/** The frames of a WebP, up to where it is cut. */
export function webpParts(webp: Buffer): FilePart[] {
  const frames = [...riffChunks(webp.subarray(12))].filter(({ type, data }) => type === 'ANMF' && data.length > 16)
  return frames.map(({ data }) => partOf(data))
}

const alphaFlag = 0x10

function partOf(frame: Buffer): FilePart {
  const flags = frame[15] ?? 0
  return {
    coded: frame,
    left: 2 * frame.readUIntLE(0, 3),
    top: 2 * frame.readUIntLE(3, 3),
    width: 1 + frame.readUIntLE(6, 3),
    height: 1 + frame.readUIntLE(9, 3),
    end: (flags & 1) === 1 ? 'wiped' : 'stays',
    isOver: (flags & 2) === 0,
    file() {
      const coded = [...riffChunks(frame.subarray(16))].filter(({ type }) => ['ALPH', 'VP8 ', 'VP8L'].includes(type))
      const body = Buffer.concat([extended(frame, coded), ...coded.map(({ type, data }) => riffChunk(type, data))])
      return riffChunk('RIFF', Buffer.concat([Buffer.from('WEBP', 'latin1'), body]))
    },
  }
}

/** The header without which alpha beside the colours would not be looked for. */
function extended(frame: Buffer, coded: readonly RiffChunk[]): Buffer {
  if (!coded.some(({ type }) => type === 'ALPH')) return Buffer.alloc(0)
  const header = Buffer.alloc(10)
  header[0] = alphaFlag
  frame.copy(header, 4, 6, 12)
  return riffChunk('VP8X', header)
}
