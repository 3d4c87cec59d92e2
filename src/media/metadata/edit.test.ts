import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../../test/support/corpus.ts'
import { hasPerl, tagsOf, writeTags } from '../../../test/support/exiftool.ts'
import { makeFilm } from '../../../test/support/films.ts'
import { aFolder, aPhoto } from '../../../test/support/library.ts'
import { rawWith } from '../../../test/support/pictures.ts'
import type { MetadataEdits } from '../media.ts'
import type { Metadata } from '../metadata.ts'
import { openMedia } from '../open.ts'

const folder = aFolder()
afterAll(() => folder[Symbol.dispose]())

const hashOf = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')
const copiesAside = () => readdirSync(tmpdir()).filter((name) => name.startsWith('mediamill-copy-'))

/** Makes a copy and opens it: what it says, and whether its picture is that of the original. */
async function edited(path: string, edits: MetadataEdits) {
  const before = { hash: hashOf(path), mtimeMs: statSync(path).mtimeMs, names: readdirSync(join(path, '..')).sort() }
  const media = await openMedia(path)
  try {
    const data = await media.withMetadata(edits)
    const ending = path.replace(/^.*\./, '')
    const copy = join(folder.path, `copy ${crypto.randomUUID()}.${ending}`)
    const metadata: Metadata = await media.metadata({ of: data })
    // Nothing is written beside the original, and it is as it was.
    expect({
      hash: hashOf(path),
      mtimeMs: statSync(path).mtimeMs,
      names: readdirSync(join(path, '..')).sort(),
    }).toEqual(before)
    writeFileSync(copy, data)
    const other = await openMedia(copy)
    try {
      return { copy, metadata, before: media.identity, after: other.identity }
    } finally {
      await other.close()
    }
  } finally {
    await media.close()
  }
}

const words = {
  rating: 4,
  title: 'Ein Titel & mehr: <b>"ß"</b> &amp; 日本',
  description: 'First line\nsecond line, with = and ;',
  keywords: ['lake', 'grey heron', 'Fluß', '鷺', 'a,b'],
} as const

const inFolder = (name: string) => {
  const home = join(folder.path, crypto.randomUUID())
  mkdirSync(home)
  return join(home, name)
}

