import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../../test/support/corpus.ts'
import { hasPerl, writeTags } from '../../../test/support/exiftool.ts'
import { makeFilm } from '../../../test/support/films.ts'
import { aFolder, aPhoto } from '../../../test/support/library.ts'
import { rawWith } from '../../../test/support/pictures.ts'
import type { Metadata } from '../metadata.ts'
import { openMedia } from '../open.ts'
import { readMetadata } from './read-metadata.ts'

const folder = aFolder()
afterAll(() => folder[Symbol.dispose]())

/** What is written, by standard, and what shall be read. */
const camera = { make: 'Maker', model: 'Model 7', serial: '12345', lens: '24-70mm F2.8' }
const exposure = { time: 0.004, fNumber: 2.8, iso: 400, focalLength: 50, focalLength35mm: 75, bias: -0.5, flash: true }
const gps = { latitude: -33.856, longitude: 151.215, altitude: 58, takenAt: '2021-05-06T05:08:09Z' }
const common = { takenAt: '2021-05-06T07:08:09+02:00', camera, exposure, gps, description: 'A pond', rating: 4 }
const expected = {
  exif: { ...common, creator: 'A. Painter', copyright: '(C) A', software: 'v1' },
  xmp: {
    ...common,
    title: 'Pond',
    keywords: ['lake', '鷺'],
    creator: 'A. Painter; B. Drawer',
    copyright: '(C) A',
    software: 'v1',
  },
} as const
const written = {
  exif: [
    ...['Make=Maker', 'Model=Model 7', 'ImageDescription=A pond', 'Artist=A. Painter', 'Copyright=(C) A'].map(
      (tag) => `-IFD0:${tag}`,
    ),
    ...['-IFD0:Software=v1', '-IFD0:Rating=4', '-ExifIFD:SerialNumber=12345', '-ExifIFD:LensModel=24-70mm F2.8'],
    ...['ExposureTime=1/250', 'FNumber=2.8', 'ISO=400', 'FocalLength=50', 'FocalLengthIn35mmFormat=75', 'Flash#=1'].map(
      (tag) => `-ExifIFD:${tag}`,
    ),
    ...['-ExifIFD:ExposureCompensation=-0.5', '-ExifIFD:DateTimeOriginal=2021:05:06 07:08:09'],
    ...['-ExifIFD:OffsetTimeOriginal=+02:00', '-GPS:GPSLatitude=33.856', '-GPS:GPSLatitudeRef=S'],
    ...['-GPS:GPSLongitude=151.215', '-GPS:GPSLongitudeRef=E', '-GPS:GPSAltitude=58', '-GPS:GPSAltitudeRef#=0'],
    ...['-GPS:GPSDateStamp=2021:05:06', '-GPS:GPSTimeStamp=05:08:09'],
  ],
  xmp: [
    ...['-XMP-tiff:Make=Maker', '-XMP-tiff:Model=Model 7', '-XMP-aux:SerialNumber=12345'],
    ...['-XMP-exifEX:LensModel=24-70mm F2.8', '-XMP-exif:ExposureTime=1/250', '-XMP-exif:FNumber=2.8'],
    ...['-XMP-exif:ISO=400', '-XMP-exif:FocalLength=50', '-XMP-exif:FocalLengthIn35mmFormat=75'],
    ...['-XMP-exif:ExposureCompensation=-0.5', '-XMP-exif:FlashFired=True', '-XMP-exif:GPSLatitude=-33.856'],
    ...['-XMP-exif:GPSLongitude=151.215', '-XMP-exif:GPSAltitude=58', '-XMP-exif:GPSAltitudeRef#=0'],
    ...['-XMP-exif:GPSDateTime=2021:05:06 05:08:09Z', '-XMP-photoshop:DateCreated=2021:05:06 07:08:09+02:00'],
    ...['-XMP-dc:Title=Pond', '-XMP-dc:Description=A pond', '-XMP-dc:Subject=lake', '-XMP-dc:Subject=鷺'],
    ...['-XMP-dc:Creator=A. Painter', '-XMP-dc:Creator=B. Drawer', '-XMP-dc:Rights=(C) A'],
    ...['-XMP-xmp:Rating=4', '-XMP-xmp:CreatorTool=v1'],
  ],
} as const

type Standard = keyof typeof written
const both: readonly Standard[] = ['exif', 'xmp']

const picture = (format: 'jpeg' | 'png' | 'webp' | 'avif' | 'tiff' | 'gif') => async (path: string) =>
  writeFileSync(
    path,
    await sharp({ create: { width: 40, height: 30, channels: 3, background: 'teal' } })
      .toFormat(format)
      .toBuffer(),
  )
/** With a version of DNG that exiftool writes into: four bytes, 1.4.0.0. */
function aRaw(preview: Buffer): Buffer {
  const raw = rawWith(preview, 1)
  raw.set([1, 0, 4, 0, 0, 0, 1, 4, 0, 0], 10 + 12 * 4 + 2)
  return raw
}
const copied = (name: string) => async (path: string) => copyFileSync(`${corpus}/photos/${name}`, path)

