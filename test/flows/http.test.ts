import { rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createServer } from '../../src/http/server.ts'
import { programVersion } from '../../src/http/version.ts'
import { anApp, dataIn } from '../support/app.ts'
import { aFolder, aLibrary, aPhoto } from '../support/library.ts'
import { aServer, type Json, json } from '../support/server.ts'

const folder = aFolder()
const wicked = join(folder.path, '<script>alert(1)<')
const badFile = '"><img src=x onerror=alert(2)>.jpg'
let running: Awaited<ReturnType<typeof aServer>>

beforeAll(async () => {
  await aLibrary(wicked, 25)
  writeFileSync(join(wicked, badFile), (await aPhoto(90)).subarray(0, 300))
  utimesSync(join(wicked, badFile), 1_600_000_000, 1_600_000_000)
  running = await aServer(folder.path)
})

afterAll(async () => {
  await running?.[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

/** What a page may load from: nothing but this server. */
const foreign = /\b(?:src|href|action)\s*=\s*["']?(?:https?:)?\/\//i

describe('a server', () => {
  it.each(['0.0.0.0', '::', '192.168.1.5', 'example.org', '127.0.0.1.example.org', 'localhost.example.org'])(
    'refuses to listen on %s as long as there are no keys',
    async (host) => {
      using other = aFolder()
      await using app = anApp(dataIn(other.path), { 'server.host': host })
      await expect(createServer(app)).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining(host),
      })
    },
  )

  it.each(['localhost', '::1', '127.0.0.2'])('may listen on %s, which is this machine', async (host) => {
    using other = aFolder()
    await using app = anApp(dataIn(other.path), { 'server.host': host })
    await (await createServer(app)).close()
  })
})

describe('the first page', () => {
  it('offers to begin when there is nothing', async () => {
    const html = await (await running.ask('/')).text()
    expect(html).toContain('Nothing imported yet')
    expect(html).toContain('<form')
    expect(html).not.toContain('data-sample>')
    expect(html).not.toMatch(foreign)
  })

  it('shows a name full of markup as a name', async () => {
    await running.import(wicked)
    const html = await (await running.ask('/')).text()
    expect(html).toContain('&lt;script&gt;alert(1)&lt;')
    expect(html).not.toContain('<script>alert')
    expect(html).not.toMatch(foreign)
    expect(html.match(/<img class=/g)).toHaveLength(12)

    const [link] = /\/collections\/\w+\/failures/.exec(html) ?? []
    const failures = await (await running.ask(link ?? '/none')).text()
    expect(failures).toContain('&quot;&gt;&lt;img src=x onerror=alert(2)&gt;.jpg')
    expect(failures).not.toContain('<img src=x')
    expect(failures).toContain('The file is damaged')
  })

  it('runs only what carries its nonce, which is new each time', async () => {
    const nonces = []
    for (let at = 0; at < 2; at++) {
      const response = await running.ask('/')
      const policy = response.headers.get('content-security-policy') ?? ''
      const [, nonce = ''] = /script-src 'nonce-([\w-]{16,})'(?:;|$)/.exec(policy) ?? []
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain(`style-src 'nonce-${nonce}'`)
      const html = await response.text()
      const inline = html.match(/<(?:script|style)\b[^>]*>/g) ?? []
      expect(inline).toHaveLength(2)
      for (const tag of inline) expect(tag).toContain(` nonce="${nonce}"`)
      expect(html).not.toMatch(/\sstyle=|\son\w+=/)
      nonces.push(nonce)
    }
    expect(nonces[0]).not.toBe(nonces[1])
  })

  it('has its documentation from this server alone', async () => {
    const page = await running.ask('/docs')
    expect(await page.text()).not.toMatch(foreign)
    expect(page.headers.get('content-security-policy')).not.toMatch(/https?:|\*/)
    const script = await running.ask('/docs/scalar.js')
    expect(script.headers.get('content-type')).toContain('javascript')
    expect((await script.text()).length).toBeGreaterThan(100_000)
    expect(await (await running.ask('/docs/errors')).text()).toContain('id="path-forbidden"')
  })
})

describe('other web pages', () => {
  it.each([
    ['localhost', 200],
    ['LOCALHOST:80', 200],
    ['[::1]:7700', 200],
    ['127.0.0.1', 200],
    ['example.org', 403],
    ['127.0.0.1.example.org', 403],
    ['localhost.example.org:7700', 403],
    ['192.168.1.5', 403],
  ])('under the name "%s" are answered %s', async (host, status) => {
    const { status: told, text } = await running.raw('GET', '/api/system-health/live', { host })
    expect(told).toBe(status)
    if (status === 403) expect(JSON.parse(text).code).toBe('HOST_FORBIDDEN')
  })

  it.each([
    [{ origin: 'https://example.org' }],
    [{ origin: 'null' }],
    [{ origin: 'http://localhost:1' }],
    [{ 'sec-fetch-site': 'cross-site' }],
  ])('can not change anything: %o', async (headers) => {
    const jobs = (await running.get('/api/bulk-operations/jobs')).total
    const [{ collection }] = (await running.get('/api/collections')).items
    const body = JSON.stringify({ path: wicked })
    const host = new URL(running.url).host
    for (const [method, path] of [
      ['POST', '/api/bulk-operations/import'],
      ['POST', '/api/image-processing/thumbnail'],
      ['DELETE', `/api/collections/${collection}`],
    ] as const) {
      const type = { 'content-type': 'application/json' }
      const answer = await running.raw(
        method,
        path,
        { ...type, host, ...headers },
        method === 'POST' ? body : undefined,
      )
      expect([path, answer.status, JSON.parse(answer.text).code]).toEqual([path, 403, 'ORIGIN_FORBIDDEN'])
      expect(answer.headers['access-control-allow-origin']).toBeUndefined()
    }
    expect((await running.get('/api/bulk-operations/jobs')).total).toBe(jobs)
    expect((await running.get('/api/collections')).total).toBe(1)
  })

  it('may be those of this server itself', async () => {
    const { host } = new URL(running.url)
    const headers = {
      host,
      origin: `http://${host}`,
      'sec-fetch-site': 'same-origin',
      'content-type': 'application/json',
    }
    const body = JSON.stringify({ path: join(folder.path, 'none') })
    expect((await running.raw('POST', '/api/bulk-operations/import', headers, body)).status).toBe(404)
  })

  it('get no leave to read, by no preflight', async () => {
    const answer = await running.raw('OPTIONS', '/api/bulk-operations/import', {
      origin: 'https://example.org',
      'access-control-request-method': 'POST',
    })
    expect(answer.status).toBe(405)
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })
})

describe('an address', () => {
  it.each(['/../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/docs/../../package.json', '/nowhere', '/api'])(
    '%s is not there',
    async (path) => {
      const { status, text } = await running.raw('GET', path)
      expect([status, JSON.parse(text).code]).toEqual([404, 'ROUTE_UNKNOWN'])
    },
  )

  it('asked with another method says which it takes', async () => {
    const response = await running.tell('PUT', '/api/collections')
    expect([response.status, (await json(response)).code]).toEqual([405, 'METHOD_UNKNOWN'])
    expect(response.headers.get('allow')).toBe('GET, HEAD, POST')
  })
})

describe('the health', () => {
  it('tells versions, workers, memory, cache and disk', async () => {
    const status = await running.get('/api/system-health/status')
    expect(status).toMatchObject({
      version: programVersion,
      node: process.versions.node,
      workers: { size: 2, waiting: 0 },
      admission: { usedBytes: 0, waiting: 0 },
      cache: { disk: 'ok' },
      jobs: { open: 0 },
      data: { folder: dataIn(folder.path) },
    })
    expect(Object.keys(status.decoders).length).toBeGreaterThan(1)
    expect(status.data.freeBytes).toBeLessThanOrEqual(status.data.totalBytes)
    expect(await running.get('/api/system-health/live')).toEqual({ live: true })
    expect(await running.get('/api/system-health/ready')).toEqual({ ready: true })
  })

  it('counts what happened, for Prometheus', async () => {
    const read = async () => {
      const response = await running.ask('/api/system-health/metrics')
      expect(response.headers.get('content-type')).toContain('text/plain')
      const lines = (await response.text()).split('\n')
      return (start: string) =>
        Number(
          lines
            .find((line) => line.startsWith(`${start} `))
            ?.split(' ')
            .at(-1) ?? 0,
        )
    }
    const [{ asset }] = (await running.get('/api/assets')).items
    const count = 'mediamill_http_request_duration_seconds_count'
    const routes = [
      `${count}{method="GET",route="/api/assets/:id",status="200"}`,
      `${count}{method="GET",route="/api/assets/:id",status="404"}`,
      `${count}{method="GET",route="unknown",status="404"}`,
      'mediamill_http_cache_total{strategy="hit"}',
    ]
    const old = await read()
    await running.get(`/api/assets/${asset}`)
    await running.get('/api/assets/none')
    await running.get('/nowhere')
    await running.post('/api/image-processing/placeholder', { asset })
    const now = await read()
    expect(routes.map((route) => now(route) - old(route))).toEqual([1, 1, 1, 1])
    expect(now('mediamill_jobs_total{state="finished"}')).toBe(1)
    expect(now('mediamill_tasks_total{state="done"}')).toBeGreaterThanOrEqual(150)
    expect(now('mediamill_workers')).toBe(2)
    expect(now('mediamill_operation_duration_seconds_count{operation="analyze",outcome="done"}')).toBe(25)
    expect(now('mediamill_http_response_bytes_total{route="/api/assets/:id"}')).toBeGreaterThan(500)
  })
})

describe('many requests at once', () => {
  it('for pictures that have to be made all succeed', async () => {
    const ids = (await running.get('/api/assets?text=photo-')).items.map(({ asset }: Json) => asset)
    expect(ids).toHaveLength(25)
    rmSync(join(dataIn(folder.path), 'artifacts'), { recursive: true })
    const responses = await Promise.all(
      ids.flatMap((id: string) =>
        ['thumbnail', 'preview'].map(async (size) => {
          const response = await running.ask(`/api/assets/${id}/thumbnail?size=${size}`)
          return [response.status, (await response.arrayBuffer()).byteLength > 100]
        }),
      ),
    )
    expect(responses).toEqual(Array.from({ length: 50 }, () => [200, true]))
  })

  it('beyond the queue are told when to come again, and the others are served', async () => {
    using other = aFolder()
    await aLibrary(join(other.path, 'photos'), 1)
    await using small = await aServer(other.path, { settings: { 'workers.queueLength': 4 } })
    await small.import(join(other.path, 'photos'))
    const [{ asset }] = (await small.get('/api/assets')).items
    const statuses = await Promise.all(
      Array.from({ length: 50 }, async (_, at) => {
        const response = await small.post('/api/image-processing/thumbnail', { asset, edge: 10 + at })
        const body = await json(response)
        if (response.status === 429) {
          expect(body.code).toBe('QUEUE_FULL')
          expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
        } else expect(body.result.width).toBe(10 + at)
        return response.status
      }),
    )
    expect(new Set(statuses)).toEqual(new Set([200, 429]))
    expect((await small.post('/api/image-processing/thumbnail', { asset, edge: 90 })).status).toBe(200)
  })
})