describe.skipIf(!hasPerl)('a copy with other words', () => {
  const picture = () => sharp({ create: { width: 40, height: 30, channels: 3, background: 'teal' } })

  it.each(['jpeg', 'png', 'webp'] as const)('of a %s has them, and the pixel id of the original', async (format) => {
    const path = inFolder(`picture.${format}`)
    writeFileSync(path, await picture().toFormat(format).toBuffer())
    const { metadata, before, after } = await edited(path, words)
    expect(metadata).toMatchObject(words)
    expect(after.pixelId).toBe(before.pixelId)
    expect(after.contentId).not.toBe(before.contentId)
  })

  it.each(['tiff', 'gif', 'avif'] as const)('of a %s has them, and every pixel of the original', async (format) => {
    const path = inFolder(`picture.${format}`)
    writeFileSync(path, await picture().toFormat(format).toBuffer())
    const { metadata, copy } = await edited(path, words)
    expect(metadata).toMatchObject(words)
    const pixels = (file: string) => sharp(file).raw().toBuffer()
    expect(await pixels(copy)).toEqual(await pixels(path))
  })

  it.each(['mp4', 'mov'])('of a film (%s) has them, and its streams', async (format) => {
    const path = inFolder(`film.${format}`)
    await makeFilm(path)
    const { metadata, before, after } = await edited(path, words)
    expect(metadata).toMatchObject(words)
    expect(after.pixelId).toBe(before.pixelId)
    expect(before.pixelId).not.toBe(before.contentId)
  })

  it('of a raw file has them', async () => {
    const path = inFolder('raw.dng')
    const raw = rawWith(await aPhoto(1), 1)
    // The version of DNG is four bytes, 1.4.0.0; exiftool writes into no other.
    raw.set([1, 0, 4, 0, 0, 0, 1, 4, 0, 0], 10 + 12 * 4 + 2)
    writeFileSync(path, raw)
    expect((await edited(path, words)).metadata).toMatchObject(words)
  })

  it('keeps what is not named, and changes nothing when nothing is', async () => {
    const path = inFolder('photo.jpg')
    writeFileSync(path, await aPhoto(5))
    const { metadata } = await edited(path, { rating: 2 })
    expect(metadata).toMatchObject({ rating: 2, description: 'photo 5', camera: { make: 'mediamill', model: 'Test' } })
    const { after, before } = await edited(path, { stripGps: false })
    expect(after.contentId).toBe(before.contentId)
  })

  it('is the same bytes each time', async () => {
    const path = inFolder('photo.jpg')
    writeFileSync(path, await aPhoto(5))
    const [one, other] = [await edited(path, words), await edited(path, words)]
    expect(one.after.contentId).toBe(other.after.contentId)
  })

  it('takes fields away: no stars, empty texts, no keywords', async () => {
    const path = inFolder('photo.jpg')
    writeFileSync(path, await aPhoto(5))
    const { copy } = await edited(path, words)
    const { metadata } = await edited(copy, { rating: 0, title: '', description: '', keywords: [] })
    for (const field of ['rating', 'title', 'description', 'keywords']) expect(metadata).not.toHaveProperty(field)
    expect(metadata.camera).toEqual({ make: 'mediamill', model: 'Test' })
  })

  it("reaches every place that says the same, so that nobody's reading brings the old words back", async () => {
    const path = inFolder('photo.jpg')
    writeFileSync(path, await aPhoto(5))
    writeTags(
      path,
      '-IFD0:XPTitle=old',
      '-IFD0:XPKeywords=old',
      '-IFD0:Rating=1',
      '-IFD0:RatingPercent=1',
      '-XMP-microsoft:RatingPercent=1',
      '-XMP-lr:HierarchicalSubject=old|older',
      '-XMP-digiKam:TagsList=old/older',
      '-IPTC:ObjectName=old',
      '-IPTC:Keywords=old',
      '-IPTC:Caption-Abstract=old',
      '-IPTC:City=Köln',
      '-Photoshop:IPTCDigest=new',
    )
    const { copy } = await edited(path, words)
    const told = tagsOf(copy, '-a', '-Photoshop:all', '-File:CurrentIPTCDigest', '-all')
    expect(JSON.stringify(told)).not.toContain('old')
    expect(told).toMatchObject({
      'IFD0:XPTitle': words.title,
      'IFD0:ImageDescription': words.description,
      'IFD0:Rating': 4,
      'IFD0:RatingPercent': 75,
      'XMP-microsoft:RatingPercent': 75,
      'IPTC:ObjectName': words.title,
      'IPTC:Keywords': words.keywords,
      'IPTC:Caption-Abstract': words.description,
      'IPTC:City': 'Köln',
      'XMP-xmp:Rating': 4,
    })
    expect(told['Photoshop:IPTCDigest']).toBe(told['File:CurrentIPTCDigest'])
  })

  it.each([
    ['Windows-1252 without a name', ['-charset', 'iptc=Latin']],
    ['UTF-8 without a name', ['-charset', 'iptc=UTF8']],
  ])('keeps what IPTC says in %s', async (_, charset) => {
    const path = inFolder('photo.jpg')
    writeFileSync(path, await aPhoto(5))
    writeTags(path, ...charset, '-IPTC:City=Köln', '-IPTC:Keywords=Fluß')
    const { copy, metadata } = await edited(path, { title: '鷺' })
    expect(metadata).toMatchObject({ title: '鷺', keywords: ['Fluß'] })
    expect(tagsOf(copy, '-IPTC:all')).toMatchObject({
      'IPTC:City': 'Köln',
      'IPTC:ObjectName': '鷺',
      'IPTC:Keywords': 'Fluß',
    })
  })

  it('leaves IPTC the younger where it was, so that the other fields are still read from it', async () => {
    const path = inFolder('photo.jpg')
    writeFileSync(path, await aPhoto(5))
    writeTags(path, '-XMP-dc:Subject=from xmp', '-IPTC:Keywords=from iptc')
    writeTags(path, '-Photoshop:IPTCDigest=00112233445566778899aabbccddeeff')
    const { metadata } = await edited(path, { title: 'new' })
    expect(metadata).toMatchObject({ title: 'new', keywords: ['from iptc'] })
  })
})

