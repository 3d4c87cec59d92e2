import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../../test/support/corpus.ts'
import type { FormatName } from '../formats.ts'
import { type Metadata, metadataSchema } from '../metadata.ts'
import { sniff, sniffBytes } from '../sniff.ts'
import { readMetadata } from './read-metadata.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mediamill-metadata-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function read(bytes: Buffer, format: FormatName): Promise<Metadata> {
  const path = join(folder, createHash('sha1').update(bytes).digest('hex'))
  writeFileSync(path, bytes)
  const metadata = await readMetadata(path, { format })
  expect(metadataSchema.safeParse(metadata).error).toBeUndefined()
  return metadata
}

const picture = () => sharp({ create: { width: 30, height: 20, channels: 3, background: 'teal' } })

type Exif = NonNullable<Parameters<ReturnType<typeof picture>['withExif']>[0]>
const jpegWith = (exif: Exif) => picture().withExif(exif).jpeg().toBuffer()

const xmpOf = (attributes: string, children = '') =>
  `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/" ${attributes}>${children}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`
const bag = (words: readonly string[]) =>
  `<dc:subject><rdf:Bag>${words.map((word) => `<rdf:li>${word}</rdf:li>`).join('')}</rdf:Bag></dc:subject>`

/** A JPEG of 30×20 pixels with these segments in front of its own. */
async function jpegOf(...segments: readonly (readonly [marker: number, data: Buffer])[]): Promise<Buffer> {
  const plain = await picture().jpeg().toBuffer()
  const heads = segments.map(([marker, data]) => {
    const head = Buffer.from([0xff, marker, 0, 0])
    head.writeUInt16BE(data.length + 2, 2)
    return Buffer.concat([head, data])
  })
  return Buffer.concat([plain.subarray(0, 2), ...heads, plain.subarray(2)])
}
const xmpSegment = (xmp: string) =>
  [0xe1, Buffer.concat([Buffer.from('http://ns.adobe.com/xap/1.0/\0'), Buffer.from(xmp)])] as const

const iptcRecord = (dataset: number, text: Buffer) =>
  Buffer.concat([Buffer.from([0x1c, 2, dataset, text.length >> 8, text.length & 255]), text])
function resource(id: number, data: Buffer): Buffer {
  const head = Buffer.from('8BIM\0\0\0\0\0\0\0\0', 'latin1')
  head.writeUInt16BE(id, 4)
  head.writeUInt32BE(data.length, 8)
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)])
}
const photoshop = (...resources: readonly Buffer[]) =>
  [0xed, Buffer.concat([Buffer.from('Photoshop 3.0\0'), ...resources])] as const

function webpWith(xmp: string): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const head = Buffer.from(`${type}\0\0\0\0`)
    head.writeUInt32LE(data.length, 4)
    return Buffer.concat([head, data, Buffer.alloc(data.length % 2)])
  }
  const body = Buffer.concat([Buffer.from('WEBP'), chunk('VP8X', Buffer.alloc(10)), chunk('XMP ', Buffer.from(xmp))])
  return chunk('RIFF', body)
}

async function pngWith(type: string, data: Buffer): Promise<Buffer> {
  const plain = await picture().png().toBuffer()
  const head = Buffer.alloc(8)
  head.writeUInt32BE(data.length)
  head.write(type, 4)
  return Buffer.concat([plain.subarray(0, 33), head, data, Buffer.alloc(4), plain.subarray(33)])
}

const box = (type: string, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  const head = Buffer.from(`\0\0\0\0${type}`, 'latin1')
  head.writeUInt32BE(body.length + 8)
  return Buffer.concat([head, body])
}

