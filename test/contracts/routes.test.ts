import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { operations } from '../../src/operations/index.ts'
import { makeFilm } from '../support/films.ts'
import { aFolder, aLibrary } from '../support/library.ts'
import { aServer, fiveHeaders, json } from '../support/server.ts'

interface DocumentedRoute {
  readonly summary?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly parameters?: readonly { readonly name: string; readonly description?: string }[]
  readonly requestBody?: { readonly content: Record<string, BodyOf> }
  readonly responses: Readonly<Record<string, { content?: Record<string, { schema: JsonSchema }> }>>
}

interface BodyOf {
  readonly schema: JsonSchema
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>
}

interface JsonSchema {
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
}

const folder = aFolder()
let running: Awaited<ReturnType<typeof aServer>>
let paths: Record<string, Record<string, DocumentedRoute>>
let asset: string
let film: string
let job: string
let collection: string
let artifact: string

beforeAll(async () => {
  await aLibrary(`${folder.path}/photos`, 3)
  await makeFilm(`${folder.path}/photos/film.mp4`, { seconds: 0.2 })
  running = await aServer(folder.path, { makeSample: async () => `${folder.path}/photos` })
  job = (await running.import(`${folder.path}/photos`)).job
  const { items } = await running.get('/api/assets')
  asset = items.find(({ kind }: { kind: string }) => kind === 'picture').asset
  film = items.find(({ kind }: { kind: string }) => kind === 'film').asset
  collection = items[0].locations[0].collection
  const known = await running.get(`/api/assets/${asset}`)
  artifact = known.results.flatMap((one: { artifacts: { url: string }[] }) => one.artifacts)[0].url
  paths = (await running.get('/docs/json')).paths
})

afterAll(async () => {
  await running?.[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

/** Every route of the documentation: `GET /api/assets/{id}`. */
function registered(): string[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
}

/** Every route of Fastify's printed tree, in the words of the documentation, HEAD aside. */
function printed(tree: string): string[] {
  const parents: string[] = []
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', part = '', methods = ''] = /^((?:[│ ] {3})*)[├└]── (\S+)(?: \((.+)\))?$/.exec(line) ?? []
    if (part === '') return []
    const depth = indent.length / 4
    parents[depth] = part
    const path = parents.slice(0, depth + 1).join('')
    const documented = path.replace(/:(\w+)/g, '{$1}')
    return methods
      .split(', ')
      .filter((method) => method !== 'HEAD' && method !== '')
      .map((method) => `${method} ${documented}`)
  })
}

/** An address of a route that answers well: its parameters filled with things that exist. */
const addressOf = (path: string): string =>
  path === '/api/artifacts/{id}.{format}'
    ? artifact
    : path.replace('{id}', idFor(path)).replace('{name}', 'master.m3u8')

const idFor = (path: string): string => {
  if (path.includes('/stream/')) return film
  return path.includes('/jobs/') ? job : path.includes('/collections/') ? collection : asset
}

describe('the routes', () => {
  it('are all in the documentation, and nothing else is', () => {
    expect(registered().sort()).toEqual(printed(running.server.printRoutes({ commonPrefix: false })).sort())
    expect(registered().length).toBeGreaterThan(25)
  })

  it('say what they are for, in a sentence and under a heading', () => {
    const silent = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, { summary, description, tags }]) => {
          // Operations are called by their names, and explained below them.
          const sentence = path.endsWith(`/${summary}`) ? description?.split('\n')[0] : summary
          return !sentence?.endsWith('.') || tags?.length !== 1
        })
        .map(([method]) => `${method} ${path}`),
    )
    expect(silent).toEqual([])
  })

  it('declare what they answer, well and badly', () => {
    const silent = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, { responses }]) => {
          const good = Object.keys(responses).some((status) => status.startsWith('2'))
          const bad = responses['4XX']?.content?.['application/problem+json']
          return !good || !bad
        })
        .map(([method]) => `${method} ${path}`),
    )
    expect(silent).toEqual([])
  })

  it('describe every field that they take', () => {
    const silent = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { parameters = [], requestBody }]) => [
        ...parameters.filter(({ description }) => !description).map(({ name }) => `${method} ${path}: ${name}`),
        ...Object.values(requestBody?.content ?? {}).flatMap(({ schema }) =>
          Object.entries(schema.properties ?? {})
            .filter(([, { description }]) => !description)
            .map(([name]) => `${method} ${path}: ${name}`),
        ),
      ]),
    )
    expect(silent).toEqual([])
  })
})