describe.skipIf(!hasPerl)('a copy without its place', () => {
  it('has none left in Exif and XMP, and keeps everything else', async () => {
    const path = inFolder('photo.jpg')
    writeFileSync(path, await aPhoto(5))
    const place = ['-GPSLatitude=48.1', '-GPSLatitudeRef=N', '-GPSLongitude=11.5', '-GPSLongitudeRef=E']
    writeTags(path, ...place, '-XMP-exif:GPSLatitude=48.1', '-XMP-exif:GPSLongitude=11.5', '-XMP-dc:Subject=kept')
    writeTags(path, '-XMP-iptcExt:LocationCreatedGPSLatitude=48.1', '-XMP-exif:GPSDateTime=2020:01:01 10:00:00Z')
    const media = await openMedia(path)
    expect((await media.metadata()).gps).toMatchObject({ latitude: 48.1 })
    await media.close()
    const { copy, metadata, before, after } = await edited(path, { stripGps: true })
    expect(metadata).not.toHaveProperty('gps')
    expect(metadata).toMatchObject({ keywords: ['kept'], description: 'photo 5' })
    expect(Object.keys(tagsOf(copy, '-a')).filter((name) => /GPS/.test(name))).toEqual([])
    expect(after.pixelId).toBe(before.pixelId)
  })

  it('of a film has none in any of the places that phones use', async () => {
    const path = inFolder('film.mov')
    await makeFilm(path)
    writeTags(path, '-Keys:GPSCoordinates=48.1, 11.5, 520', '-UserData:GPSCoordinates=48.1, 11.5, 520')
    const media = await openMedia(path)
    expect((await media.metadata()).gps).toMatchObject({ latitude: 48.1, longitude: 11.5 })
    await media.close()
    const { metadata, before, after } = await edited(path, { stripGps: true })
    expect(metadata).not.toHaveProperty('gps')
    expect(after.pixelId).toBe(before.pixelId)
  })
})

describe.skipIf(!hasPerl)('a copy that can not be made', () => {
  it.each(['bmp', 'svg'])('of a %s says which formats can', async (format) => {
    const path = inFolder(`picture.${format}`)
    const bmp = Buffer.alloc(58)
    bmp.write('BM', 'latin1')
    bmp.writeUInt32LE(58, 2)
    bmp.writeUInt32LE(54, 10)
    bmp.writeUInt32LE(40, 14)
    bmp.writeInt32LE(1, 18)
    bmp.writeInt32LE(1, 22)
    bmp.writeUInt16LE(1, 26)
    bmp.writeUInt16LE(24, 28)
    writeFileSync(path, format === 'bmp' ? bmp : '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>')
    await expect(edited(path, { rating: 1 })).rejects.toMatchObject({
      code: 'OPERATION_UNFIT',
      message: expect.stringMatching(/takes files of jpeg, png, .*, but the file is a (bmp|svg) file/),
    })
  })

  it('of a damaged file says what exiftool says, and leaves nothing aside', async () => {
    const path = inFolder('photo.jpg')
    writeFileSync(path, (await aPhoto(5)).subarray(0, 60))
    const before = copiesAside()
    await expect(edited(path, { rating: 1 })).rejects.toMatchObject({
      code: 'MEDIA_DAMAGED',
      message: expect.not.stringContaining(tmpdir()),
    })
    expect(copiesAside()).toEqual(before)
  })
})

describe.skipIf(!hasCorpus || !hasPerl)('copies of real files', () => {
  it.each([
    'photos/heic/IMG_5195.HEIC',
    'photos/jxl/splines.jxl',
    'photos/pillow/16bit.cropped.jp2',
    'photos/motion-and-misc/sample_MP.heic',
    'photos/motion-and-misc/pixel-motion-photo-shortened.jpg',
    'photos/immich/metadata/tags/picasa.jpg',
    'videos/androidx-media/dolbyVision-hdr.MOV',
  ])('%s: the words are there, what it is stays', async (file) => {
    const path = join(corpus, file)
    const media = await openMedia(path)
    const { tags: _, motion, ...original } = await media.metadata()
    await media.close()
    const { metadata } = await edited(path, { ...words, stripGps: true })
    const { gps: __, ...kept } = original
    expect(metadata).toMatchObject({ ...kept, ...words })
    expect(metadata).not.toHaveProperty('gps')
    if (motion?.kind === 'motion-photo') {
      // The film may lie elsewhere now, whole.
      expect(metadata.motion).toMatchObject({ kind: 'motion-photo', videoBytes: motion.videoBytes })
    } else expect(metadata.motion).toEqual(motion)
  })
})
