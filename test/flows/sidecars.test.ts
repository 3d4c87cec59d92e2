import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runOperation } from '../../src/executor/run.ts'
import type { Metadata } from '../../src/media/metadata.ts'
import { anApp, dataIn } from '../support/app.ts'
import { hasPerl, writeTags } from '../support/exiftool.ts'
import { makeFilm } from '../support/films.ts'
import { aFolder, aPhoto } from '../support/library.ts'
import { rawWith, withSegment } from '../support/pictures.ts'
import { aServer } from '../support/server.ts'

const long = { timeout: 120_000 }
const quiet = { done: 0, failed: 0, quarantined: 0, skipped: 0 }
let clock = 1_600_000_000

/** Writes a file that need not settle, each time with a later time of change. */
function put(path: string, content: Uint8Array | string): void {
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, content)
  clock++
  utimesSync(path, clock, clock)
}

const packet = (inside: string) =>
  `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" ${inside}/></rdf:RDF></x:xmpmeta>`

/** A library with one photo, and what an import of it does. */
async function aScene() {
  const folder = aFolder()
  const library = join(folder.path, 'library')
  put(join(library, 'photo.jpg'), await aPhoto(1))
  const app = anApp(dataIn(folder.path))
  const imported = async () => {
    const finished = app.heard('operation.finished')
    const { tasks, files, ignored } = await app.jobs.startImport(library).ended
    const [asset] = app.catalog.assets.list({}, 'added', 5).items
    return { tasks, files, ignored, ran: finished.map(({ operation }) => operation), rating: asset?.rating }
  }
  return {
    library,
    app,
    imported,
    async [Symbol.asyncDispose]() {
      await app.stop()
      folder[Symbol.dispose]()
    },
  }
}

describe('an import with sidecars', long, () => {
  it('reads them with the file and counts them as ignored', async () => {
    await using scene = await aScene()
    put(join(scene.library, 'photo.jpg.xmp'), packet('xmp:Rating="4"'))
    expect(await scene.imported()).toMatchObject({ rating: 4, files: { ...quiet, done: 1, cached: 0 }, ignored: 1 })
    expect(await scene.imported()).toMatchObject({
      ran: [],
      rating: 4,
      files: { ...quiet, cached: 1 },
      tasks: { ...quiet, cached: 6 },
      ignored: 1,
    })
  })

  it.each(['photo.jpg.xmp', 'photo.XMP'])(
    'makes only the metadata anew when %s appears, changes and vanishes',
    async (name) => {
      await using scene = await aScene()
      expect((await scene.imported()).rating).toBeNull()
      const sidecar = join(scene.library, name)

      put(sidecar, packet('xmp:Rating="2"'))
      expect(await scene.imported()).toMatchObject({
        ran: ['metadata'],
        rating: 2,
        tasks: { ...quiet, done: 1, cached: 5 },
      })

      put(sidecar, packet('xmp:Rating="5"'))
      expect(await scene.imported()).toMatchObject({ ran: ['metadata'], rating: 5 })

      rmSync(sidecar)
      expect(await scene.imported()).toMatchObject({ ran: ['metadata'], rating: null })
      // One metadata is told of the asset, the current one.
      const [asset] = scene.app.catalog.assets.list({}, 'added', 5).items
      const told = scene.app.catalog.results.of(asset?.id ?? '', asset?.pixelId ?? '')
      const metadata = told.filter(({ operation }) => operation === 'metadata').map(({ result }) => result as Metadata)
      expect(metadata.map(({ rating }) => rating)).toEqual([undefined])
      expect(await scene.imported()).toMatchObject({ ran: [], files: { ...quiet, cached: 1 } })
    },
  )

  it('gives that of a raw file to it alone, though a JPEG of the name lies beside', async () => {
    await using scene = await aScene()
    const { library, app } = scene
    rmSync(join(library, 'photo.jpg'))
    put(join(library, 'IMG_1.jpg'), await aPhoto(7))
    put(join(library, 'IMG_1.DNG'), rawWith(await aPhoto(8), 1))
    put(join(library, 'IMG_1.xmp'), packet('xmp:Rating="3"'))
    await scene.imported()
    const ratings = () =>
      Object.fromEntries(app.catalog.assets.list({}, 'added', 5).items.map(({ format, rating }) => [format, rating]))
    expect(ratings()).toEqual({ jpeg: null, raw: 3 })

    rmSync(join(library, 'IMG_1.DNG'))
    expect((await scene.imported()).ran).toEqual(['metadata'])
    expect(ratings()).toEqual({ jpeg: 3 })
  })

  it('is not held up by a hostile one', async () => {
    await using scene = await aScene()
    put(join(scene.library, 'photo.xmp'), `<!DOCTYPE x [<!ENTITY a "b">]>${packet('xmp:Rating="3"')}`)
    put(join(scene.library, 'photo.jpg.xmp'), Buffer.alloc(11 * 1024 * 1024, 60))
    expect(await scene.imported()).toMatchObject({ rating: null, files: { ...quiet, done: 1, cached: 0 }, ignored: 2 })
  })
})