describe('readMetadata', () => {
  it('gives the same words for camera, exposure and time', async () => {
    const metadata = await read(
      await jpegWith({
        IFD0: {
          Make: ' Canon ',
          Model: 'EOS',
          Software: 'v1',
          Artist: 'A. Painter',
          Copyright: '(C) A',
          ImageDescription: 'A pond',
        },
        IFD2: {
          DateTimeOriginal: '2023:08:05 17:16:53',
          OffsetTimeOriginal: '+02:00',
          SubSecTimeOriginal: '120',
          ExposureTime: '1/250',
          FNumber: '28/10',
          ISOSpeedRatings: '400',
          FocalLength: '50/1',
          FocalLengthIn35mmFilm: '0',
          ExposureBiasValue: '0/3',
          Flash: '16',
          LensModel: '----',
        },
        IFD3: {
          GPSLatitudeRef: 'S',
          GPSLatitude: '33/1 51/1 3600/100',
          GPSLongitudeRef: 'E',
          GPSLongitude: '151/1 12/1 0/1',
          GPSAltitudeRef: '0',
          GPSAltitude: '35/10',
        },
      }),
      'jpeg',
    )
    expect(metadata).toMatchObject({
      width: 30,
      height: 20,
      bitDepth: 8,
      takenAt: '2023-08-05T17:16:53.120+02:00',
      camera: { make: 'Canon', model: 'EOS' },
      exposure: { time: 0.004, fNumber: 2.8, iso: 400, focalLength: 50, bias: 0, flash: false },
      gps: { latitude: -33.86, longitude: 151.2, altitude: 3.5 },
      description: 'A pond',
      creator: 'A. Painter',
      copyright: '(C) A',
      software: 'v1',
    })
    expect(metadata.camera).not.toHaveProperty('lens')
    expect(metadata.exposure).not.toHaveProperty('focalLength35mm')
  })

  it('turns the size upright and tells the orientation as stored', async () => {
    const turned = await read(await picture().withMetadata({ orientation: 6 }).jpeg().toBuffer(), 'jpeg')
    expect(turned).toMatchObject({ width: 20, height: 30, orientation: 6 })
    expect(await read(await picture().jpeg().toBuffer(), 'jpeg')).not.toHaveProperty('orientation')
  })

  it('believes the size that was read by others, which is upright already', async () => {
    const path = join(folder, 'turned.jpg')
    writeFileSync(path, await picture().withMetadata({ orientation: 6 }).jpeg().toBuffer())
    expect(await readMetadata(path, { format: 'jpeg', width: 20, height: 30 })).toMatchObject({ width: 20, height: 30 })
  })

  it('has nothing but the coding to say of a picture without metadata', async () => {
    expect(await read(await picture().jpeg().toBuffer(), 'jpeg')).toEqual({
      format: 'jpeg',
      width: 30,
      height: 20,
      bitDepth: 8,
      tags: {},
    })
  })

  it.each([
    ['0', undefined],
    ['3', 3],
    ['-1', -1],
    ['2.5', 2.5],
    ['99', undefined],
  ])('reads a rating of %s as %s', async (stored, rating) => {
    expect((await read(await jpegOf(xmpSegment(xmpOf(`xmp:Rating="${stored}"`))), 'jpeg')).rating).toBe(rating)
  })

  it('takes keywords from XMP, each once, and the text of the default language', async () => {
    const title =
      '<dc:title><rdf:Alt><rdf:li xml:lang="de">Teich</rdf:li><rdf:li xml:lang="x-default">Pond</rdf:li></rdf:Alt></dc:title>'
    const { keywords, title: found } = await read(
      await jpegOf(xmpSegment(xmpOf('', bag(['a', 'ä', 'a']) + title))),
      'jpeg',
    )
    expect(keywords).toEqual(['a', 'ä'])
    expect(found).toBe('Pond')
  })

  it('reads XMP that is split over segments, and the older name of its envelope', async () => {
    const more = Buffer.from(xmpOf('', bag(['far'])))
    const part = (from: number, to: number) => {
      const head = Buffer.alloc(40)
      head.write('0123456789ABCDEF0123456789ABCDEF', 'latin1')
      head.writeUInt32BE(more.length, 32)
      head.writeUInt32BE(from, 36)
      return [
        0xe1,
        Buffer.concat([Buffer.from('http://ns.adobe.com/xmp/extension/\0'), head, more.subarray(from, to)]),
      ] as const
    }
    const bytes = await jpegOf(
      part(100, more.length),
      xmpSegment(xmpOf('xmp:Rating="5"').replaceAll('x:xmpmeta', 'x:xapmeta')),
      part(0, 100),
    )
    expect(await read(bytes, 'jpeg')).toMatchObject({ rating: 5, keywords: ['far'] })
  })

  it('reads IPTC in UTF-8 and in Windows-1252', async () => {
    const iptc = Buffer.concat([
      iptcRecord(105, Buffer.from('Überschrift')),
      iptcRecord(25, Buffer.from([0x43, 0x61, 0x66, 0xe9])),
      iptcRecord(25, Buffer.from('日本')),
      iptcRecord(55, Buffer.from('20080229')),
      iptcRecord(60, Buffer.from('160102+0100')),
    ])
    expect(await read(await jpegOf(photoshop(resource(0x0404, iptc))), 'jpeg')).toMatchObject({
      title: 'Überschrift',
      keywords: ['Café', '日本'],
      takenAt: '2008-02-29T16:01:02+01:00',
    })
  })

  it('prefers XMP to IPTC, unless IPTC was changed after XMP was written', async () => {
    const iptc = iptcRecord(25, Buffer.from('from iptc'))
    const digest = createHash('md5').update(iptc).digest()
    const keywords = async (stored: Buffer) =>
      (
        await read(
          await jpegOf(
            xmpSegment(xmpOf('', bag(['from xmp']))),
            photoshop(resource(0x0404, iptc), resource(0x0425, stored)),
          ),
          'jpeg',
        )
      ).keywords
    expect(await keywords(digest)).toEqual(['from xmp'])
    expect(await keywords(Buffer.alloc(16, 7))).toEqual(['from iptc'])
  })

  it('drops the description that a camera writes into every picture, and takes the next one', async () => {
    const exif = await jpegWith({ IFD0: { Make: 'OLYMPUS', ImageDescription: 'OLYMPUS DIGITAL CAMERA' } })
    expect(await read(exif, 'jpeg')).not.toHaveProperty('description')
    const [marker, data] = xmpSegment(
      xmpOf('', '<dc:description><rdf:Alt><rdf:li xml:lang="x-default">A heron</rdf:li></rdf:Alt></dc:description>'),
    )
    const head = Buffer.from([0xff, marker, 0, 0])
    head.writeUInt16BE(data.length + 2, 2)
    const both = Buffer.concat([exif.subarray(0, 2), head, data, exif.subarray(2)])
    expect((await read(both, 'jpeg')).description).toBe('A heron')
  })

  it('counts the frames of animations and adds their delays, and tells nothing of the kind for one frame', async () => {
    const frames = await sharp(Buffer.alloc(10 * 30 * 3, 90).fill(20, 0, 300), {
      raw: { width: 10, height: 30, channels: 3, pageHeight: 10 },
    })
    const gif = await frames
      .clone()
      .gif({ delay: [100, 200, 300], loop: 0 })
      .toBuffer()
    expect((await sharp(gif).metadata()).pages).toBeGreaterThan(1)
    const { pages, durationMs } = await read(gif, 'gif')
    expect(pages).toBe((await sharp(gif).metadata()).pages)
    expect(durationMs).toBe(
      (await sharp(gif, { animated: true }).metadata()).delay?.reduce((sum, delay) => sum + delay, 0),
    )
    expect(await read(await picture().gif().toBuffer(), 'gif')).not.toHaveProperty('pages')
  })

  it('reads compressed texts of PNG, and Exif and XMP in JPEG XL, plain and Brotli-coded', async () => {
    const ztxt = Buffer.concat([Buffer.from('Author\0\0'), deflateSync(Buffer.from('Zo\xeb', 'latin1'))])
    expect((await read(await pngWith('zTXt', ztxt), 'png')).creator).toBe('Zoë')
    const head = Buffer.from('0000000c4a584c200d0a870a', 'hex')
    const xmp = brotliCompressSync(Buffer.from(xmpOf('xmp:Rating="2"')))
    expect((await read(Buffer.concat([head, box('brob', Buffer.from('xml '), xmp)]), 'jxl')).rating).toBe(2)
  })

  it("reads the three directories of Canon's CR3", async () => {
    const entry = (tag: number, text: string) => {
      const tiff = Buffer.alloc(26 + text.length + 1)
      tiff.write('II*\0\x08\0\0\0\x01\0', 'latin1')
      tiff.writeUInt16LE(tag, 10)
      tiff.writeUInt16LE(2, 12)
      tiff.writeUInt32LE(text.length + 1, 14)
      tiff.writeUInt32LE(26, 18)
      tiff.write(text, 26, 'latin1')
      return tiff
    }
    const canon = Buffer.from('85c0b687820f11e08111f4ce462b6a48', 'hex')
    const parts = [box('CMT1', entry(272, 'Canon EOS R5')), box('CMT2', entry(36867, '2022:01:02 03:04:05'))]
    const bytes = Buffer.concat([box('ftyp', Buffer.from('crx ')), box('moov', box('uuid', canon, ...parts))])
    expect(await read(bytes, 'raw')).toMatchObject({
      camera: { model: 'Canon EOS R5' },
      takenAt: '2022-01-02T03:04:05',
    })
  })

  it('says that a file that can not be opened can not be read', async () => {
    await expect(readMetadata(join(folder, 'missing.jpg'), { format: 'jpeg' })).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
    })
  })
})

