import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../../test/support/corpus.ts'
import { exifOf, fileOf, photo, withSegment } from '../../../test/support/pictures.ts'
import { rewrite } from '../../../test/support/rewriting.ts'
import { closeExiftool, readWithExiftool, writeWithExiftool } from '../metadata/exiftool.ts'
import type { Metadata } from '../metadata.ts'
import { openMedia } from '../open.ts'
import { type RewriteOptions, type WritableFormat, writableFormats } from '../picture.ts'

/** What is written into the originals, as exiftool names it. */
const facts = {
  'IFD0:Make': 'Contax',
  'IFD0:Model': 'Aria',
  'IFD0:Copyright': 'A. Nother',
  'ExifIFD:DateTimeOriginal': '2021:03:04 05:06:07',
  'ExifIFD:FNumber': '2.8',
  'ExifIFD:LensModel': 'Planar 50',
  'XMP-dc:Title': 'Härbst',
  'XMP-xmp:Rating': 4,
} as const
const places = {
  'GPS:GPSLatitude': '48.5',
  'GPS:GPSLatitudeRef': 'N',
  'GPS:GPSLongitude': '11.25',
  'GPS:GPSLongitudeRef': 'E',
  'GPS:GPSAltitude': '512',
  'GPS:GPSDateStamp': '2021:03:04',
  'XMP-exif:GPSLatitude': '48.5',
  'XMP-exif:GPSLongitude': '11.25',
  'XMP-photoshop:City': 'Dachau',
  'XMP-photoshop:Country': 'Bavaria',
  'XMP-iptcCore:Location': 'Castle',
  'XMP-iptcExt:LocationShownCity': 'Dachau',
  'XMP-iptcExt:LocationCreatedGPSLatitude': '48.5',
} as const
const iptc = { 'IPTC:Caption-Abstract': 'Leaves', 'IPTC:By-line': 'A. Nother', 'IPTC:City': 'Dachau' } as const
const turned = { 'IFD0:Orientation#': 6, 'XMP-tiff:Orientation#': 6 } as const

let number = 0
const pathOf = (content: Buffer): string => fileOf(`metadata-${number++}`, content)

/** What exiftool reads in bytes, as `Group:Name`, numbers as they are coded. */
async function told(content: Buffer): Promise<Record<string, unknown>> {
  const found = await readWithExiftool(pathOf(content))
  return Object.fromEntries(
    Object.entries(found).map(([key, { val, num }]) => [key.split(':').slice(-2).join(':'), num ?? val]),
  )
}

/** What our own reader finds in bytes. */
async function read(content: Buffer): Promise<Metadata> {
  const media = await openMedia(pathOf(content))
  const found = await media.metadata()
  await media.close()
  return found
}

/** Keys that tell where something is. */
const placesIn = (found: Record<string, unknown>): string[] =>
  Object.keys(found).filter(
    (key) =>
      /gps|latitude|longitude|location|(^|:)(sub-?location|city|state|province.*|country.*)$/i.test(key) &&
      !/SubjectLocation|Creator/.test(key),
  )

/** A picture of a format with all of it. */
async function originalOf(format: WritableFormat): Promise<Buffer> {
  const image = photo(120, 80)
  const bare =
    format === 'jxl'
      ? (await rewrite(await image.png().toBuffer(), { format })).data
      : await (format === 'tiff' ? image.tiff({ compression: 'lzw' }) : image.toFormat(format)).toBuffer()
  const path = pathOf(bare)
  const hasIptc = format === 'jpeg' || format === 'tiff'
  // A bare codestream has no room: exiftool puts it into a box, and says so.
  await writeWithExiftool(
    path,
    { ...facts, ...places, ...turned, ...(hasIptc ? iptc : {}) },
    { isForced: format === 'jxl' },
  )
  return readFileSync(path)
}

