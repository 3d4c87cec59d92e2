import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../../test/support/corpus.ts'
import { aFolder, aPhoto } from '../../test/support/library.ts'
import { openMedia } from './open.ts'
import { readSidecars, sidecarNames } from './sidecar.ts'

const among =
  (...names: readonly string[]) =>
  (name: string) =>
    names.includes(name)

describe('the names of sidecars', () => {
  it.each([
    ['photo.jpg', ['photo.jpg.xmp'], ['photo.jpg.xmp']],
    ['photo.jpg', ['photo.xmp'], ['photo.xmp']],
    ['photo.jpg', ['photo.xmp', 'photo.jpg.xmp'], ['photo.jpg.xmp', 'photo.xmp']],
    ['PHOTO.JPG', ['PHOTO.XMP'], ['PHOTO.XMP']],
    ['photo.jpg', ['photo.jpg.XMP', 'photo.jpg.xmp'], ['photo.jpg.xmp']],
    ['a.b.jpg', ['a.xmp', 'b.xmp', 'a.b.xmp'], ['a.b.xmp']],
    ['no ending', ['no ending.xmp'], ['no ending.xmp']],
    ['photo.xmp', ['photo.xmp', 'photo.xmp.xmp'], []],
    ['photo.jpg', ['photo.jpeg.xmp', 'other.xmp', 'photo.txt'], []],
  ])('of %s beside %j are %j', (name, beside, expected) => {
    expect(sidecarNames(name, among(...beside))).toEqual(expected)
  })

  it.each(['IMG_1.CR2', 'IMG_1.cr2', 'IMG_1.NEF', 'IMG_1.dng'])(
    'without the ending of the picture are those of the raw file %s, not of the JPEG beside it',
    (raw) => {
      const has = among('IMG_1.jpg', raw, 'IMG_1.xmp')
      expect(sidecarNames(raw, has)).toEqual(['IMG_1.xmp'])
      expect(sidecarNames('IMG_1.jpg', has)).toEqual([])
      expect(sidecarNames('IMG_1.jpg', among('IMG_1.jpg', raw, 'IMG_1.xmp', 'IMG_1.jpg.xmp'))).toEqual([
        'IMG_1.jpg.xmp',
      ])
    },
  )
})

const folder = aFolder()
afterAll(() => folder[Symbol.dispose]())

/** A folder with a photo and these files beside it. */
async function aScene(beside: Readonly<Record<string, string | Buffer>>) {
  const root = join(folder.path, crypto.randomUUID())
  mkdirSync(root)
  const path = join(root, 'photo.jpg')
  writeFileSync(path, await aPhoto(3))
  for (const [name, content] of Object.entries(beside)) writeFileSync(join(root, name), content)
  return { root, path }
}

const packet = (inside: string) =>
  `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" ${inside}/></rdf:RDF></x:xmpmeta>`

async function read(beside: Readonly<Record<string, string | Buffer>>) {
  const { path } = await aScene(beside)
  const media = await openMedia(path)
  try {
    return { identity: media.identity, metadata: await media.metadata() }
  } finally {
    await media.close()
  }
}

describe('the id of sidecars', () => {
  it('is absent without any, the same for the same content, another for any other', async () => {
    expect((await readSidecars((await aScene({})).path)).id).toBeUndefined()
    const id = async (beside: Record<string, string>) => (await readSidecars((await aScene(beside)).path)).id
    const one = await id({ 'photo.xmp': packet('xmp:Rating="1"') })
    expect(one).toMatch(/^[0-9a-f]{64}$/)
    expect(await id({ 'photo.xmp': packet('xmp:Rating="1"') })).toBe(one)
    expect(await id({ 'photo.xmp': packet('xmp:Rating="2"') })).not.toBe(one)
    expect(await id({ 'photo.xmp': packet('xmp:Rating="1"'), 'photo.jpg.xmp': packet('') })).not.toBe(one)
  })

  it('stands in the identity, and changes neither content id nor pixel id', async () => {
    const without = (await read({})).identity
    const { sidecarId, ...rest } = (await read({ 'photo.jpg.xmp': packet('xmp:Rating="1"') })).identity
    expect(sidecarId).toMatch(/^[0-9a-f]{64}$/)
    expect(rest).toEqual(without)
  })
})