describe('tags', () => {
  it('are cut where they are long, and bounded together', async () => {
    const many = Array.from({ length: 900 }, (_, index) => `<dc:x${index}>${'word '.repeat(30)}</dc:x${index}>`).join(
      '',
    )
    const { tags } = await read(webpWith(xmpOf(`dc:long="${'a b '.repeat(1000)}"`, many)), 'webp')
    expect(Buffer.byteLength(JSON.stringify(tags))).toBeLessThan(34_000)
    expect(String(tags.xmp?.long)).toHaveLength(1025)
    expect(String(tags.xmp?.long).endsWith('…')).toBe(true)
    expect(Number(tags['…']?.omitted)).toBeGreaterThan(500)
  })

  it('hold no pictures and no names that change objects', async () => {
    const { tags } = await read(
      webpWith(xmpOf(`dc:picture="${'QUJD'.repeat(400)}" dc:__proto__="x" dc:kept="y"`)),
      'webp',
    )
    expect(tags.xmp).toEqual({ kept: 'y' })
  })
})

describe('hostile metadata', () => {
  const nothing = { format: 'webp', width: 1, height: 1, bitDepth: 8, tags: {} }

  it.each([
    ['entities', `<!DOCTYPE x [<!ENTITY a "aaaa">]>${xmpOf('', '<dc:a>&a;</dc:a>')}`],
    ['endless nesting', xmpOf('', '<dc:a>'.repeat(50_000))],
    ['only beginnings', '<'.repeat(500_000)],
    ['more than is read', xmpOf('', `<dc:a>${'x'.repeat(1_100_000)}</dc:a>`)],
  ])('in XMP (%s) leaves the picture without tags', async (_, xmp) => {
    expect(await read(webpWith(xmp), 'webp')).toEqual(nothing)
  })

  it('is not inflated beyond a bound', async () => {
    const bomb = Buffer.concat([Buffer.from('Comment\0\0'), deflateSync(Buffer.alloc(50_000_000, 'a'))])
    const before = process.memoryUsage.rss()
    const { tags } = await read(await pngWith('zTXt', bomb), 'png')
    expect(tags).toEqual({})
    expect(process.memoryUsage.rss() - before).toBeLessThan(40_000_000)
  })

  it('in directories (loops, thousands of entries on the same bytes) ends', async () => {
    const entries = 4000
    const tiff = Buffer.alloc(10 + entries * 12 + 4 + 60_000, 0x41)
    tiff.write('II*\0\x08\0\0\0', 'latin1')
    tiff.writeUInt16LE(entries, 8)
    for (let index = 0; index < entries; index++) {
      const at = 10 + index * 12
      tiff.writeUInt16LE(index, at)
      tiff.writeUInt16LE(2, at + 2)
      tiff.writeUInt32LE(60_000, at + 4)
      tiff.writeUInt32LE(10 + entries * 12 + 4, at + 8)
    }
    tiff.writeUInt32LE(8, 10 + entries * 12)
    const metadata = await read(tiff, 'tiff')
    expect(JSON.stringify(metadata).length).toBeLessThan(34_000)
    expect(metadata).not.toHaveProperty('pages')
  })

  describe.skipIf(!hasCorpus)('of the corpus', () => {
    const made = (name: string) =>
      readMetadata(`${corpus}/broken/made/${name}`, { format: name.endsWith('png') ? 'png' : 'jpeg' })

    it('with a loop of directories still tells the orientation', async () => {
      expect(await made('exif-ifd-loop.jpg')).toMatchObject({ orientation: 6 })
    })

    it('with an offset outside or strange values has neither date nor orientation', async () => {
      for (const name of ['exif-offset-outside.jpg', 'exif-strange-values.jpg']) {
        const metadata = await made(name)
        expect(metadata).toMatchObject({ width: 128, height: 128 })
        expect(metadata).not.toHaveProperty('orientation')
        expect(metadata).not.toHaveProperty('takenAt')
      }
    })

    it('with 200 MB in a text stays small', async () => {
      const before = process.memoryUsage.rss()
      expect(await made('bomb-ztxt-200MB.png')).toEqual({
        format: 'png',
        width: 1,
        height: 1,
        colorSpace: 'grey',
        bitDepth: 8,
        tags: {},
      })
      expect(process.memoryUsage.rss() - before).toBeLessThan(40_000_000)
    })

    it('never throws, and every answer fits the schema', async () => {
      let count = 0
      for (const name of readdirSync(`${corpus}/broken`, { recursive: true, encoding: 'utf8' })) {
        const path = `${corpus}/broken/${name}`
        const format = statSync(path).isFile() ? await sniff(readFileSync(path).subarray(0, sniffBytes)) : null
        if (!format) continue
        expect(metadataSchema.safeParse(await readMetadata(path, { format })).error).toBeUndefined()
        count++
      }
      expect(count).toBeGreaterThan(100)
    })
  })
})