const originals = new Map<WritableFormat, Buffer>()
const originalIn = (format: WritableFormat): Buffer => originals.get(format) ?? Buffer.alloc(0)
const sources = ['jpeg', 'png', 'webp', 'avif', 'tiff', 'jxl'] as const
const holdsIptc: ReadonlySet<WritableFormat> = new Set(['jpeg', 'png', 'tiff'])

beforeAll(async () => {
  for (const format of sources) originals.set(format, await originalOf(format))
})
afterAll(closeExiftool)

describe('metadata of what is written anew', () => {
  const ways = sources.flatMap((from) => writableFormats.map((to) => [from, to] as const))

  it.each(ways)('is kept from %s to %s, and says that the picture is upright', async (from, to) => {
    const written = await rewrite(originalIn(from), { format: to, metadata: 'keep' })
    const found = await told(written.data)
    const before = await told(originalIn(from))
    const kept = Object.keys({ ...facts, ...places }).filter((key) => to !== 'gif' || key.startsWith('XMP'))
    for (const key of kept.filter((key) => before[key] !== undefined))
      expect([key, found[key]]).toEqual([key, before[key]])
    expect(kept.filter((key) => before[key] !== undefined).length).toBeGreaterThan(to === 'gif' ? 4 : 12)
    for (const key of Object.keys(turned)) expect([undefined, 1]).toContain(found[key.replace('#', '')])
    if (holdsIptc.has(from) && holdsIptc.has(to) && from !== 'png') {
      for (const [key, value] of Object.entries(iptc)) expect([key, found[key]]).toEqual([key, value])
    }
  })

  it.each(writableFormats)('is read by our own reader in %s', async (format) => {
    const [found, before] = [
      await read((await rewrite(originalIn('jpeg'), { format, metadata: 'keep' })).data),
      await read(originalIn('jpeg')),
    ]
    expect(found).toMatchObject({ title: 'Härbst', rating: 4, width: 80, height: 120 })
    if (format === 'gif') return
    const { camera, takenAt, gps, copyright, exposure } = before
    expect(gps).toMatchObject({ latitude: 48.5, longitude: 11.25 })
    expect(found).toMatchObject({ camera, takenAt, gps, copyright, exposure })
    expect([undefined, 1]).toContain(found.orientation)
  })

  it.each(ways)('loses only the place from %s to %s', async (from, to) => {
    const written = await rewrite(originalIn(from), { format: to, metadata: 'strip-gps' })
    const found = await told(written.data)
    expect(placesIn(await told(originalIn(from))).length).toBeGreaterThan(5)
    expect(placesIn(found)).toEqual([])
    expect(found['XMP-dc:Title']).toBe('Härbst')
    if (to !== 'gif') {
      expect(found).toMatchObject({ 'IFD0:Make': 'Contax', 'ExifIFD:LensModel': 'Planar 50' })
    }
    if (holdsIptc.has(to) && from === 'jpeg') expect(found['IPTC:Caption-Abstract']).toBe('Leaves')
    const { gps, tags } = await read(written.data)
    expect(gps).toBeUndefined()
    expect(JSON.stringify(tags)).not.toMatch(/Dachau|Bavaria|Castle|GPS(?!InfoIFD)/)
    // Not even unreferenced bytes hold it.
    expect(written.data.includes('Dachau')).toBe(false)
    expect(written.data.includes('2021:03:04\0')).toBe(false)
  })

  it.each(ways)('is gone from %s to %s when that is asked', async (from, to) => {
    const found = await told((await rewrite(originalIn(from), { format: to, metadata: 'strip' })).data)
    const names = Object.keys({ ...facts, ...places, ...iptc })
    expect(names.filter((name) => found[name] !== undefined)).toEqual([])
    expect(Object.keys(found).filter((key) => /^(ExifIFD|GPS|XMP|IPTC|Photoshop|MakerNote)/.test(key))).toEqual([])
  })

  it('tells the new size where it tells one', async () => {
    const path = pathOf(originalIn('jpeg'))
    await writeWithExiftool(path, {
      'ExifIFD:ExifImageWidth': 120,
      'ExifIFD:ExifImageHeight': 80,
      'XMP-tiff:ImageWidth': 120,
    })
    const resize = { width: 40, fit: 'inside', focus: 'centre', enlarge: false } as const
    const found = await told((await rewrite(readFileSync(path), { format: 'jpeg', metadata: 'keep', resize })).data)
    expect(found).toMatchObject({
      'ExifIFD:ExifImageWidth': 40,
      'ExifIFD:ExifImageHeight': 60,
      'XMP-tiff:ImageWidth': 40,
    })
  })

  it('says sRGB when the picture was brought to it', async () => {
    const path = pathOf(await photo(40, 40).withIccProfile('p3').jpeg().toBuffer())
    await writeWithExiftool(path, { 'ExifIFD:ColorSpace': 65535, 'InteropIFD:InteropIndex': 'R03' }, { args: ['-n'] })
    const original = readFileSync(path)
    const colours = async (color: RewriteOptions['color']) => {
      const found = await told((await rewrite(original, { format: 'jpeg', metadata: 'keep', color })).data)
      return [found['ExifIFD:ColorSpace'], String(found['InteropIFD:InteropIndex']).slice(0, 3)]
    }
    expect(await colours('keep')).toEqual([65535, 'R03'])
    expect(await colours('srgb')).toEqual([1, 'R98'])
  })

  it('puts a packet of XMP that is too large for a segment of JPEG into several', async () => {
    const path = pathOf(await photo(40, 40).png().toBuffer())
    const words = Array.from({ length: 9000 }, (_, index) => `word ${index}`)
    await writeWithExiftool(path, { 'XMP-dc:Subject': words })
    const written = await rewrite(readFileSync(path), { format: 'jpeg', metadata: 'keep' })
    expect((await told(written.data))['XMP-dc:Subject']).toEqual(words)
    expect((await sharp(written.data).metadata()).width).toBe(40)
  })

  it('leaves out what spoke of parts of the old file: its thumbnail, gain map and film', async () => {
    const path = pathOf(originalIn('jpeg'))
    const thumbnail = fileOf('thumbnail.jpg', await photo(16, 16).jpeg().toBuffer())
    await writeWithExiftool(
      path,
      { 'XMP-GCamera:MotionPhoto': 1, 'XMP-hdrgm:Version': '1.0' },
      { args: [`-ThumbnailImage<=${thumbnail}`] },
    )
    const before = await told(readFileSync(path))
    expect(before).toMatchObject({ 'XMP-GCamera:MotionPhoto': 1, 'XMP-hdrgm:Version': 1 })
    expect(Object.keys(before).some((key) => /Thumbnail/.test(key))).toBe(true)
    const found = await told((await rewrite(readFileSync(path), { format: 'jpeg', metadata: 'keep' })).data)
    expect(Object.keys(found).filter((key) => /Thumbnail|GCamera|hdrgm|IFD1/.test(key))).toEqual([])
    expect(found['IFD0:Model']).toBe('Aria')
  })

  it('survives blocks that are broken, and leaves them out', async () => {
    const jpeg = await photo(40, 30).jpeg().toBuffer()
    const mark = Buffer.from('Exif\0\0', 'latin1')
    const loop = exifOf([[34665, 8]])
    const far = exifOf([[274, 6]])
    far.writeUInt32LE(0xffff_fff0, 4)
    const xmp = Buffer.from('http://ns.adobe.com/xap/1.0/\0<!DOCTYPE x [<!ENTITY a "b">]><x:xmpmeta>&a;', 'latin1')
    const open = Buffer.from('http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><a:b c="d', 'latin1')
    for (const content of [
      withSegment(jpeg, 0xe1, Buffer.concat([mark, loop])),
      withSegment(jpeg, 0xe1, Buffer.concat([mark, far])),
      withSegment(jpeg, 0xe1, xmp),
      withSegment(jpeg, 0xe1, open),
      withSegment(jpeg, 0xed, Buffer.from('Photoshop 3.0\x008BIM\x04\x04\0\0\xff\xff\xff\xff', 'latin1')),
    ]) {
      for (const metadata of ['keep', 'strip-gps'] as const) {
        for (const format of writableFormats) {
          expect(await rewrite(content, { format, metadata })).toMatchObject({ width: 40, height: 30 })
        }
      }
    }
  })
})

