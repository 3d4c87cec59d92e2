import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { boxHeadAt } from '../box-head.ts'
import type { FormatName } from '../formats.ts'

/** What the boxes of an MP4 or MOV say, read without FFmpeg. */
export interface MovieIndex {
  /**
   * The boxes are sound to the end and none is an index (`moov`). FFmpeg would take one out of space that is marked as
   * free, where deleted recordings lie.
   */
  readonly isMissing: boolean
  /** The boxes end where the file ends, so nothing was cut off. False for other formats, of which it is not known. */
  readonly isWhole: boolean
  /** Length of the whole presentation from its own zero, by the movie header; absent when it says nothing. */
  readonly durationMs?: number
}

const boxFormats: ReadonlySet<FormatName> = new Set(['mp4', 'mov', '3gp', 'm4a'])

/**
 * Reads where the index is and what it says of the length; other formats and unsound boxes give no facts. A few bytes at
 * some places, which is done sooner than a thread could be asked for them.
 */
export function readMovieIndex(path: string, format: FormatName): MovieIndex {
  if (!boxFormats.has(format)) return { isMissing: false, isWhole: false }
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    const box = findBox(file, 'moov', 0, size)
    if (typeof box === 'boolean') return { isMissing: box, isWhole: box }
    const isWhole = findBox(file, 'none', box.end, size) === true
    const header = findBox(file, 'mvhd', box.start, box.end)
    if (typeof header === 'boolean') return { isMissing: false, isWhole }
    const durationMs = durationIn(file, header.start)
    return { isMissing: false, isWhole, ...(durationMs > 0 ? { durationMs } : {}) }
  } finally {
    closeSync(file)
  }
}

// Recordings in fragments have many boxes, but their index is the first of them.
const maxBoxes = 1000

/** The content of the first box of a name; else true when all boxes up to the end are sound, false when they are not. */
function findBox(file: number, name: string, from: number, to: number): Stretch | boolean {
  const header = Buffer.alloc(16)
  let at = from
  for (let count = 0; count < maxBoxes && at < to; count++) {
    const read = readSync(file, header, 0, 16, at)
    const head = boxHeadAt(header.subarray(0, read), 0, to - at)
    if (!head) return false
    if (head.type === name) return { start: at + head.headBytes, end: at + head.bytes }
    at += head.bytes
  }
  return at === to
}

interface Stretch {
  readonly start: number
  readonly end: number
}

function durationIn(file: number, at: number): number {
  const content = Buffer.alloc(32)
  readSync(file, content, 0, 32, at)
  const isLong = content[0] === 1
  const scale = content.readUInt32BE(isLong ? 20 : 12)
  const duration = isLong ? Number(content.readBigUInt64BE(24)) : content.readUInt32BE(16)
  return scale === 0 ? 0 : (duration * 1000) / scale
}
