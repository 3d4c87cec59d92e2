import { describe, expect, it } from 'vitest'
import { type ExifEdits, patchExif } from './exif.ts'
import { iptcWithoutPlace, photoshopWith } from './iptc.ts'
import { patchXmp } from './xmp.ts'

const edits: ExifEdits = { width: 40, height: 30, isSrgb: false, stripPlace: true }

const patched = (body: string, more: Partial<ExifEdits> = {}): string | undefined =>
  patchXmp(Buffer.from(`<x:xmpmeta xmlns:x="adobe:ns:meta/">${body}</x:xmpmeta>`), { ...edits, ...more })?.toString()

describe('an XMP packet for a new picture', () => {
  it.each([
    ['attributes', '<rdf:Description dc:format="a" exif:GPSLatitude="48,1N" exif:GPSLongitude=\'11,2E\' dc:x="b"/>'],
    [
      'elements',
      '<rdf:Description><dc:format>a b</dc:format><exif:GPSLatitude>48,1N</exif:GPSLatitude></rdf:Description>',
    ],
    [
      'structures',
      '<dc:format>a b</dc:format><ext:LocationCreated><rdf:Bag><rdf:li exif:GPSLatitude="48"/></rdf:Bag></ext:LocationCreated>',
    ],
    [
      'drones',
      '<rdf:Description dc:format="a b" drone:GpsLatitude="48.1" drone:GpsLongtitude="11" drone:AbsoluteAltitude="+5"/>',
    ],
    ['other prefixes', '<rdf:Description xmlns:p="http://ns.adobe.com/photoshop/1.0/" p:City="Bonn" dc:format="a b"/>'],
  ])('loses places in %s and nothing else', (_, body) => {
    const text = patched(body)
    expect(text).toMatch(/a b|"a"/)
    expect(text).not.toMatch(/48|11,2|Bonn|\+5/)
    expect(patched(body, { stripPlace: false })).toMatch(/48|Bonn/)
  })

  it('keeps what only looks like a place', () => {
    const text = patched('<a exif:SubjectLocation="4" xmp:Rating="3">City, State</a>')
    expect(text).toContain('exif:SubjectLocation="4" xmp:Rating="3">City, State')
  })

  it('is upright and of the new size, by whatever prefix', () => {
    const text = patched(
      '<a xmlns:t="http://ns.adobe.com/tiff/1.0/" t:Orientation="6" t:ImageWidth="9"><t:ImageLength> 8 </t:ImageLength><exif:PixelXDimension/></a>',
    )
    expect(text).toContain('t:Orientation="1" t:ImageWidth="40"><t:ImageLength>30</t:ImageLength>')
  })

  it('keeps comments, entities and quotes as they are', () => {
    const body = `<!-- <exif:GPSx> --><a b='"x"' c="&lt;'>'&gt;"><![CDATA[<y>]]></a>`
    expect(patched(body)).toContain(body)
  })

  it('is read in UTF-16 and old encodings, and written in UTF-8', () => {
    const text = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><a dc:title="Größe"/></x:xmpmeta>'
    for (const packet of [
      Buffer.from(`\ufeff${text}`, 'utf16le'),
      Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
      Buffer.from(text, 'latin1'),
      Buffer.from(text),
    ]) {
      expect(patchXmp(packet, edits)?.toString()).toContain('Größe')
    }
  })

  it('is given up when it is no XML, declares entities, or would still hold a place', () => {
    for (const body of [
      '<a',
      '<a b="c>',
      '<a></a></b></c></d>',
      '<a b=c/>',
      '<!DOCTYPE a>',
      '<a>exif:GPSLatitude="4"</a>',
      '<!-- ',
    ]) {
      expect(patched(body)).toBeUndefined()
    }
  })

  it('is walked in a time that grows with its length only', () => {
    for (const piece of ['<', '< ', '<a ', '<!--', '<?', '"', '<a b="', '<a b', ' ', '<a>']) {
      const packet = Buffer.from(`<x>${piece.repeat(400_000 / piece.length)}`)
      expect(patchXmp(packet, edits)).toBeUndefined()
    }
  })
})

