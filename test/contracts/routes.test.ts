import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { operations } from '../../src/operations/index.ts'
import { aFolder, aLibrary } from '../support/library.ts'
import { aServer, fiveHeaders } from '../support/server.ts'

interface DocumentedRoute {
  readonly summary?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly parameters?: readonly { readonly name: string; readonly description?: string }[]
  readonly requestBody?: { readonly content: Record<string, { readonly schema: JsonSchema }> }
  readonly responses: Readonly<Record<string, { content?: Record<string, { schema: JsonSchema }> }>>
}

interface JsonSchema {
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly examples?: readonly unknown[]
  readonly required?: readonly string[]
}

const folder = aFolder()
let running: Awaited<ReturnType<typeof aServer>>
let paths: Record<string, Record<string, DocumentedRoute>>
let asset: string
let job: string
let collection: string
let artifact: string

beforeAll(async () => {
  await aLibrary(`${folder.path}/photos`, 3)
  running = await aServer(folder.path, { makeSample: async () => `${folder.path}/photos` })
  const end = await running.import(`${folder.path}/photos`)
  job = String(end.job)
  const { items } = await (await running.ask('/api/assets')).json()
  asset = items[0].asset
  collection = items[0].locations[0].collection
  const known = await (await running.ask(`/api/assets/${asset}`)).json()
  artifact = known.results.flatMap((one: { artifacts: { url: string }[] }) => one.artifacts)[0].url
  paths = (await (await running.ask('/docs/json')).json()).paths
})

afterAll(async () => {
  await running?.[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

/** Every route as Fastify prints it, HEAD aside, with `:x` for parameters. */
function registered(): string[] {
  const routes: string[] = []
  for (const [path, methods] of Object.entries(paths)) {
    for (const method of Object.keys(methods)) routes.push(`${method.toUpperCase()} ${path}`)
  }
  return routes
}

/** An address of a route that answers well: its parameters filled with things that exist. */
const addressOf = (path: string): string =>
  path === '/api/artifacts/{id}.{format}'
    ? artifact
    : path.replace('{id}', path.includes('/jobs/') ? job : path.includes('/collections/') ? collection : asset)

describe('the routes', () => {
  it('are all in the documentation', () => {
    const printed = running.server.printRoutes({ commonPrefix: false })
    const listed = [...printed.matchAll(/^.*?([/\w:.-]+) \(([A-Z, ]+)\)$/gm)].map((match) => match[1])
    expect(listed.length).toBeGreaterThan(20)
    expect(registered().length).toBeGreaterThan(25)
  })

  it('say what they are for, in a sentence and under a heading', () => {
    const silent = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, { summary, tags }]) => !summary?.endsWith('.') || (tags?.length ?? 0) !== 1)
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
      expect(content?.['application/json']?.schema.examples, name).toHaveLength(examples.length)
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
    for (const route of registered()) {
      const [method = '', path = ''] = route.split(' ')
      const response = await running.tell(method, `${path.replace(/\{\w+\}/g, 'nothing')}?x=%00`, { nonsense: true })
      if (response.ok) continue
      const problem = await response.json()
      expect([route, response.headers.get('content-type')]).toEqual([route, 'application/problem+json; charset=utf-8'])
      expect([route, problem.status, typeof problem.code]).toEqual([route, response.status, 'string'])
      for (const name of fiveHeaders) expect([route, name, response.headers.has(name)]).toEqual([route, name, true])
    }
  })

  it.each([
    ['an unknown address', '/nowhere', 404],
    ['an address that can not be decoded', '/api/assets/%zz', 400],
    ['a parameter beyond all measure', `/api/assets/${'a'.repeat(600)}`, 414],
  ])('stand on the answer to %s', async (_title, path, status) => {
    const response = await running.ask(path)
    expect(response.status).toBe(status)
    expect((await response.json()).status).toBe(status)
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
    const { port } = new URL(running.url)
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), '127.0.0.1', () => socket.write('HELLO\r\n\r\n'))
      let text = ''
      socket
        .on('data', (chunk) => (text += chunk))
        .on('end', () => resolve(text))
        .on('error', reject)
    })
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    for (const name of fiveHeaders) expect(answer.toLowerCase()).toContain(`${name}: `)
  })
})
