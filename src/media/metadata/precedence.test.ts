import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasPerl, tagsOf, writeTags } from '../../../test/support/exiftool.ts'
import { aFolder, aPhoto } from '../../../test/support/library.ts'
import type { Metadata } from '../metadata.ts'
import { readMetadata } from './read-metadata.ts'

/** What each standard says, so that an answer tells where it comes from. */
const said = {
  exif: [
    '-IFD0:ImageDescription=by Exif',
    '-IFD0:Artist=Exif',
    '-IFD0:Copyright=(C) Exif',
    '-ExifIFD:DateTimeOriginal=2001:01:01 01:01:01',
    '-ExifIFD:OffsetTimeOriginal=+01:00',
  ],
  xmp: [
    '-XMP-dc:Description=by XMP',
    '-XMP-dc:Creator=XMP',
    '-XMP-dc:Rights=(C) XMP',
    '-XMP-dc:Subject=xmp',
    '-XMP-dc:Subject=both',
    '-XMP-xmp:Rating=3',
    '-XMP-photoshop:DateCreated=2002:02:02 02:02:02+02:00',
  ],
  iptc: [
    '-IPTC:Caption-Abstract=by IPTC',
    '-IPTC:By-line=IPTC',
    '-IPTC:CopyrightNotice=(C) IPTC',
    '-IPTC:Keywords=iptc',
    '-IPTC:Keywords=both',
    '-IPTC:DateCreated=2003:03:03',
    '-IPTC:TimeCreated=03:03:03+03:00',
  ],
} as const

type Standard = keyof typeof said
type Digest = 'none' | 'in step' | 'outdated'

const standards = Object.keys(said) as Standard[]
const presences = Array.from({ length: 8 }, (_, bits) => standards.filter((_, at) => (bits >> at) & 1))
const cases = presences.flatMap((present): [name: string, readonly Standard[], Digest][] =>
  (present.includes('iptc') ? (['none', 'in step', 'outdated'] as const) : (['none'] as const)).map((digest) => [
    `${present.join(' + ') || 'nothing'}, digest ${digest}`,
    present,
    digest,
  ]),
)

const folder = aFolder()
let plain: Buffer
beforeAll(async () => {
  plain = await aPhoto(1)
})
afterAll(() => folder[Symbol.dispose]())

async function make(name: string, present: readonly Standard[], digest: Digest): Promise<string> {
  const path = join(folder.path, `${name.replaceAll(' ', '_')}.jpg`)
  writeFileSync(path, plain)
  writeTags(path, '-all=', ...present.flatMap((standard) => said[standard]))
  if (digest === 'in step') writeTags(path, '-Photoshop:IPTCDigest=new')
  // Somebody edited IPTC with a program that knows no XMP.
  if (digest === 'outdated') writeTags(path, '-Photoshop:IPTCDigest=00112233445566778899aabbccddeeff')
  return path
}

const list = (told: unknown): string[] => [told ?? []].flat().map(String)
const isoOf = (told: unknown) =>
  told === undefined ? undefined : String(told).replace(/^(\d+):(\d+):(\d+) (.*)$/, '$1-$2-$3T$4')

/** Our fields beside those of exiftool's own implementation of the Metadata Working Group's guidelines. */
const rows: readonly [
  field: string,
  ours: (metadata: Metadata) => unknown,
  theirs: (told: Record<string, unknown>) => unknown,
][] = [
  ['Description', ({ description }) => description, (told) => told['MWG:Description']],
  ['Creator', ({ creator }) => creator, (told) => list(told['MWG:Creator'])[0]],
  ['Copyright', ({ copyright }) => copyright, (told) => told['MWG:Copyright']],
  ['Keywords', ({ keywords }) => keywords ?? [], (told) => list(told['MWG:Keywords'])],
  ['Rating', ({ rating }) => rating, (told) => told['MWG:Rating']],
  ['DateTimeOriginal', ({ takenAt }) => takenAt, (told) => isoOf(told['MWG:DateTimeOriginal'])],
]

describe.skipIf(!hasPerl)("Exif, XMP and IPTC that contradict each other, against exiftool's MWG module", () => {
  const table: Record<string, number> = {}
  afterAll(() => {
    console.log(`Fields that agree, of ${cases.length} cases:`, table)
  })

  it.each(cases)('agrees on every field: %s', async (name, present, digest) => {
    const path = await make(name, present, digest)
    const metadata = await readMetadata(path, { format: 'jpeg' })
    const told = tagsOf(path, '-use', 'MWG', '-MWG:all')
    for (const [field, ours, theirs] of rows) {
      expect([field, ours(metadata)]).toEqual([field, theirs(told)])
      table[field] = (table[field] ?? 0) + 1
    }
  })
})

describe.skipIf(!hasPerl)('dates', () => {
  const read = async (name: string, ...tags: readonly string[]) => {
    const path = join(folder.path, name)
    writeFileSync(path, plain)
    writeTags(path, '-all=', ...tags)
    return readMetadata(path, { format: 'jpeg' })
  }

  it.each(['+00:00', '+05:45', '-03:30', '+14:00'])('have the offset %s of their own tag', async (offset) => {
    const { takenAt } = await read(
      'offset.jpg',
      '-ExifIFD:DateTimeOriginal=2020:02:29 23:59:58',
      '-ExifIFD:SubSecTimeOriginal=25',
      `-ExifIFD:OffsetTimeOriginal=${offset}`,
    )
    expect(takenAt).toBe(`2020-02-29T23:59:58.25${offset}`)
  })

  it("have no offset when only another date's is known", async () => {
    const { takenAt } = await read(
      'other-offset.jpg',
      '-ExifIFD:DateTimeOriginal=2020:02:29 23:59:58',
      '-ExifIFD:OffsetTimeDigitized=+02:00',
    )
    expect(takenAt).toBe('2020-02-29T23:59:58')
  })

  it('of XMP keep their offset, and their want of precision', async () => {
    const at = async (date: string) => (await read('xmp.jpg', `-XMP-photoshop:DateCreated=${date}`)).takenAt
    expect(await at('1932')).toBe('1932')
    expect(await at('1932:07')).toBe('1932-07')
    expect(await at('1932:07:04 10:11')).toBe('1932-07-04T10:11')
    expect(await at('1932:07:04 10:11:12.5-07:00')).toBe('1932-07-04T10:11:12.5-07:00')
  })

  it('of the satellites are UTC, from Exif and from XMP in another zone', async () => {
    const exif = await read('gps.jpg', '-GPS:GPSDateStamp=2021:12:31', '-GPS:GPSTimeStamp=23:30:01.5')
    expect(exif.gps).toEqual({ takenAt: '2021-12-31T23:30:01.5Z' })
    const xmp = await read('gps-xmp.jpg', '-XMP-exif:GPSDateTime=2022:01:01 01:30:01+02:00')
    expect(xmp.gps).toEqual({ takenAt: '2021-12-31T23:30:01Z' })
  })
})

describe.skipIf(!hasPerl)('texts that IPTC had to cut', () => {
  it('are taken whole from XMP where they begin alike', async () => {
    const long = 'A very long keyword that goes on and on until it does not fit any more'
    const path = join(folder.path, 'cut.jpg')
    writeFileSync(path, plain)
    writeTags(path, '-all=', `-XMP-dc:Subject=${long}`, `-IPTC:Keywords=${long.slice(0, 64)}`, '-IPTC:Keywords=short')
    writeTags(path, '-Photoshop:IPTCDigest=00112233445566778899aabbccddeeff')
    expect((await readMetadata(path, { format: 'jpeg' })).keywords).toEqual([long, 'short'])
  })
})