describe('one run of metadata', long, () => {
  it('sees a sidecar that appeared, changed or vanished, in a collection and outside of any', async () => {
    await using scene = await aScene()
    const { app, library } = scene
    const inside = join(library, 'photo.jpg')
    const outside = join(library, '..', 'elsewhere', 'photo.jpg')
    put(outside, await aPhoto(9))
    await scene.imported()
    for (const path of [inside, outside]) {
      const run = async (operation = 'metadata', params = {}) => {
        const { result, cached } = await runOperation(app, { path, operation, params })
        return { rating: (result as Metadata).rating, cached }
      }
      const thumbnail = await run('thumbnail', { edge: 60 })
      expect(thumbnail.cached).toBe(false)
      expect((await run()).rating).toBeUndefined()
      put(`${path}.xmp`, packet('xmp:Rating="2"'))
      expect(await run()).toEqual({ rating: 2, cached: false })
      expect(await run()).toEqual({ rating: 2, cached: true })
      put(`${path}.xmp`, packet('xmp:Rating="5"'))
      expect(await run()).toEqual({ rating: 5, cached: false })
      expect((await run('thumbnail', { edge: 60 })).cached).toBe(true)
      rmSync(`${path}.xmp`)
      expect(await run()).toEqual({ rating: undefined, cached: true })
    }
  })
})

/** A photo with the part of Apple's notes that names its film. */
async function aLivePhoto(seed: number, identifier: string): Promise<Buffer> {
  const note = Buffer.alloc(14 + 2 + 12 + 4)
  note.write('Apple iOS\0\0\x01MM', 'latin1')
  note.writeUInt16BE(1, 14)
  note.writeUInt16BE(0x11, 16)
  note.writeUInt16BE(2, 18)
  note.writeUInt32BE(identifier.length + 1, 20)
  note.writeUInt32BE(note.length, 24)
  const whole = Buffer.concat([note, Buffer.from(`${identifier}\0`)])
  const tiff = Buffer.alloc(8 + 30 + 18)
  tiff.write('MM\0*\0\0\0\x08', 'latin1')
  const entry = (at: number, tag: number, type: number, count: number, value: number) => {
    tiff.writeUInt16BE(tag, at)
    tiff.writeUInt16BE(type, at + 2)
    tiff.writeUInt32BE(count, at + 4)
    tiff.writeUInt32BE(value, at + 8)
  }
  tiff.writeUInt16BE(2, 8)
  entry(10, 271, 2, 6, tiff.length)
  entry(22, 34665, 4, 1, 38)
  tiff.writeUInt16BE(1, 38)
  entry(40, 37500, 7, whole.length, tiff.length + 6)
  const exif = Buffer.concat([Buffer.from('Exif\0\0'), tiff, Buffer.from('Apple\0'), whole])
  return withSegment(await aPhoto(seed), 0xe1, exif)
}

describe.skipIf(!hasPerl)('a Live Photo', long, () => {
  it('is a photo and a film that name each other', async () => {
    using folder = aFolder()
    const library = join(folder.path, 'library')
    const identifier = 'B5B6E1F0-0C3A-4C0A-9E9C-0123456789AB'
    put(join(library, 'IMG_1.jpg'), await aLivePhoto(1, identifier))
    put(join(library, 'IMG_2.jpg'), await aPhoto(2))
    const film = join(library, 'IMG_1.mov')
    await makeFilm(film)
    writeTags(film, `-Keys:ContentIdentifier=${identifier}`)
    utimesSync(film, 1_600_000_000, 1_600_000_000)
    await using server = await aServer(folder.path)
    await server.import(library)

    const { items } = await server.get('/api/assets')
    const of = (name: string) =>
      items.find(({ locations }: { locations: { path: string }[] }) => locations[0]?.path.endsWith(name))
    expect(of('IMG_1.jpg').pair).toEqual([of('IMG_1.mov').asset])
    expect(of('IMG_1.mov').pair).toEqual([of('IMG_1.jpg').asset])
    expect(of('IMG_2.jpg')).not.toHaveProperty('pair')
    expect((await server.get(`/api/assets/${of('IMG_1.jpg').asset}`)).pair).toEqual([of('IMG_1.mov').asset])

    rmSync(film)
    await server.import(library)
    expect(await server.get(`/api/assets/${of('IMG_1.jpg').asset}`)).not.toHaveProperty('pair')
  })
})
