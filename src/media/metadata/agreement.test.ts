import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../../test/support/corpus.ts'
import { exiftool, hasPerl } from '../../../test/support/exiftool.ts'
import { kindOf } from '../formats.ts'
import type { Metadata } from '../metadata.ts'
import { openMedia } from '../open.ts'
import { sniff, sniffBytes } from '../sniff.ts'
import { readMetadata } from './read-metadata.ts'

type Told = string | number | readonly (string | number)[]
type Row = Readonly<Record<string, Told>> & { readonly file: string }

/** How one tag of exiftool is compared with one of our fields; true when they agree. */
type Check = (told: Told, metadata: Metadata, row: Row) => boolean

/** A file on which we differ on purpose: the tag, a part of its path, and why. */
type Exception = readonly [tag: string, file: string, reason: string]

const text = (told: Told | undefined) => String(told ?? '').trim()
const first = (told: Told) => Number(list(told)[0]?.split(' ')[0])
const list = (told: Told) => (Array.isArray(told) ? told : [told]).map(String)
const numberOf = (told: Told): number => {
  const [above, below = '1'] = text(told).split('/')
  return Number.parseFloat(above ?? '') / Number(below)
}
/** exiftool prints one digit behind the point for some; `within` is half of what it rounds to. */
const near = (own: number | undefined, told: Told, within: number) =>
  own !== undefined && Math.abs(own - numberOf(told)) <= within
const relative = (own: number | undefined, told: Told) => near(own, told, numberOf(told) * 0.02)
const date = (told: Told) =>
  text(told)
    .replace(/^(\d+):(\d+):(\d+) /, '$1-$2-$3T')
    .replace('+00:00', 'Z')
/** exiftool tells sizes as coded. */
const coded = ({ width, height }: Metadata, row: Row) =>
  Number(row.Orientation ?? 1) >= 5 ? [height, width] : [width, height]
const same = (own: string | undefined, told: Told) => (own ?? '') === text(told)

const checks: Record<string, Check> = {
  Make: (told, { camera }) => same(camera?.make, told),
  Model: (told, { camera }) => same(camera?.model, told),
  LensModel: (told, { camera }) => same(camera?.lens, told),
  DateTimeOriginal: (told, { takenAt = '' }) => takenAt.startsWith(date(told).slice(0, 19)),
  OffsetTimeOriginal: (told, { takenAt = '' }) => date(takenAt).endsWith(date(told)),
  ISO: (told, { exposure }) => exposure?.iso === told,
  FNumber: (told, { exposure }) => near(exposure?.fNumber, told, 0.051),
  ExposureTime: (told, { exposure }) => relative(exposure?.time, told),
  FocalLength: (told, { exposure }) => near(exposure?.focalLength, told, 0.051),
  GPSLatitude: (told, { gps }) => near(gps?.latitude, told, 1e-7),
  GPSLongitude: (told, { gps }) => near(gps?.longitude, told, 1e-7),
  GPSAltitude: (told, { gps }) => near(gps?.altitude, told, 1e-3),
  Rating: (told, { rating }) => (told === 0 ? rating === undefined : rating === told),
  ImageDescription: (told, { description }) => same(description, told),
  Artist: (told, { creator }) => same(creator, told),
  Copyright: (told, { copyright }) => same(copyright, told),
  Keywords: (told, { keywords }) => list(told).join() === keywords?.join(),
  Subject: (told, { keywords }) => list(told).join() === keywords?.join(),
  BitDepth: (told, { bitDepth }) => bitDepth === told,
  FrameCount: (told, { pages }) => pages === told,
  ImageWidth: (told, metadata, row) => coded(metadata, row)[0] === told,
  ImageHeight: (told, metadata, row) => coded(metadata, row)[1] === told,
  Orientation: (told, { orientation }) => orientation === told,
  ProfileDescription: (told, { tags }) => same(String(tags.icc?.Description ?? ''), told),
}