describe('a sidecar', () => {
  it('goes before what the file says, field by field', async () => {
    const { metadata } = await read({
      'photo.xmp': packet('xmp:Rating="4" photoshop:DateCreated="2011-02-03T04:05:06+01:00"'),
    })
    expect(metadata).toMatchObject({
      rating: 4,
      takenAt: '2011-02-03T04:05:06+01:00',
      description: 'photo 3',
      camera: { model: 'Test' },
    })
    expect(metadata.tags.sidecar).toEqual({ Rating: '4', DateCreated: '2011-02-03T04:05:06+01:00' })
  })

  it('named after the whole file goes before the one named after its stem, and both are heard', async () => {
    const { metadata } = await read({
      'photo.jpg.xmp': packet('xmp:Rating="2"'),
      'photo.xmp': packet('xmp:Rating="5" photoshop:Headline="From the stem"'),
    })
    expect(metadata).toMatchObject({ rating: 2, title: 'From the stem' })
  })

  it('that says no stars takes those of the file away', async () => {
    const both = await read({ 'photo.jpg.xmp': packet('xmp:Rating="0"'), 'photo.xmp': packet('xmp:Rating="5"') })
    expect(both.metadata).not.toHaveProperty('rating')
  })

  it('that Adobe wrote for another file is passed over', async () => {
    const { identity, metadata } = await read({
      'photo.xmp': packet('photoshop:SidecarForExtension="CR2" xmp:Rating="5"'),
    })
    expect(identity).not.toHaveProperty('sidecarId')
    expect(metadata).not.toHaveProperty('rating')
    const own = await read({ 'photo.xmp': packet('photoshop:SidecarForExtension="JPG" xmp:Rating="5"') })
    expect(own.metadata.rating).toBe(5)
  })

  it.each([
    ['UTF-16, little end first, with a mark', Buffer.from(`\ufeff${packet('xmp:Rating="3"')}`, 'utf16le')],
    ['UTF-16, little end first, without a mark', Buffer.from(packet('xmp:Rating="3"'), 'utf16le')],
    ['UTF-16, big end first', Buffer.from(`\ufeff${packet('xmp:Rating="3"')}`, 'utf16le').swap16()],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${packet('xmp:Rating="3"')}`)],
    ['Latin letters that are no UTF-8', Buffer.from(packet('xmp:Rating="3" xmp:Label="gr\xfcn"'), 'latin1')],
    ['an XML declaration and comments', Buffer.from(`<?xml version="1.0"?><!-- x -->${packet('xmp:Rating="3"')}`)],
  ])('is read in %s', async (_, content) => {
    expect((await read({ 'photo.xmp': content })).metadata.rating).toBe(3)
  })
})

describe.skipIf(!hasCorpus)('sidecars of the corpus', () => {
  const told = (name: string) => readFileSync(`${corpus}/photos/immich/${name}`)

  it.each(['2000', '2010', '2020'])('give their date, of %s, to the file', async (year) => {
    const { metadata } = await read({ 'photo.jpg.xmp': told(`metadata/xmp/dates/${year}.xmp`) })
    expect(metadata.takenAt).toMatch(new RegExp(`^${year}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\+\\d\\d:00$`))
  })

  it('give the first of a list where one number is asked for', async () => {
    const { metadata } = await read({ 'photo.xmp': told('problems/xmp/iso-value-array/iso-value-array.xmp') })
    expect(metadata).toMatchObject({
      takenAt: '2009-11-28T13:42:39',
      exposure: { fNumber: 2.8, time: 1 / 1250 },
      camera: { model: 'Canon PowerShot SX120 IS' },
    })
    expect(metadata.exposure?.iso).toBe(160)
  })
})

describe('a hostile sidecar', () => {
  const entities = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>${packet('xmp:Rating="3"')}`

  it.each([
    ['entities', entities],
    ['endless nesting', '<a>'.repeat(100_000)],
    ['no XML', 'rating: 5'],
    ['half a packet', packet('xmp:Rating="3"').slice(0, 200)],
    ['zeros', Buffer.alloc(100_000)],
    ['one byte', '<'],
    ['an odd number of bytes of UTF-16', Buffer.from([0xfe, 0xff, 0, 0x3c, 0])],
    ['11 MB', Buffer.concat([Buffer.from(packet('xmp:Rating="3"')), Buffer.alloc(11 * 1024 * 1024, 32)])],
    ['nothing', ''],
  ])('of %s says nothing and fails nothing', async (_, content) => {
    const { metadata } = await read({ 'photo.xmp': content })
    expect(metadata).toMatchObject({ format: 'jpeg', description: 'photo 3' })
    expect(metadata).not.toHaveProperty('rating')
  })

  it('that is a folder, or leads nowhere, counts as none', async () => {
    const { root, path } = await aScene({})
    mkdirSync(join(root, 'photo.xmp'))
    symlinkSync('/nowhere/at/all', join(root, 'photo.jpg.xmp'))
    expect(await readSidecars(path)).toEqual({ packets: [] })
    rmSync(root, { recursive: true })
    expect(await readSidecars(path)).toEqual({ packets: [] })
  })

  it('of megabytes of editing steps is still heard', async () => {
    const steps = `<darktable:history><rdf:Seq>${'<rdf:li a="bcdefgh"/>'.repeat(150_000)}</rdf:Seq></darktable:history>`
    const content = packet('xmp:Rating="3"').replace('/></rdf:RDF>', `>${steps}</rdf:Description></rdf:RDF>`)
    expect(content.length).toBeGreaterThan(3_000_000)
    expect((await read({ 'photo.jpg.xmp': content })).metadata.rating).toBe(3)
  })
})
