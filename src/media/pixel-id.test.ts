import { open } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { box, exifOf, fileOf, photo, quarters, truncated, withExif, withSegment } from '../../test/support/pictures.ts'
import { MiB } from '../units.ts'
import { contentIdOf } from './content-id.ts'
import { pixelIdOf } from './pixel-id.ts'
import { withSource } from './source.ts'

let number = 0
async function ids(content: Buffer): Promise<{ content: string; pixels: string }> {
  return withSource(fileOf(`file-${number++}`, content), {}, async (source, file) => {
    const id = await contentIdOf(source, file)
    return { content: id, pixels: await pixelIdOf(source, file, id) }
  })
}

describe('contentIdOf', () => {
  it('is the SHA-256 of the whole file', async () => {
    const png = await quarters().png().toBuffer()
    const { createHash } = await import('node:crypto')
    expect((await ids(png)).content).toBe(createHash('sha256').update(png).digest('hex'))
  })

  it('is sampled above 64 MiB, and hangs on size, beginning and end', async () => {
    const large = async (bytes: number, last: string): Promise<string> => {
      const path = fileOf('large.mp4', '\0\0\0\x14ftypisom\0\0\0\0isom')
      const file = await open(path, 'r+')
      await file.truncate(bytes)
      await file.write(last, bytes - 4)
      await file.close()
      return withSource(path, {}, contentIdOf)
    }
    const id = await large(65 * MiB, 'last')
    expect(id).toMatch(/^s-[0-9a-f]{64}$/)
    expect(await large(65 * MiB, 'last')).toBe(id)
    expect(await large(65 * MiB, 'lost')).not.toBe(id)
    expect(await large(66 * MiB, 'last')).not.toBe(id)
  })
})

describe('pixelIdOf a JPEG', () => {
  const rating = 0x4746
  const orientation = 274

  it('stays when metadata comes, changes or goes', async () => {
    const bare = await photo().jpeg().toBuffer()
    const { pixels, content } = await ids(bare)
    const edited = [
      withExif(bare, [[rating, 5]]),
      withExif(bare, [
        [rating, 3],
        [orientation, 1],
      ]),
      withSegment(bare, 0xe1, Buffer.from('http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>')),
      withSegment(bare, 0xed, Buffer.from('Photoshop 3.0\0')),
      withSegment(bare, 0xfe, Buffer.from('a comment')),
      Buffer.concat([bare, Buffer.from('trailing bytes of a motion photo')]),
    ]
    for (const each of edited) {
      const found = await ids(each)
      expect(found.pixels).toBe(pixels)
      expect(found.content).not.toBe(content)
    }
  })

  it('changes with the orientation, the colour profile and the pixels', async () => {
    const bare = await photo().jpeg().toBuffer()
    const all = [
      bare,
      withExif(bare, [[orientation, 6]]),
      withExif(bare, [[orientation, 3]]),
      await photo().withIccProfile('p3').jpeg().toBuffer(),
      await photo().jpeg({ quality: 81 }).toBuffer(),
      truncated(bare, 0.9),
    ]
    const found = await Promise.all(all.map(ids))
    expect(new Set(found.map(({ pixels }) => pixels)).size).toBe(all.length)
  })

  it('stays with a progressive JPEG too', async () => {
    const bare = await photo().jpeg({ progressive: true }).toBuffer()
    expect((await ids(withExif(bare, [[rating, 5]]))).pixels).toBe((await ids(bare)).pixels)
  })
})

describe('pixelIdOf a PNG', () => {
  const withChunk = (png: Buffer, name: string, body: Buffer): Buffer => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(body.length)
    return Buffer.concat([png.subarray(0, 33), length, Buffer.from(name), body, Buffer.alloc(4), png.subarray(33)])
  }

  it('stays with texts and times, and changes with transparency and orientation', async () => {
    const bare = await quarters().png().toBuffer()
    const { pixels } = await ids(bare)
    expect((await ids(withChunk(bare, 'tEXt', Buffer.from('Title\0words')))).pixels).toBe(pixels)
    expect((await ids(withChunk(bare, 'tIME', Buffer.alloc(7)))).pixels).toBe(pixels)
    expect((await ids(withChunk(bare, 'eXIf', exifOf([[0x4746, 5]])))).pixels).toBe(pixels)
    expect((await ids(withChunk(bare, 'eXIf', exifOf([[274, 8]])))).pixels).not.toBe(pixels)
    expect((await ids(withChunk(bare, 'tRNS', Buffer.alloc(6)))).pixels).not.toBe(pixels)
  })
})

describe('pixelIdOf a WebP', () => {
  it('stays when metadata turns the simple file into an extended one', async () => {
    const bare = await quarters().webp().toBuffer()
    const tagged = await quarters()
      .withExif({ IFD0: { Copyright: 'someone' } })
      .webp()
      .toBuffer()
    expect(tagged.includes('VP8X')).toBe(true)
    const [one, other] = [await ids(bare), await ids(tagged)]
    expect(other.content).not.toBe(one.content)
    expect(other.pixels).toBe(one.pixels)
  })
})

describe('pixelIdOf an MP4', () => {
  const zeros = (count: number): Buffer => Buffer.alloc(count)
  const film = (change: {
    date?: number
    matrix?: number
    media?: string
    tags?: string
    isMoovLast?: boolean
    free?: number
  }): Buffer => {
    const { date = 0, matrix = 1, media = 'samples', tags = '', isMoovLast = false, free = 0 } = change
    const tkhd = zeros(84)
    tkhd.writeUInt32BE(date, 4)
    tkhd.writeInt32BE(matrix * 65536, 40)
    const mvhd = zeros(100)
    mvhd.writeUInt32BE(date, 4)
    const offsets = zeros(12)
    offsets.writeUInt32BE(isMoovLast ? 100 : 900, 8)
    const table = box('stbl', box('stsd', Buffer.from('avc1 setup')), box('stsz', zeros(12)), box('stco', offsets))
    const track = box('trak', box('tkhd', tkhd), box('mdia', box('mdhd', zeros(24)), box('minf', table)))
    const moov = box('moov', box('mvhd', mvhd), track, box('udta', Buffer.from(tags)))
    const mdat = box('mdat', Buffer.from(media))
    const parts = isMoovLast ? [mdat, moov] : [moov, box('free', zeros(free)), mdat]
    return Buffer.concat([box('ftyp', Buffer.from('isom\0\0\0\0isom')), ...parts])
  }

  it('stays when tags, dates, free space or the place of the index change', async () => {
    const { pixels, content } = await ids(film({}))
    for (const change of [{ tags: 'a title' }, { date: 1234 }, { free: 999 }, { isMoovLast: true }]) {
      const found = await ids(film(change))
      expect(found.content).not.toBe(content)
      expect(found.pixels).toBe(pixels)
    }
  })

  it('changes with the samples and with the turn', async () => {
    const { pixels } = await ids(film({}))
    expect((await ids(film({ media: 'Samples' }))).pixels).not.toBe(pixels)
    expect((await ids(film({ matrix: -1 }))).pixels).not.toBe(pixels)
  })

  it('is the content id when there is no index', async () => {
    const { pixels, content } = await ids(box('ftyp', Buffer.from('isom\0\0\0\0isom')))
    expect(pixels).toBe(content)
  })
})
