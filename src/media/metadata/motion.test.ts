import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../../test/support/corpus.ts'
import { hasPerl, writeTags } from '../../../test/support/exiftool.ts'
import { makeFilm } from '../../../test/support/films.ts'
import { aFolder, aPhoto } from '../../../test/support/library.ts'
import { box, withSegment } from '../../../test/support/pictures.ts'
import type { FormatName } from '../formats.ts'
import { openMedia } from '../open.ts'
import { readMetadata } from './read-metadata.ts'

const folder = aFolder()
afterAll(() => folder[Symbol.dispose]())

const film = box('ftyp', Buffer.from('mp42\0\0\0\0mp42isom'))

const xmpSegment = (attributes: string, children = '') =>
  Buffer.from(
    `http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" xmlns:Container="http://ns.google.com/photos/1.0/container/" xmlns:Item="http://ns.google.com/photos/1.0/container/item/" ${attributes}>${children}</rdf:Description></rdf:RDF></x:xmpmeta>`,
  )

const container = (...items: readonly (readonly [mime: string, semantic: string, bytes: number, padding: number])[]) =>
  `<Container:Directory><rdf:Seq>${items
    .map(
      ([mime, semantic, bytes, padding]) =>
        `<rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="${mime}" Item:Semantic="${semantic}" Item:Length="${bytes}" Item:Padding="${padding}"/></rdf:li>`,
    )
    .join('')}</rdf:Seq></Container:Directory>`

async function motionOf(bytes: Buffer, format: FormatName = 'jpeg') {
  const path = join(folder.path, `motion.${format}`)
  writeFileSync(path, bytes)
  return (await readMetadata(path, { format })).motion
}

const photo = async (attributes: string, children = '', behind: readonly Buffer[] = [film]) =>
  Buffer.concat([withSegment(await aPhoto(1), 0xe1, xmpSegment(attributes, children)), ...behind])

/** What Samsung's phones append: parts with heads, and a directory of them at the very end. */
function samsungTrailer(type = 0x0a30): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt16LE(type, 2)
  head.writeUInt32LE(16, 4)
  const part = Buffer.concat([head, Buffer.from('MotionPhoto_Data'), film])
  const directory = Buffer.alloc(24)
  directory.write('SEFH', 'latin1')
  directory.writeUInt32LE(106, 4)
  directory.writeUInt32LE(1, 8)
  directory.writeUInt16LE(type, 14)
  directory.writeUInt32LE(part.length, 16)
  directory.writeUInt32LE(part.length, 20)
  const end = Buffer.from('\0\0\0\0SEFT', 'latin1')
  end.writeUInt32LE(directory.length)
  return Buffer.concat([part, directory, end])
}

describe('a motion photo', () => {
  it('of Google is found by the lengths of what stands behind the picture', async () => {
    const map = Buffer.alloc(700, 1)
    const items = container(
      ['image/jpeg', 'Primary', 0, 0],
      ['image/jpeg', 'GainMap', 700, 0],
      ['video/mp4', 'MotionPhoto', film.length, 0],
    )
    const attributes = 'GCamera:MotionPhoto="1" GCamera:MotionPhotoPresentationTimestampUs="1500250"'
    const bytes = await photo(attributes, items, [map, film])
    expect(await motionOf(bytes)).toEqual({
      kind: 'motion-photo',
      videoOffsetBytes: bytes.length - film.length,
      videoBytes: film.length,
      presentationMs: 1500.25,
    })
  })

  it('of 2017 is found by the offset from the end; its moment of -1 is not known', async () => {
    const bytes = await photo(
      `GCamera:MicroVideo="1" GCamera:MicroVideoOffset="${film.length}" GCamera:MicroVideoPresentationTimestampUs="-1"`,
    )
    expect(await motionOf(bytes)).toEqual({
      kind: 'motion-photo',
      videoOffsetBytes: bytes.length - film.length,
      videoBytes: film.length,
    })
  })

  it("of Samsung is found in the trailer, and in the other trailers' parts none", async () => {
    const plain = await aPhoto(2)
    const bytes = Buffer.concat([plain, samsungTrailer()])
    const motion = await motionOf(bytes)
    expect(motion).toEqual({ kind: 'motion-photo', videoOffsetBytes: plain.length + 24, videoBytes: film.length })
    expect(bytes.subarray(motion?.videoOffsetBytes, (motion?.videoOffsetBytes ?? 0) + film.length)).toEqual(film)
    expect(await motionOf(Buffer.concat([plain, samsungTrailer(0x0a01)]))).toBeUndefined()
  })

  it('in HEIC lies in a box of its own', async () => {
    const picture = box('ftyp', Buffer.from('heic\0\0\0\0mif1heic'))
    expect(await motionOf(Buffer.concat([picture, box('mdat', Buffer.alloc(90)), box('mpvd', film)]), 'heic')).toEqual({
      kind: 'motion-photo',
      videoOffsetBytes: picture.length + 98 + 8,
      videoBytes: film.length,
    })
  })

  it('is none when the film was cut off, when nothing claims it, or when the numbers are absurd', async () => {
    const items = container(['image/jpeg', 'Primary', 0, 0], ['video/mp4', 'MotionPhoto', film.length, 0])
    expect(await motionOf(await photo('GCamera:MotionPhoto="1"', items, []))).toBeUndefined()
    expect(await motionOf(await photo('GCamera:MotionPhoto="0"', items))).toBeUndefined()
    for (const offset of ['-5', '0', '99999999999', 'x', '1e999']) {
      expect(await motionOf(await photo(`GCamera:MicroVideo="1" GCamera:MicroVideoOffset="${offset}"`))).toBeUndefined()
    }
    const broken = samsungTrailer()
    broken.writeUInt32LE(0xfffffff0, broken.length - 8)
    expect(await motionOf(Buffer.concat([await aPhoto(2), broken]))).toBeUndefined()
  })
})

