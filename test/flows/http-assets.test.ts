import { mkdirSync, readFileSync, rmSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeFilm } from '../support/films.ts'
import { aFolder, aLibrary, aPhoto } from '../support/library.ts'
import { aServer, type Json, json } from '../support/server.ts'

const folder = aFolder()
const library = join(folder.path, 'library')
const second = join(folder.path, 'second')
const oddName = 'a "b" \\ 100% é 🙂\n.jpg'
let running: Awaited<ReturnType<typeof aServer>>
let all: Json[]

function put(path: string, content: Uint8Array | string): void {
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, content)
  utimesSync(path, 1_600_000_000, 1_600_000_000)
}

beforeAll(async () => {
  await aLibrary(library, 9)
  put(join(library, oddName), await aPhoto(50))
  put(
    join(library, 'drawing.svg'),
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><script>alert(1)</script><rect width="40" height="30" fill="red"/></svg>',
  )
  await makeFilm(join(library, 'film.mp4'))
  await makeFilm(join(library, 'sound.m4a'), { video: null, audio: 'aac' })
  for (const name of ['film.mp4', 'sound.m4a']) utimesSync(join(library, name), 1_600_000_000, 1_600_000_000)
  put(
    join(second, 'dated.jpg'),
    await sharp(await aPhoto(60))
      .withExif({ IFD0: { Model: 'Other' }, IFD2: { DateTimeOriginal: '2020:05:06 07:08:09' } })
      .toBuffer(),
  )
  running = await aServer(folder.path)
  await running.import(library)
  await running.import(second)
  all = (await running.get('/api/assets')).items
})