type FileRow = readonly [ending: string, standards: readonly Standard[], make: (path: string) => Promise<void>]

const files: readonly FileRow[] = [
  ['jpg', both, picture('jpeg')],
  ['png', both, picture('png')],
  ['webp', both, picture('webp')],
  ['avif', both, picture('avif')],
  ['tif', both, picture('tiff')],
  ['gif', ['xmp'], picture('gif')],
  ['dng', both, async (path) => writeFileSync(path, aRaw(await aPhoto(1)))],
  ['mp4', ['xmp'], (path) => makeFilm(path)],
  ['mov', ['xmp'], (path) => makeFilm(path)],
  ...(hasCorpus
    ? ([
        ['heic', both, copied('heic/example.heic')],
        ['jxl', both, copied('jxl/1x1_exif_xmp.jxl')],
        ['jp2', both, copied('pillow/16bit.cropped.jp2')],
      ] as const)
    : []),
]
const rows = files.flatMap(([ending, standards, make]) =>
  standards.map((standard) => [ending, standard, make] as const),
)

async function read(path: string): Promise<Metadata> {
  const media = await openMedia(path)
  try {
    return await media.metadata()
  } finally {
    await media.close()
  }
}

describe.skipIf(!hasPerl)('every field', () => {
  it.each(rows)('of a %s is read from %s', async (ending, standard, make) => {
    const path = join(folder.path, `${standard}.${ending}`)
    await make(path)
    // What makes a TIFF or a DNG one stands among its Exif.
    const nothing = ending === 'dng' || ending === 'tif' ? [] : ['-all=']
    writeTags(path, ...nothing, ...written[standard])
    expect(await read(path)).toMatchObject(expected[standard])
  })

  const besides = files.filter(([ending]) => ['jpg', 'dng', 'mp4'].includes(ending))
  it.each(besides.map(([ending, , make]) => [ending, make] as const))(
    'of a %s is read from its sidecar',
    async (ending, make) => {
      const path = join(folder.path, `beside.${ending}`)
      await make(path)
      writeTags(`${path}.xmp`, ...written.xmp)
      const { software: _, ...others } = expected.xmp
      expect(await read(path)).toMatchObject(others)
    },
  )

  it.each([
    ['Panasonic', 'IIU\0'],
    ['Olympus', 'IIRO'],
    ['Olympus, older', 'IIRS'],
  ])('of a raw file of %s, a TIFF under another mark, is read from Exif', async (_, mark) => {
    const path = join(folder.path, 'marked.dng')
    writeFileSync(path, aRaw(await aPhoto(1)))
    writeTags(path, ...written.exif)
    const bytes = readFileSync(path)
    bytes.write(mark, 'latin1')
    writeFileSync(path, bytes)
    expect(await readMetadata(path, { format: 'raw' })).toMatchObject(expected.exif)
  })

  it('of a raw file of Fuji is read from the JPEG in it', async () => {
    const path = join(folder.path, 'fuji.jpg')
    writeFileSync(path, await aPhoto(1))
    writeTags(path, '-all=', ...written.exif)
    const preview = readFileSync(path)
    const head = Buffer.alloc(160)
    head.write('FUJIFILMCCD-RAW 0201', 'latin1')
    head.writeUInt32BE(head.length, 84)
    head.writeUInt32BE(preview.length, 88)
    writeFileSync(path, Buffer.concat([head, preview, Buffer.alloc(500)]))
    expect(await readMetadata(path, { format: 'raw' })).toMatchObject(expected.exif)
  })
})

describe.skipIf(!hasPerl)('every field of a film', () => {
  it('is read from the tags that iPhones write', async () => {
    const path = join(folder.path, 'iphone.mov')
    await makeFilm(path)
    writeTags(
      path,
      '-Keys:Make=Apple',
      '-Keys:Model=iPhone 14',
      '-Keys:Software=17.1',
      '-Keys:CreationDate=2021:05:06 07:08:09+02:00',
      '-Keys:GPSCoordinates=-33.856, 151.215, 58',
      '-Keys:Title=Pond',
      '-Keys:Description=A pond',
      '-Keys:Keywords=lake',
      '-Keys:Copyright=(C) A',
      '-Keys:Artist=A. Painter',
    )
    expect(await read(path)).toMatchObject({
      takenAt: '2021-05-06T07:08:09+02:00',
      camera: { make: 'Apple', model: 'iPhone 14' },
      software: '17.1',
      gps: { latitude: -33.856, longitude: 151.215, altitude: 58 },
      title: 'Pond',
      description: 'A pond',
      keywords: ['lake'],
      copyright: '(C) A',
      creator: 'A. Painter',
    })
  })
})