describe.skipIf(!hasCorpus)('motion photos of the corpus', () => {
  it.each([
    ['pixel-motion-photo-shortened.jpg', 'jpeg', 8730],
    ['pixel-motion-photo-jfif-segment-shortened.jpg', 'jpeg', 4686],
    ['pixel-motion-photo-without-exif-shortened.jpg', 'jpeg', 8730],
    ['ss-motion-photo-shortened.jpg', 'jpeg', 2582],
    ['sample_MP.heic', 'heic', 28803],
  ] as const)('%s has its film', async (name, format, videoBytes) => {
    const path = `${corpus}/photos/motion-and-misc/${name}`
    const { motion } = await readMetadata(path, { format })
    expect(motion).toMatchObject({ kind: 'motion-photo', videoBytes })
    const at = motion?.videoOffsetBytes ?? 0
    expect(readFileSync(path).toString('latin1', at + 4, at + 8)).toBe('ftyp')
  })

  it.each([
    ['pixel-motion-photo-video-removed-shortened.jpg', 'jpeg'],
    ['non-motion-photo-shortened.jpg', 'jpeg'],
    ['non-motion-photo-shortened-no-exif.jpg', 'jpeg'],
    ['sample_still_photo.heic', 'heic'],
  ] as const)('%s has none', async (name, format) => {
    expect(await readMetadata(`${corpus}/photos/motion-and-misc/${name}`, { format })).not.toHaveProperty('motion')
  })

  it('agree with exiftool on the identifier of a Live Photo', async () => {
    const { motion } = await readMetadata(`${corpus}/photos/heic/IMG_5195.HEIC`, { format: 'heic' })
    expect(motion).toEqual({ kind: 'live-photo', identifier: '570F1469-09C7-4E50-9875-05F21D5BD166' })
  })
})

describe.skipIf(!hasPerl)('the film of a Live Photo', () => {
  it('is known by the identifier that its photo has', async () => {
    const path = join(folder.path, 'live.mov')
    await makeFilm(path)
    writeTags(path, '-Keys:ContentIdentifier=570F1469-09C7-4E50-9875-05F21D5BD166')
    const media = await openMedia(path)
    try {
      expect((await media.metadata()).motion).toEqual({
        kind: 'live-photo',
        identifier: '570F1469-09C7-4E50-9875-05F21D5BD166',
      })
    } finally {
      await media.close()
    }
  })

  it('as a motion photo made of a real film is found, byte for byte', async () => {
    const video = join(folder.path, 'inside.mp4')
    await makeFilm(video)
    const content = readFileSync(video)
    const path = join(folder.path, 'MVIMG.jpg')
    writeFileSync(path, await photo(`GCamera:MicroVideo="1" GCamera:MicroVideoOffset="${content.length}"`, '', []))
    appendFileSync(path, content)
    const { motion } = await readMetadata(path, { format: 'jpeg' })
    expect(readFileSync(path).subarray(motion?.videoOffsetBytes)).toEqual(content)
  })
})
