import { describe, expect, it } from 'vitest'
import { type Box, boxesNamed, bytesOf, chapterBox, readBoxes, shiftOffsets } from './movie-boxes.ts'

const table = (type: 'stco' | 'co64', offsets: readonly number[]): Box => {
  const wide = type === 'co64'
  const data = Buffer.alloc(8 + offsets.length * (wide ? 8 : 4))
  data.writeUInt32BE(offsets.length, 4)
  for (const [at, offset] of offsets.entries()) {
    if (wide) data.writeBigUInt64BE(BigInt(offset), 8 + at * 8)
    else data.writeUInt32BE(offset, 8 + at * 4)
  }
  return { type, data }
}

const empty = Buffer.alloc(0)

const movieWith = (offsets: Box): Box =>
  ['minf', 'mdia', 'trak', 'moov'].reduce<Box>((inner, type) => ({ type, data: empty, boxes: [inner] }), {
    type: 'stbl',
    data: empty,
    boxes: [{ type: 'stsz', data: Buffer.from('sizes') }, offsets],
  })

describe('the boxes of an index', () => {
  it('are written as they were read', () => {
    const bytes = bytesOf(movieWith(table('stco', [48, 1000])))
    expect(Buffer.concat(readBoxes(bytes).map(bytesOf))).toEqual(bytes)
  })

  it('point further when the content is moved', () => {
    const movie = movieWith(table('stco', [48, 1000]))
    shiftOffsets(movie, 500)
    expect([...boxesNamed(movie, 'stco')]).toEqual([table('stco', [548, 1500])])
  })

  it('take wider numbers where the content lies beyond four gigabytes', () => {
    const movie = movieWith(table('stco', [48, 2 ** 32 - 100]))
    shiftOffsets(movie, 500)
    expect([...boxesNamed(movie, 'stco')]).toEqual([])
    expect([...boxesNamed(movie, 'co64')]).toEqual([table('co64', [548, 2 ** 32 + 400])])
  })

  it('hold chapters with titles that are cut between letters', () => {
    const { data } = chapterBox([{ startMs: 1500, endMs: 2000, title: 'ü'.repeat(200) }])
    expect(data.readUInt8(8)).toBe(1)
    expect(data.readBigUInt64BE(9)).toBe(15_000_000n)
    expect(data.subarray(18).toString()).toBe('ü'.repeat(127))
  })
})
