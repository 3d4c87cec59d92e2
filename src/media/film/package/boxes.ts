import { type FileHandle, open } from 'node:fs/promises'
import { MediaError } from '../../../errors.ts'
import { boxHeadAt } from '../../box-head.ts'

/** Where a fragment's first frame ends, in bytes from the fragment's beginning, so that it can be shown alone. */
export async function firstFrameEnd(path: string, at: number): Promise<number> {
  const file = await open(path)
  try {
    const head = await read(file, at, 8)
    const moof = await read(file, at, head.readUInt32BE(0))
    const traf = inside(moof, 8, 'traf')
    const header = inside(moof, traf.from, 'tfhd', traf.to)
    const run = inside(moof, traf.from, 'trun', traf.to)
    return firstOffset(moof, run) + (firstSize(moof, run) ?? defaultSize(moof, header))
  } catch (cause) {
    throw new MediaError('INTERNAL', ['a fragment can not be read again'], { cause })
  } finally {
    await file.close()
  }
}

interface Part {
  /** Behind the box's size and name. */
  readonly from: number
  readonly to: number
}

async function read(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer } = await file.read(Buffer.alloc(length), 0, length, at)
  return buffer
}

/** The first box of a name between two places. */
function inside(data: Buffer, from: number, name: string, to = data.length): Part {
  for (let at = from; at + 8 <= to; ) {
    const head = boxHeadAt(data, at, to - at)
    if (!head) break
    if (head.type === name) return { from: at + head.headBytes, to: at + head.bytes }
    at += head.bytes
  }
  throw new Error(`there is no ${name}`)
}

/** ISO/IEC 14496-12, 8.8.8: flags, count, then by the flags an offset, the first one's flags, and for each up to four numbers. */
function firstOffset(data: Buffer, { from }: Part): number {
  if ((flagsAt(data, from) & 0x1) === 0) throw new Error('the frames have no place')
  return data.readInt32BE(from + 8)
}

function firstSize(data: Buffer, { from }: Part): number | undefined {
  const flags = flagsAt(data, from)
  if ((flags & 0x200) === 0) return undefined
  return data.readUInt32BE(from + 8 + 4 * count(flags, [0x1, 0x4, 0x100]))
}

/** 8.8.7: flags, track, then by the flags a base (8 bytes), a description, a duration, a size. */
function defaultSize(data: Buffer, { from }: Part): number {
  const flags = flagsAt(data, from)
  if ((flags & 0x10) === 0) throw new Error('the frames have no size')
  return data.readUInt32BE(from + 8 + 2 * count(flags, [0x1]) * 4 + 4 * count(flags, [0x2, 0x8]))
}

const flagsAt = (data: Buffer, at: number): number => data.readUInt32BE(at) & 0xffffff

const count = (flags: number, of: readonly number[]): number => of.filter((flag) => (flags & flag) !== 0).length
