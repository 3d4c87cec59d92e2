import { rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aFolder, aLibrary, aPhoto } from '../support/library.ts'
import { aServer, json } from '../support/server.ts'

const folder = aFolder()
const root = join(folder.path, 'photos')
let running: Awaited<ReturnType<typeof aServer>>
let paths: string[]
let asset: string
let original: Buffer

/** A file of the past, so that its import need not wait whether it still grows. */
function put(path: string, content: Buffer | string): void {
  writeFileSync(path, content)
  utimesSync(path, 1_600_000_000, 1_600_000_000)
}

beforeAll(async () => {
  paths = await aLibrary(root, 60)
  original = await aPhoto(500)
  put(join(root, 'größe 100% "neu" \\ 1.jpg'), original)
  put(join(root, 'active.svg'), '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>1</script></svg>')
  running = await aServer(folder.path, { settings: { 'workers.queueLength': 8 } })
  await running.import(root)
  asset = (await running.get('/api/assets?text=neu')).items[0].asset
})

afterAll(async () => {
  await running?.[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const originalOf = (id: string, headers: Record<string, string> = {}, method = 'GET') =>
  running.ask(`/api/assets/${id}/original`, { headers, method })

describe('the list of assets', () => {
  it('gives every asset once, page by page', async () => {
    const seen: string[] = []
    let cursor = ''
    do {
      const page = await running.get(`/api/assets?limit=7&sort=bytes${cursor && `&cursor=${cursor}`}`)
      expect(page.total).toBe(62)
      seen.push(...page.items.map((item: { asset: string }) => item.asset))
      cursor = page.next
    } while (cursor)
    expect([seen.length, new Set(seen).size]).toEqual([62, 62])
  })

  it('filters, and gives places and pictures along', async () => {
    const { items, total } = await running.get('/api/assets?kind=picture&format=jpeg&text=neu')
    expect(total).toBe(1)
    expect(items[0]).toMatchObject({ kind: 'picture', format: 'jpeg', width: 96, height: 72, bytes: original.length })
    expect(items[0].locations).toMatchObject([{ path: join(root, 'größe 100% "neu" \\ 1.jpg') }])
    expect((await running.ask(items[0].thumbnail.url)).headers.get('cache-control')).toContain('immutable')
    expect(Object.values(items[0])).not.toContain(null)
  })

  it('refuses what it does not know', async () => {
    expect((await running.get('/api/assets?colour=red')).errors).toMatchObject([{ field: 'colour' }])
    expect((await running.get('/api/assets?limit=501')).code).toBe('PARAMS_INVALID')
    expect((await running.get('/api/assets?sort=beauty')).code).toBe('PARAMS_INVALID')
  })
})

describe('an asset', () => {
  it('tells all its results, found by the beginning of its id', async () => {
    const known = await running.get(`/api/assets/${asset.slice(0, 10)}`)
    expect(known.asset).toBe(asset)
    const operations = known.results.map((one: { operation: string }) => one.operation)
    expect(operations).toEqual(expect.arrayContaining(['metadata', 'thumbnail', 'placeholder', 'fingerprint']))
    expect(known.failures).toEqual([])
  })

  it('that is not there is not found', async () => {
    for (const rest of ['', '/original', '/thumbnail']) {
      const response = await running.ask(`/api/assets/${'f'.repeat(64)}${rest}`)
      expect([rest, response.status, (await json(response)).code]).toEqual([rest, 404, 'NOT_FOUND'])
    }
  })
})

describe('an original', () => {
  it('is sent whole, under its own name', async () => {
    const response = await originalOf(asset)
    expect(Buffer.from(await response.arrayBuffer()).equals(original)).toBe(true)
    expect(response.headers.get('content-type')).toBe('image/jpeg')
    expect(response.headers.get('etag')).toBe(`"${asset}"`)
    expect(response.headers.get('last-modified')).toBe(new Date(1_600_000_000_000).toUTCString())
    expect(response.headers.get('content-disposition')).toContain(
      `filename*=UTF-8''gr%C3%B6%C3%9Fe%20100%25%20%22neu%22%20%5C%201.jpg`,
    )
  })

  it.each([
    ['bytes=0-9', 0, 10],
    ['bytes=100-', 100, undefined],
    ['bytes=-7', -7, undefined],
    ['bytes=5-99999999', 5, undefined],
  ])('is sent in part for %s', async (range, start, end) => {
    const response = await originalOf(asset, { range })
    const expected = original.subarray(start, end)
    expect(response.status).toBe(206)
    expect(Buffer.from(await response.arrayBuffer()).equals(expected)).toBe(true)
    const from = start < 0 ? original.length + start : start
    expect(response.headers.get('content-range')).toBe(`bytes ${from}-${from + expected.length - 1}/${original.length}`)
  })

  it.each(['bytes=0-1,5-6', 'bytes=9-3', 'lines=1-2', 'bytes=-'])('is sent whole for %s', async (range) => {
    const response = await originalOf(asset, { range })
    expect([response.status, (await response.arrayBuffer()).byteLength]).toEqual([200, original.length])
  })

  it('has no range beyond its end', async () => {
    const response = await originalOf(asset, { range: 'bytes=99999999-' })
    expect([response.status, response.headers.get('content-range')]).toEqual([416, `bytes */${original.length}`])
    expect(response.headers.get('content-length')).not.toBe(String(original.length))
    expect((await json(response)).code).toBe('RANGE_INVALID')
  })

  it('is sent whole when the range was meant for another content', async () => {
    expect((await originalOf(asset, { range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200)
    expect((await originalOf(asset, { range: 'bytes=0-1', 'if-range': `"${asset}"` })).status).toBe(206)
  })

  it('is not sent again to who has it', async () => {
    const response = await originalOf(asset, { 'if-none-match': `W/"other", "${asset}"` })
    expect([response.status, (await response.arrayBuffer()).byteLength]).toEqual([304, 0])
  })

  it('tells its size alone for HEAD', async () => {
    const response = await originalOf(asset, {}, 'HEAD')
    expect([response.status, response.headers.get('content-length')]).toEqual([200, String(original.length)])
    expect((await response.arrayBuffer()).byteLength).toBe(0)
  })

  it('that could run scripts is sent as what can not', async () => {
    const { items } = await running.get('/api/assets?format=svg')
    const { headers } = await originalOf(items[0].asset)
    expect(headers.get('content-type')).toBe('image/svg+xml')
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('is refused when other content lies in its place, and missing when nothing does', async () => {
    const [changed = '', gone = ''] = paths
    const idOf = async (path: string) => {
      const { items } = await running.get(`/api/assets?text=${encodeURIComponent(path.split('/').at(-1) ?? '')}`)
      return items[0].asset
    }
    const [changedId, goneId] = [await idOf(changed), await idOf(gone)]
    writeFileSync(changed, await aPhoto(900))
    rmSync(gone)
    expect((await json(await originalOf(changedId))).code).toBe('FILE_CHANGED')
    expect((await json(await originalOf(goneId))).code).toBe('FILE_MISSING')
  })
})

describe('a thumbnail', () => {
  const thumbnailOf = (rest = '', headers: Record<string, string> = {}) =>
    running.ask(`/api/assets/${asset}/thumbnail${rest}`, { headers })

  it('is a small WebP, and the preview a JPEG', async () => {
    const small = await thumbnailOf()
    expect(small.headers.get('content-type')).toBe('image/webp')
    expect(await sharp(await small.arrayBuffer()).metadata()).toMatchObject({ width: 96, height: 72 })
    expect((await thumbnailOf('?size=preview')).headers.get('content-type')).toBe('image/jpeg')
  })

  it('may be kept for ever only under the address that names it', async () => {
    const { thumbnail } = await running.get(`/api/assets/${asset}`)
    expect((await running.ask(thumbnail.url)).headers.get('cache-control')).toMatch(/immutable/)
    expect((await thumbnailOf()).headers.get('cache-control')).not.toMatch(/immutable/)
    expect((await thumbnailOf('?v=0000000000000000')).headers.get('cache-control')).not.toMatch(/immutable/)
  })

  it('comes from memory the second time, in ranges and not at all to who has it', async () => {
    await (await thumbnailOf()).arrayBuffer()
    const response = await thumbnailOf()
    expect(response.headers.get('x-cache-strategy')).toBe('memory')
    const content = Buffer.from(await response.arrayBuffer())
    const part = await thumbnailOf('', { range: 'bytes=2-5' })
    expect(part.status).toBe(206)
    expect(Buffer.from(await part.arrayBuffer()).equals(content.subarray(2, 6))).toBe(true)
    expect((await thumbnailOf('', { 'if-none-match': response.headers.get('etag') ?? '' })).status).toBe(304)
  })

  it('is made anew when its file was removed', async () => {
    const known = await running.get(`/api/assets/${asset}`)
    const preview = known.results
      .flatMap((one: { artifacts: { role: string; path: string }[] }) => one.artifacts)
      .find((one: { role: string }) => one.role === 'preview')
    rmSync(preview.path)
    const response = await thumbnailOf('?size=preview', { range: 'bytes=0-3' })
    expect(response.status).toBe(206)
  })

  it('answers many at once, or says when to come again', async () => {
    const { items } = await running.get('/api/assets?limit=50&format=jpeg')
    // Sizes that nobody asked for before, so that all of it is real work.
    const ids: string[] = items.map((item: { asset: string }) => item.asset)
    const responses = await Promise.all(
      ids.map((id, at) => running.post('/api/image-processing/thumbnail', { asset: id, edge: 20 + at })),
    )
    const states = new Set(responses.map(({ status }) => status))
    for (const response of responses) {
      const body = await json(response)
      if (response.status === 200) continue
      expect([response.status, body.code]).toSatisfy(
        ([status, code]) =>
          (status === 429 && code === 'QUEUE_FULL') || code === 'FILE_CHANGED' || code === 'FILE_MISSING',
      )
      if (response.status === 429) expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
    }
    expect(states).toContain(200)
    expect(states).toContain(429)
    const pictures = await Promise.all(ids.map((id) => running.ask(`/api/assets/${id}/thumbnail`)))
    expect(pictures.map(({ status }) => status)).toEqual(ids.map(() => 200))
  })
})

describe('an artifact', () => {
  it.each(['zz', 'a'.repeat(64), '../../../etc/passwd', '..%2f..%2fcatalog'])('named %s is not there', async (id) => {
    expect((await running.ask(`/api/artifacts/${id}.webp`)).status).toBe(404)
  })
})