const zeros = 'the receiver wrote zeros before it knew where it was'
const filler = 'what the camera writes into every picture is no description'
const perPixel = 'exiftool tells bits per pixel for BMP, we tell bits per sample as for every other format'
const allOnes = 'all bits set is no value'
const exceptions: readonly Exception[] = [
  [
    'DateTimeOriginal',
    'Reconyx_HC500_Hyperfire.jpg',
    'stands in the maker notes of a trail camera only; a deep read finds it',
  ],
  ...['latitude', 'longitude'].map(
    (name): Exception => [`GPS${name[0]?.toUpperCase()}${name.slice(1)}`, 'pillow/exif_gps.jpg', allOnes],
  ),
  ['ExposureTime', 'pillow/exif_gps.jpg', allOnes],
  ['GPSLongitude', 'ss-motion-photo-shortened.jpg', 'there is no latitude'],
  ['GPSAltitude', 'ss-motion-photo-shortened.jpg', zeros],
  ['GPSAltitude', 'jxl/1x1_exif_xmp', zeros],
  ['ImageDescription', 'Konica_Minolta_DiMAGE_Z3.jpg', filler],
  ['ImageDescription', 'Samsung_Digimax_i50_MP3.jpg', filler],
  ['ImageDescription', 'WWL_(Polaroid)_ION230.jpg', filler],
  ['ImageDescription', 'el_torcal_rocks.jp', filler],
  ['ImageDescription', 'large/DJI_002', filler],
  ['ImageDescription', 'hopper_lzw.tif', 'exiftool shows "?" for a byte that is no UTF-8, we read it as Windows-1252'],
  ['BitDepth', '.bmp', perPixel],
  // Asked live, without a recorded answer:
  ['Flash', 'exif_gps.jpg', allOnes],
  ['GPSDateTime', 'ss-motion-photo-shortened.jpg', zeros],
  ['BitsPerSample', 'pillow/exif_gps.jpg', 'Exif says 24 bits, the JPEG itself 8'],
  [
    'ImagePixelDepth',
    '.avif',
    'exiftool tells the last depth of the file, which may be that of a gain map or of alpha',
  ],
  [
    'SerialNumber',
    'Reconyx_HC500_Hyperfire.jpg',
    'stands in the maker notes of a trail camera only; a deep read finds it',
  ],
  ['SerialNumber', 'Issue 247-1.nef', 'Nikon writes "NO= " in front of the number'],
  ['Duration', '.avif', 'exiftool tells how long the animation runs when it is repeated without end'],
  ['Duration', '.gif', 'viewers show a frame with a delay of 0 for a tenth of a second'],
]

const live: Record<string, Check> = {
  ExposureCompensation: (told, { exposure }) => near(exposure?.bias, told, 0.01),
  Flash: (told, { exposure }) => exposure?.flash === ((Number(told) & 1) === 1),
  FocalLengthIn35mmFormat: (told, { exposure }) =>
    told === 0 ? exposure?.focalLength35mm === undefined : exposure?.focalLength35mm === told,
  SerialNumber: (told, { camera }) => same(camera?.serial, told),
  Software: (told, { software }) => same(software, told),
  GPSDateTime: (told, { gps }) => same(gps?.takenAt, date(told).replace(/Z?$/, 'Z')),
  SubSecDateTimeOriginal: (told, { takenAt = '' }) => date(takenAt) === date(told),
  BitsPerSample: (told, { bitDepth }) => bitDepth === first(told),
  ImagePixelDepth: (told, { bitDepth }) => bitDepth === first(told),
  AnimationFrames: (told, { pages }) => (told === 1 ? pages === undefined : pages === told),
  Duration: (told, { durationMs }) => near(durationMs, Number(told) * 1000, 5),
  Title: (told, { title }) => same(title, told),
  ContentIdentifier: (told, { motion }) => same(motion?.identifier, told),
}

/** Reads a file as `metadata` does; undefined for what is none of ours. */
async function metadataOf(path: string): Promise<Metadata | undefined> {
  const format = await sniff(readFileSync(path).subarray(0, sniffBytes))
  if (!format) return undefined
  if (kindOf(format) === 'picture') return readMetadata(path, { format })
  const media = await openMedia(path)
  try {
    // A film without a head can not be opened, and then says nothing.
    return await media.metadata().catch(() => undefined)
  } finally {
    await media.close()
  }
}