/** Exif with a size, an orientation and a place, in one of both byte orders. */
function exifWithPlace(isLittle: boolean): Buffer {
  const exif = Buffer.alloc(120)
  const put16 = (value: number, at: number) =>
    isLittle ? exif.writeUInt16LE(value, at) : exif.writeUInt16BE(value, at)
  const put32 = (value: number, at: number) =>
    isLittle ? exif.writeUInt32LE(value, at) : exif.writeUInt32BE(value, at)
  exif.write(isLittle ? 'II' : 'MM', 'latin1')
  put16(42, 2)
  put32(8, 4)
  put16(3, 8)
  for (const [index, [tag, type, value]] of [
    [0x100, 4, 9],
    [0x112, 3, 6],
    [0x8825, 4, 50],
  ].entries()) {
    put16(tag ?? 0, 10 + 12 * index)
    put16(type ?? 0, 12 + 12 * index)
    put32(1, 14 + 12 * index)
    if (type === 3) put16(value ?? 0, 18 + 12 * index)
    else put32(value ?? 0, 18 + 12 * index)
  }
  put16(1, 50)
  put16(2, 52)
  put16(5, 54)
  put32(3, 56)
  put32(80, 60)
  exif.fill(0x30, 80, 104)
  return exif
}

describe('an EXIF block for a new picture', () => {
  it.each([true, false])('is upright, of the new size and without the place (little-endian: %s)', (isLittle) => {
    const exif = patchExif(exifWithPlace(isLittle), edits)
    const u16 = (at: number) => (isLittle ? exif.readUInt16LE(at) : exif.readUInt16BE(at))
    const u32 = (at: number) => (isLittle ? exif.readUInt32LE(at) : exif.readUInt32BE(at))
    expect([u16(8), u16(10), u32(18), u16(22), u16(30)]).toEqual([2, 0x100, 40, 0x112, 1])
    expect(exif.includes('000')).toBe(false)
    expect(exif.length).toBeLessThan(50)
    const kept = patchExif(exifWithPlace(isLittle), { ...edits, stripPlace: false })
    expect(kept.includes('0'.repeat(24))).toBe(true)
  })

  it('does not touch the block that it was made from', () => {
    const block = exifWithPlace(true)
    const before = Buffer.from(block)
    patchExif(block, edits)
    expect(block.equals(before)).toBe(true)
  })

  it('ends with a RangeError and nothing worse, however it is garbled', () => {
    let seed = 3
    const random = (below: number) => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
      return Math.floor((seed / 2 ** 32) * below)
    }
    let failed = 0
    for (let round = 0; round < 5000; round++) {
      const block = exifWithPlace(round % 2 === 0)
      for (let change = 0; change < 4; change++) block[random(block.length)] = [0, 1, 255, random(256)][random(4)] ?? 0
      const cut = block.subarray(0, random(4) === 0 ? random(block.length) : block.length)
      try {
        expect(patchExif(cut, edits).length).toBeLessThanOrEqual(cut.length)
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(RangeError)
        failed++
      }
    }
    expect(failed).toBeGreaterThan(100)
    expect(failed).toBeLessThan(4900)
  })
})

const dataset = (number: number, text: string) =>
  Buffer.concat([Buffer.from([0x1c, 2, number, 0, text.length]), Buffer.from(text, 'latin1')])

describe('IPTC for a new picture', () => {
  it('loses its places and keeps the rest', () => {
    const records = Buffer.concat([
      dataset(5, 'Title'),
      dataset(90, 'Bonn'),
      dataset(101, 'Germany'),
      dataset(120, 'Text'),
    ])
    expect(iptcWithoutPlace(records).equals(Buffer.concat([dataset(5, 'Title'), dataset(120, 'Text')]))).toBe(true)
  })

  it('leaves out what is cut', () => {
    const records = Buffer.concat([dataset(5, 'Title'), dataset(120, 'Text').subarray(0, 7)])
    expect(iptcWithoutPlace(records).equals(dataset(5, 'Title'))).toBe(true)
  })

  it('stays as old or new as it was, by its digest', () => {
    const old = dataset(5, 'Title')
    const md5 = '0123456789abcdef0123456789abcdef'
    expect(photoshopWith(old, { records: old }).includes(Buffer.from([0x04, 0x25]))).toBe(false)
    expect(photoshopWith(old, { records: old, digest: md5 }).includes(Buffer.from(md5, 'hex'))).toBe(true)
  })
})