describe.skipIf(!hasCorpus)('metadata of real files', () => {
  const inCorpus = (file: string): string => join(corpus, 'photos', file)

  it('keeps the notes of makers readable in every container that takes them', async () => {
    const files = globSync('cameras/*.jpg', { cwd: join(corpus, 'photos') }).slice(0, 40)
    const resize = { width: 64, fit: 'inside', focus: 'centre', enlarge: false } as const
    let notes = 0
    for (const file of files) {
      const before = await told(readFileSync(inCorpus(file)))
      const written = await rewrite(inCorpus(file), { format: 'webp', metadata: 'keep', resize, effort: 'fast' })
      const found = await told(written.data)
      const isNote = (key: string) =>
        /^(Canon|Nikon|FujiFilm|Olympus|Panasonic|Sony|Pentax|Casio|Apple|Sanyo|Ricoh|Kodak|Minolta)/.test(key) &&
        // Places in the file.
        !/Start$|Offset$/.test(key)
      const lost = Object.keys(before).filter(
        (key) => isNote(key) && JSON.stringify(found[key]) !== JSON.stringify(before[key]),
      )
      expect(lost, file).toEqual([])
      notes += Object.keys(before).filter(isNote).length
    }
    expect(notes).toBeGreaterThan(200)
  })

  it('leaves no place in any file that had one', { timeout: 300_000 }, async () => {
    const files = globSync('**/*.{jpg,jpeg,JPG,heic,HEIC,png,webp,avif,tif,dng,nef,cr2,arw}', {
      cwd: join(corpus, 'photos'),
    })
    const resize = { width: 48, fit: 'inside', focus: 'centre', enlarge: false } as const
    let count = 0
    for (const file of files) {
      const media = await openMedia(inCorpus(file)).catch(() => undefined)
      const hasPlace = (await media?.metadata().catch(() => undefined))?.gps !== undefined
      if (media && hasPlace) {
        count++
        for (const format of ['jpeg', 'webp', 'tiff'] as const) {
          const options = {
            format,
            color: 'keep',
            metadata: 'strip-gps',
            frames: 'all',
            resize,
            effort: 'fast',
          } as const
          const { data } = await media.rewrite(options)
          const found = Object.fromEntries(
            Object.entries(await told(data)).filter(([key]) => !/^(ICC|File|Canon:TimeZone)/.test(key)),
          )
          expect(placesIn(found), `${file} ${format}`).toEqual([])
        }
      }
      await media?.close()
    }
    expect(count).toBeGreaterThan(20)
  })

  it('takes the metadata of a HEIC along, whose picture has to be rendered', async () => {
    const [file = ''] = globSync('heic/*.HEIC', { cwd: join(corpus, 'photos') })
    const media = await openMedia(inCorpus(file))
    const before = await media.metadata()
    await media.close()
    const { camera, takenAt, exposure } = before
    expect(camera?.make).toBeDefined()
    for (const format of ['jpeg', 'webp', 'avif', 'png'] as const) {
      const resize = { width: 64, fit: 'inside', focus: 'centre', enlarge: false } as const
      const { data } = await rewrite(inCorpus(file), { format, metadata: 'keep', resize })
      expect(await read(data), format).toMatchObject({ camera, takenAt, exposure })
    }
  })
})