/** Compares all rows and gives per tag how many agree; the named exceptions are left out of the count. */
async function compare(rows: readonly Row[], by: Record<string, Check>) {
  const table: Record<string, { files: number; excepted: number; agree: number; differ: string[] }> = {}
  for (const row of rows) {
    const metadata = await metadataOf(`${corpus}/${row.file}`)
    if (!metadata) continue
    for (const [tag, check] of Object.entries(by)) {
      const told = row[tag]
      if (told === undefined || told === '') continue
      table[tag] ??= { files: 0, excepted: 0, agree: 0, differ: [] }
      const line = table[tag]
      line.files++
      if (check(told, metadata, row)) line.agree++
      else if (exceptions.some(([name, file]) => name === tag && row.file.includes(file))) line.excepted++
      else line.differ.push(`${row.file}: ${JSON.stringify(told)}`)
    }
  }
  return table
}

function print(title: string, table: Awaited<ReturnType<typeof compare>>) {
  console.log(`${title}\n${'tag'.padEnd(24)} files agree excepted differ`)
  for (const [tag, { files, agree, excepted, differ }] of Object.entries(table)) {
    console.log(
      `${tag.padEnd(24)} ${[files, agree, excepted, differ.length].map((value) => String(value).padStart(5)).join(' ')} ${differ.join(' | ')}`,
    )
  }
}

function itAgrees(tags: readonly string[], table: () => Awaited<ReturnType<typeof compare>>) {
  it.each(tags)('agrees on %s in every file but the named exceptions', (tag) => {
    const { files, excepted, differ } = table()[tag] ?? { files: 0, excepted: 0, differ: [] }
    expect(files - excepted).toBeGreaterThan(0)
    expect(differ).toEqual([])
  })
}

describe.skipIf(!hasCorpus)('metadata against the answers of exiftool that come with the corpus', () => {
  let table: Awaited<ReturnType<typeof compare>> = {}
  beforeAll(async () => {
    const { files } = JSON.parse(readFileSync(`${corpus}/photos/expected.json`, 'utf8')) as { files: Row[] }
    table = await compare(files, checks)
    print('Recorded answers', table)
  })
  itAgrees(Object.keys(checks), () => table)
})

function ask(by: Record<string, Check>, under: string): Row[] {
  const asked = Object.keys(by).map((tag) => `-${tag}`)
  const answers = JSON.parse(exiftool('-n', '-json', '-r', '-q', ...asked, `${corpus}/${under}`)) as (Record<
    string,
    Told
  > & { SourceFile: string })[]
  return answers.map((answer) => ({ ...answer, file: answer.SourceFile.slice(corpus.length + 1) }))
}

describe.skipIf(!hasCorpus || !hasPerl)('metadata against a living exiftool, where no answers are recorded', () => {
  let table: Awaited<ReturnType<typeof compare>> = {}
  beforeAll(async () => {
    table = await compare(ask(live, 'photos'), live)
    print('Living exiftool', table)
  })
  itAgrees(Object.keys(live), () => table)
})

const films: Record<string, Check> = {
  CreateDate: (told, { takenAt = '' }, row) =>
    // Apple's own date, with its zone, goes before that of the container.
    row.CreationDate !== undefined || (text(told).startsWith('0000') ? takenAt === '' : takenAt.startsWith(date(told))),
  CreationDate: (told, { takenAt = '' }) => takenAt === date(told),
  // FFmpeg tells the place in 3GPP's box with four digits, which are 11 metres.
  GPSLatitude: (told, { gps }) => near(gps?.latitude, told, 6e-5),
  GPSLongitude: (told, { gps }) => near(gps?.longitude, told, 6e-5),
  Make: (told, { camera }) => same(camera?.make, told),
  Model: (told, { camera }) => same(camera?.model, told),
  Title: (told, { title }) => same(title, told),
  Artist: (told, { creator }) => same(creator, told),
  Software: (told, { software }) => same(software, told),
}

describe.skipIf(!hasCorpus || !hasPerl)('metadata of films against a living exiftool', () => {
  let table: Awaited<ReturnType<typeof compare>> = {}
  beforeAll(async () => {
    table = await compare(ask(films, 'videos'), films)
    print('Films', table)
  })
  itAgrees(Object.keys(films), () => table)
})