afterAll(async () => {
  await running?.[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const named = (name: string) => all.find(({ locations }) => basename(locations[0].path) === name)
const names = (items: Json[]) => items.map(({ locations }) => basename(locations[0].path)).sort()

describe('the list of assets', () => {
  it.each(['added', '-added', 'taken', '-taken', 'bytes', '-bytes'])(
    'gives each asset once over all pages, by %s',
    async (sort) => {
      const seen: Json[] = []
      for (let cursor = ''; ; ) {
        const page = await running.get(`/api/assets?limit=3&sort=${sort}${cursor}`)
        expect(page.total).toBe(14)
        seen.push(...page.items)
        if (page.next === null) break
        expect(page.items).toHaveLength(3)
        cursor = `&cursor=${encodeURIComponent(page.next)}`
      }
      expect(seen.map(({ asset }) => asset).sort()).toEqual(all.map(({ asset }) => asset).sort())
      expect(new Set(seen.map(({ asset }) => asset)).size).toBe(14)
      if (sort.endsWith('bytes')) {
        const sizes = seen.map(({ bytes }) => bytes)
        expect(sizes).toEqual(sizes.toSorted((a, b) => (sort === 'bytes' ? a - b : b - a)))
      }
      if (sort === '-taken') expect(names(seen.slice(0, 1))).toEqual(['dated.jpg'])
    },
  )

  it('can be narrowed by each fact', async () => {
    const { collection } = named('dated.jpg').locations[0]
    const asked = async (query: string) => names((await running.get(`/api/assets?${query}`)).items)
    expect(await asked('kind=film')).toEqual(['film.mp4'])
    expect(await asked('kind=sound')).toEqual(['sound.m4a'])
    expect(await asked('format=svg')).toEqual(['drawing.svg'])
    expect(await asked(`collection=${collection}`)).toEqual(['dated.jpg'])
    expect(await asked('camera=Other')).toEqual(['dated.jpg'])
    expect(await asked('text=draw')).toEqual(['drawing.svg'])
    expect(await asked('text=%25')).toEqual([oddName])
    expect(await asked('takenFrom=2020-05-06&takenTo=2020-05-07')).toEqual(['dated.jpg'])
    expect(await asked('takenFrom=2020-05-07')).toEqual([])
    expect(await asked('minRating=1')).toEqual([])
    expect(await asked('collection=none')).toEqual([])
    expect(await asked('kind=picture&text=photo-&limit=500')).toHaveLength(9)
  })

  it.each([
    'limit=0',
    'limit=501',
    'limit=many',
    'sort=name',
    'kind=book',
    'minRating=6',
    'colour=red',
    'cursor=nonsense',
    `cursor=${Buffer.from('[1]').toString('base64url')}`,
  ])('refuses %s', async (query) => {
    const response = await running.ask(`/api/assets?${query}`)
    expect([response.status, (await json(response)).code]).toEqual([400, 'PARAMS_INVALID'])
  })

  it('gives facts, places and pictures of each', () => {
    expect(named('dated.jpg')).toEqual({
      asset: expect.stringMatching(/^[0-9a-f]{64}$/),
      kind: 'picture',
      format: 'jpeg',
      bytes: expect.any(Number),
      width: 96,
      height: 72,
      takenAt: expect.stringContaining('2020-05-06T07:08:09'),
      camera: 'Other',
      locations: [{ collection: expect.any(String), path: join(second, 'dated.jpg') }],
      thumbnail: { url: expect.stringContaining('size=thumbnail&v='), width: 96, height: 72 },
      preview: { url: expect.stringContaining('size=preview&v='), width: 96, height: 72 },
    })
  })
})

describe('an asset', () => {
  it('tells all results that are known of it', async () => {
    const { asset } = named('film.mp4')
    const known = await running.get(`/api/assets/${asset.slice(0, 10)}`)
    expect(known.asset).toBe(asset)
    expect(known.results.map(({ operation }: Json) => operation).sort()).toEqual([
      'fingerprint',
      'metadata',
      'preview',
      'probe',
      'quality-issues',
      'sprite',
      'thumbnail',
      'thumbnail',
    ])
    for (const { artifacts } of known.results) {
      for (const { url, bytes } of artifacts) {
        expect((await (await running.ask(url)).arrayBuffer()).byteLength).toBe(bytes)
      }
    }
    expect(known.failures).toEqual([])
  })

  it.each(['', '/original', '/thumbnail'])('that is not known is 404 at …%s', async (door) => {
    for (const id of ['f'.repeat(64), 'abc', '%2e%2e%2fcatalog.db', "'", '%00']) {
      const response = await running.ask(`/api/assets/${id}${door}`)
      expect([id, response.status, (await json(response)).code]).toEqual([id, 404, 'NOT_FOUND'])
    }
  })
})

describe('an original', () => {
  const original = (name: string) => `/api/assets/${named(name).asset}/original`
  const bytes = () => readFileSync(join(second, 'dated.jpg'))
  const get = (headers: Record<string, string> = {}, method = 'GET') =>
    running.ask(original('dated.jpg'), { headers, method })

  it('is sent byte by byte, with its type and what is needed to ask again', async () => {
    const response = await get()
    expect(response.status).toBe(200)
    expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes())
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'image/jpeg',
      'content-length': String(bytes().length),
      'accept-ranges': 'bytes',
      etag: `"${named('dated.jpg').asset}"`,
      'last-modified': new Date(1_600_000_000_000).toUTCString(),
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': expect.stringContaining('must-revalidate'),
    })
  })

  it('is described by HEAD as by GET', async () => {
    const [head, full] = [await get({}, 'HEAD'), await get()]
    await full.arrayBuffer()
    expect([head.status, (await head.arrayBuffer()).byteLength]).toEqual([200, 0])
    for (const name of ['content-length', 'content-type', 'etag', 'last-modified', 'content-disposition']) {
      expect([name, head.headers.get(name)]).toEqual([name, full.headers.get(name)])
    }
  })

  it.each([
    ['bytes=0-9', 0, 10],
    ['bytes=5-', 5, undefined],
    ['bytes=-7', -7, undefined],
    ['bytes=3-3', 3, 4],
    ['bytes=10-99999999', 10, undefined],
    ['bytes=-99999999', 0, undefined],
  ])('is sent in part for %s', async (range, from, to) => {
    const response = await get({ range })
    const part = bytes().subarray(from, to)
    const start = from < 0 ? bytes().length + from : from
    expect(response.status).toBe(206)
    expect(response.headers.get('content-range')).toBe(`bytes ${start}-${start + part.length - 1}/${bytes().length}`)
    expect(Buffer.from(await response.arrayBuffer())).toEqual(part)
  })

  it.each(['bytes=1-0', 'bytes=0-1,4-5', 'lines=0-3', 'bytes=-', 'bytes=a-b'])(
    'is sent whole for %s, which is no single range',
    async (range) => {
      const response = await get({ range })
      expect([response.status, (await response.arrayBuffer()).byteLength]).toEqual([200, bytes().length])
    },
  )

  it.each(['bytes=99999999-', 'bytes=-0'])('refuses %s, and tells its size', async (range) => {
    const response = await get({ range })
    expect([response.status, response.headers.get('content-range')]).toEqual([416, `bytes */${bytes().length}`])
    expect(response.headers.get('etag')).toBeNull()
    expect((await json(response)).code).toBe('RANGE_INVALID')
  })

  it('is not sent again to whom has it, and a range only of what he has', async () => {
    const etag = `"${named('dated.jpg').asset}"`
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const response = await get({ 'if-none-match': known })
      expect([known, response.status, await response.text()]).toEqual([known, 304, ''])
      expect(response.headers.get('etag')).toBe(etag)
    }
    expect((await get({ 'if-none-match': '"other"' })).status).toBe(200)
    expect((await get({ 'if-range': etag, range: 'bytes=0-1' })).status).toBe(206)
    expect((await get({ 'if-range': '"other"', range: 'bytes=0-1' })).status).toBe(200)
  })

  it('can run nothing, whatever is in it', async () => {
    const response = await running.ask(original('drawing.svg'))
    expect(response.headers.get('content-type')).toBe('image/svg+xml')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(policy).toMatch(/(^|; )sandbox($|;)/)
    expect(policy).not.toMatch(/script-src|allow-scripts/)
    expect(policy).toContain("default-src 'none'")
  })

  it('keeps its name, in letters that no header breaks of', async () => {
    const response = await running.ask(original(oddName))
    expect(response.status).toBe(200)
    const [, plain, exact] =
      /^inline; filename="([\x20-\x7e]*)"; filename\*=UTF-8''(\S+)$/.exec(
        response.headers.get('content-disposition') ?? '',
      ) ?? []
    expect(plain).not.toMatch(/["\\%]/)
    expect(decodeURIComponent(exact ?? '')).toBe(oddName)
  })

  it('is refused when the file is another one now, and when it is gone', async () => {
    const path = named('photo-0000.jpg').locations[0].path
    const before = readFileSync(path)
    put(path, await aPhoto(77))
    const changed = await running.ask(original('photo-0000.jpg'))
    expect([changed.status, (await json(changed)).code]).toEqual([409, 'FILE_CHANGED'])
    unlinkSync(path)
    const gone = await running.ask(original('photo-0000.jpg'))
    expect([gone.status, (await json(gone)).code]).toEqual([404, 'FILE_MISSING'])
    expect(gone.headers.get('etag')).toBeNull()
    writeFileSync(path, before)
  })
})

describe('a thumbnail', () => {
  it('may be kept for ever under the address that names the picture, and only there', async () => {
    const { asset, thumbnail } = named('dated.jpg')
    const linked = await running.ask(thumbnail.url)
    expect(linked.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    const content = Buffer.from(await linked.arrayBuffer())
    expect(await sharp(content).metadata()).toMatchObject({ format: 'webp', width: 96, height: 72 })
    for (const query of [
      '',
      '?v=0000000000000000',
      `?v=${new URL(thumbnail.url, running.url).searchParams.get('v')?.slice(0, 4)}`,
    ]) {
      const response = await running.ask(`/api/assets/${asset}/thumbnail${query}`)
      expect(response.headers.get('cache-control')).not.toContain('immutable')
      expect(Buffer.from(await response.arrayBuffer())).toEqual(content)
      expect(response.headers.get('etag')).toBe(linked.headers.get('etag'))
    }
    const etag = linked.headers.get('etag') ?? ''
    expect((await running.ask(thumbnail.url, { headers: { 'if-none-match': etag } })).status).toBe(304)
    const part = await running.ask(thumbnail.url, { headers: { range: 'bytes=2-5' } })
    expect([part.status, Buffer.from(await part.arrayBuffer())]).toEqual([206, content.subarray(2, 6)])
    const head = await running.ask(thumbnail.url, { method: 'HEAD' })
    expect([head.headers.get('content-length'), await head.text()]).toEqual([String(content.length), ''])
  })

  it('is a JPEG where it is the preview', async () => {
    const response = await running.ask(named('dated.jpg').preview.url)
    expect(response.headers.get('content-type')).toBe('image/jpeg')
    expect(await sharp(await response.arrayBuffer()).metadata()).toMatchObject({ format: 'jpeg', width: 96 })
  })

  it('comes from memory the second time', async () => {
    const { preview } = named('photo-0003.jpg')
    const strategies = []
    for (let at = 0; at < 2; at++) {
      const response = await running.ask(preview.url)
      await response.arrayBuffer()
      strategies.push(response.headers.get('x-cache-strategy'))
    }
    expect(strategies).toEqual(['disk', 'memory'])
  })

  it('is made again when its file is gone', async () => {
    const { asset, thumbnail } = named('photo-0004.jpg')
    const { results } = await running.get(`/api/assets/${asset}`)
    const { path } = results.flatMap(({ artifacts }: Json) => artifacts).find(({ role }: Json) => role === 'thumbnail')
    rmSync(path)
    const response = await running.ask(thumbnail.url)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/webp'])
    expect(Buffer.from(await response.arrayBuffer())).toEqual(readFileSync(path))
    rmSync(path)
    const part = await running.ask(thumbnail.url, { headers: { range: 'bytes=0-3' } })
    expect([part.status, await part.text()]).toEqual([206, 'RIFF'])
  })

  it('of a film is a picture, of a sound without one a clear problem', async () => {
    const film = await running.ask(`/api/assets/${named('film.mp4').asset}/thumbnail?size=preview`)
    expect([film.status, film.headers.get('content-type')]).toEqual([200, expect.stringMatching(/^image\//)])
    await film.arrayBuffer()
    const sound = await running.ask(`/api/assets/${named('sound.m4a').asset}/thumbnail`)
    expect([sound.status, (await json(sound)).code]).toEqual([422, 'NO_PICTURE'])
    expect(named('sound.m4a').thumbnail).toBeUndefined()
  })

  it.each(['size=huge', 'width=3'])('refuses %s', async (query) => {
    const response = await running.ask(`/api/assets/${named('dated.jpg').asset}/thumbnail?${query}`)
    expect([response.status, (await json(response)).code]).toEqual([400, 'PARAMS_INVALID'])
  })
})

describe('an artifact', () => {
  it.each([
    ['is not there', `${'a'.repeat(64)}.webp`, 404],
    ['is none', 'abc.webp', 404],
    ['leads elsewhere', '..%2f..%2fcatalog.db', 404],
    ['leads elsewhere by its ending', `${'a'.repeat(64)}.%2e%2e%2fwebp`, 404],
  ])('that %s is 404 and nothing may keep that', async (_title, name, status) => {
    const response = await running.raw('GET', `/api/artifacts/${name}`)
    expect(response.status).toBe(status)
    expect(JSON.parse(response.text).detail).not.toContain(folder.path)
    expect(response.headers['cache-control']).toBeUndefined()
  })
})