describe('the operations', () => {
  it('each have a door that takes JSON and forms, with the examples of their declaration', () => {
    for (const { group, name, examples } of operations) {
      const content = paths[`/api/${group}/${name}`]?.post?.requestBody?.content
      expect(Object.keys(content ?? {}), name).toEqual(['application/json', 'multipart/form-data'])
      const shown = Object.values(content?.['application/json']?.examples ?? {}).map(({ value }) => value)
      expect(shown, name).toEqual(examples.map(({ params }) => ({ path: '/photos/example.jpg', ...params })))
      expect(Object.keys(content?.['application/json']?.schema.properties ?? {}), name).toEqual(
        expect.arrayContaining(['asset', 'path']),
      )
      expect(content?.['multipart/form-data']?.examples, name).toBeUndefined()
      expect(content?.['multipart/form-data']?.schema.required, name).toEqual(['file'])
      expect(Object.keys(content?.['multipart/form-data']?.schema.properties ?? {}), name).toContain('file')
    }
  })
})

describe('the five headers', () => {
  it('stand on every good answer, for GET and HEAD', async () => {
    const missing: string[] = []
    for (const path of Object.keys(paths)) {
      if (!paths[path]?.get) continue
      for (const method of path.endsWith('/events') ? ['GET'] : ['GET', 'HEAD']) {
        const response = await running.ask(addressOf(path), { method })
        await response.arrayBuffer()
        expect([method, path, response.status]).toEqual([method, path, 200])
        missing.push(...fiveHeaders.filter((name) => !response.headers.get(name)).map((name) => `${path}: ${name}`))
      }
    }
    expect(missing).toEqual([])
  })

  it('stand on every bad answer, which is a problem', async () => {
    const bad: string[] = []
    for (const route of registered()) {
      const [method = '', path = ''] = route.split(' ')
      const body = method === 'GET' ? undefined : { nonsense: true }
      const response = await running.tell(method, `${path.replace(/\{\w+\}/g, 'nothing')}?x=%00`, body)
      if (response.ok) {
        // Such as a page without parameters: it has nothing that could be asked wrongly.
        await response.arrayBuffer()
        continue
      }
      bad.push(route)
      const problem = await json(response)
      expect([route, response.headers.get('content-type')]).toEqual([route, 'application/problem+json; charset=utf-8'])
      expect([route, problem.status, typeof problem.code]).toEqual([route, response.status, 'string'])
      for (const name of fiveHeaders) expect([route, name, response.headers.has(name)]).toEqual([route, name, true])
    }
    expect(bad.length).toBeGreaterThan(20)
  })

  it.each([
    ['an unknown address', '/nowhere', 404],
    ['an address that can not be decoded', '/api/assets/%zz', 400],
    ['a parameter beyond all measure', `/api/assets/${'a'.repeat(600)}`, 400],
  ])('stand on the answer to %s', async (_title, path, status) => {
    const response = await running.ask(path)
    expect(response.status).toBe(status)
    expect((await json(response)).status).toBe(status)
    for (const name of fiveHeaders) expect(response.headers.get(name), name).toMatch(/./)
  })

  it('stand on the answer to a picture that the client has already', async () => {
    const first = await running.ask(artifact)
    const etag = first.headers.get('etag') ?? ''
    const response = await running.ask(artifact, { headers: { 'if-none-match': etag } })
    expect([response.status, response.headers.get('x-cache-strategy')]).toEqual([304, 'revalidated'])
    for (const name of fiveHeaders) expect(response.headers.get(name), name).toMatch(/./)
  })

  it('stand even on the answer to what is no HTTP', async () => {
    const answer = await told('HELLO\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    for (const name of fiveHeaders) expect(answer.toLowerCase()).toContain(`${name}: `)
  })

  it.each([
    ['names no host', 'GET /api/assets HTTP/1.1\r\nConnection: close', 'HTTP/1.1 403 Forbidden'],
    [
      'expects what nobody knows',
      'GET /api/assets HTTP/1.1\r\nHost: localhost\r\nExpect: wonders\r\nConnection: close',
      'HTTP/1.1 200 OK',
    ],
  ])('stand on the answer to a request that %s', async (_, request, expected) => {
    const answer = await told(`${request}\r\n\r\n`)
    expect(answer.split('\r\n')[0]).toBe(expected)
    for (const name of fiveHeaders) expect(answer.toLowerCase()).toContain(`${name}: `)
  })
})

/** What the server says to these bytes until it closes the connection. */
function told(bytes: string): Promise<string> {
  const { port } = new URL(running.url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(bytes))
    let text = ''
    socket
      .on('data', (chunk) => (text += chunk))
      .on('end', () => resolve(text))
      .on('error', reject)
  })
}
