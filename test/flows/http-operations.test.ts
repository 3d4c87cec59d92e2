import { mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { faultyOperations } from '../support/app.ts'
import { makeFilm } from '../support/films.ts'
import { aFolder, aPhoto } from '../support/library.ts'
import { aServer, json, until } from '../support/server.ts'

const folder = aFolder()
const library = join(folder.path, 'library')
const photo = join(library, 'photo.jpg')
const film = join(library, 'film.mp4')
const outside = join(folder.path, 'outside.jpg')
const thumbnail = '/api/image-processing/thumbnail'
let running: Awaited<ReturnType<typeof aServer>>

beforeAll(async () => {
  mkdirSync(join(library, 'folder'), { recursive: true })
  writeFileSync(photo, await aPhoto(1, 800, 600))
  writeFileSync(outside, await aPhoto(2))
  writeFileSync(join(library, 'damaged.jpg'), (await aPhoto(3)).subarray(0, 300))
  await makeFilm(film)
  symlinkSync(outside, join(library, 'way-out.jpg'))
  symlinkSync(join(folder.path, 'missing.jpg'), join(library, 'way-to-nothing.jpg'))
  symlinkSync(folder.path, join(library, 'way-up'))
  symlinkSync(photo, join(library, 'inside.jpg'))
  for (const path of [photo, film]) utimesSync(path, 1_600_000_000, 1_600_000_000)
  running = await aServer(folder.path, {
    token: 'the secret',
    settings: { roots: [library], 'server.uploadBytes': 200_000 },
    operationsUrl: faultyOperations,
  })
})

afterAll(async () => {
  await running?.[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const uploads = () => {
  try {
    return readdirSync(join(folder.path, 'data', 'uploads'))
  } catch {
    return []
  }
}
const aFile = (name: string, content: Uint8Array<ArrayBuffer> | string) => new File([content], name)

describe('an operation', () => {
  it('answers with its result and files that can be fetched, the second time from what it remembers', async () => {
    const first = await running.post(thumbnail, { path: photo, edge: 120, format: 'png' })
    const answer = await json(first)
    expect([first.status, first.headers.get('x-cache-strategy')]).toEqual([200, 'miss'])
    expect(answer).toMatchObject({
      operation: 'thumbnail',
      path: photo,
      cached: false,
      result: { width: 120, height: 90, format: 'png' },
      artifacts: [{ role: 'thumbnail', format: 'png', width: 120, height: 90 }],
    })
    const fetched = await running.ask(answer.artifacts[0].url)
    expect(fetched.headers.get('content-type')).toBe('image/png')
    const bytes = Buffer.from(await fetched.arrayBuffer())
    expect(bytes).toEqual(readFileSync(answer.artifacts[0].path))
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'png', width: 120, height: 90 })

    const second = await running.post(thumbnail, { path: photo, edge: 120, format: 'png' })
    expect(second.headers.get('x-cache-strategy')).toBe('hit')
    const { durationMs: _, ...again } = await json(second)
    const { durationMs: __, ...before } = answer
    expect(again).toEqual({ ...before, cached: true })
  })

  it('takes an asset instead of a path, by its id or the beginning of it', async () => {
    await running.import(join(library, 'folder'))
    writeFileSync(join(library, 'folder', 'other.jpg'), await aPhoto(9))
    utimesSync(join(library, 'folder', 'other.jpg'), 1_600_000_000, 1_600_000_000)
    await running.import(join(library, 'folder'))
    const [{ asset }] = (await running.get('/api/assets')).items
    for (const id of [asset, asset.slice(0, 12)]) {
      const answer = await json(await running.post('/api/image-processing/placeholder', { asset: id }))
      expect(answer).toMatchObject({ asset, cached: true, path: join(library, 'folder', 'other.jpg') })
    }
    const unknown = await running.post(thumbnail, { asset: 'f'.repeat(64) })
    expect([unknown.status, (await json(unknown)).code]).toEqual([404, 'NOT_FOUND'])
  })

  it('takes the file itself with a form, its parameters as texts, and keeps nothing of it', async () => {
    const before = (await running.get('/api/assets')).total
    const file = aFile('mein Föto.jpg', new Uint8Array(await aPhoto(21, 400, 300)))
    const first = await json(await running.form(thumbnail, { edge: '64', file, fit: 'cover' }))
    expect(first).toMatchObject({ path: 'mein Föto.jpg', cached: false, result: { width: 64, height: 64 } })
    expect((await running.ask(first.artifacts[0].url)).status).toBe(200)

    const second = await json(await running.form(thumbnail, { file, edge: '64', fit: 'cover' }))
    expect(second).toMatchObject({ cached: true, asset: first.asset })
    expect(uploads()).toEqual([])
    expect((await running.get('/api/assets')).total).toBe(before)
    expect((await running.ask(`/api/assets/${first.asset}`)).status).toBe(404)
  })

  it.each([
    ['a form without file', { edge: '64' }, 400, 'PARAMS_INVALID'],
    ['a file in another field', { picture: aFile('a.jpg', 'x') }, 400, 'PARAMS_INVALID'],
    ['two files', { file: aFile('a.jpg', 'x'), second: aFile('b.jpg', 'x') }, 400, /^(PARAMS|REQUEST)_INVALID$/],
    ['a path beside the file', { file: aFile('a.jpg', 'x'), path: outside }, 400, 'PARAMS_INVALID'],
    ['an unknown field', { file: aFile('a.jpg', 'x'), sharpness: '3' }, 400, 'PARAMS_INVALID'],
    ['a number that is none', { file: aFile('a.jpg', 'x'), edge: 'wide' }, 400, 'PARAMS_INVALID'],
    ['a name that reaches into all objects', { '__proto__.edge': '9', file: aFile('a.jpg', 'x') }, 400, /_INVALID$/],
    ['an empty file', { file: aFile('a.jpg', '') }, 422, 'EMPTY_FILE'],
    ['a file that is no media', { file: aFile('a.jpg', 'only text') }, 422, 'UNSUPPORTED_CONTENT'],
    ['a file beyond the limit', { file: aFile('a.jpg', new Uint8Array(300_000)) }, 413, 'BODY_TOO_LARGE'],
  ] as [string, Record<string, string | File>, number, string | RegExp][])(
    'refuses %s and keeps nothing of it',
    async (_title, fields, status, code) => {
      const response = await running.form(thumbnail, fields)
      const problem = await json(response)
      expect([response.status, problem.code]).toEqual([status, expect.stringMatching(code)])
      // Where uploads wait is nobody's business.
      expect(problem.detail).not.toContain(folder.path)
      expect(uploads()).toEqual([])
    },
  )

  it.each([
    ['an unknown name', { path: photo, sharpness: 3 }, 400, 'PARAMS_INVALID', 'sharpness'],
    ['both a path and an asset', { path: photo, asset: 'abcdef' }, 400, 'PARAMS_INVALID', undefined],
    ['neither of them', { edge: 9 }, 400, 'PARAMS_INVALID', undefined],
    ['a number out of bounds', { path: photo, edge: 0 }, 400, 'PARAMS_INVALID', 'edge'],
    ['a text for a number', { path: photo, edge: '100' }, 400, 'PARAMS_INVALID', 'edge'],
    ['a list instead of an object', [1], 400, 'PARAMS_INVALID', ''],
    ['nothing', null, 400, 'PARAMS_INVALID', undefined],
    ['a film', { path: film }, 422, 'OPERATION_UNFIT', undefined],
    ['a folder', { path: join(library, 'folder') }, 422, 'FILE_UNREADABLE', undefined],
    ['a damaged file', { path: join(library, 'damaged.jpg') }, 422, 'MEDIA_DAMAGED', undefined],
    ['a file that is missing', { path: join(library, 'none.jpg') }, 404, 'FILE_MISSING', undefined],
    ['a zero byte', { path: `${photo}\0.png` }, 400, 'REQUEST_INVALID', undefined],
  ] as [string, unknown, number, string, string | undefined][])(
    'refuses %s, and says so',
    async (_title, body, status, code, field) => {
      const response = await running.post(thumbnail, body)
      const problem = await json(response)
      expect([response.status, problem.code, problem.status]).toEqual([status, code, status])
      expect(problem.type).toBe(`/docs/errors#${code.toLowerCase().replaceAll('_', '-')}`)
      expect(problem.detail.length).toBeGreaterThan(10)
      if (field !== undefined) expect(problem.errors.map((one: { field: string }) => one.field)).toContain(field)
    },
  )

  it.each([
    [thumbnail, { edge: 0 }, 'Expected a number of at least 1 for "edge", but it was 0.'],
    [thumbnail, { format: 'bmp' }, 'Expected one of "webp", "jpeg", "avif", "png" for "format", but it was "bmp".'],
    [
      '/api/image-processing/transform',
      { steps: [{ kind: 'grey' }, { kind: 'blur', sigma: 0 }] },
      'Expected a number of at least 0.3 for "sigma" in number 2 of "steps" (kind: blur), but it was 0.',
    ],
    [
      '/api/advanced-image-processing/duplicates',
      { threshold: 2, collection: 'any' },
      'Expected a number of at most 1 for "threshold", but it was 2.',
    ],
  ])('says what %s expected, for what, and what came: %o', async (door, params, detail) => {
    const body = 'collection' in params ? params : { path: photo, ...params }
    expect((await json(await running.post(door, body))).detail).toBe(detail)
  })

  it('has a door for films beside that for pictures', async () => {
    const answer = await json(await running.post('/api/video-processing/thumbnail', { path: film, edge: 32 }))
    expect(answer).toMatchObject({ operation: 'thumbnail', path: film, artifacts: [{ width: 32 }] })
    const unfit = await running.post('/api/video-processing/thumbnail', { path: photo })
    expect([unfit.status, (await json(unfit)).code]).toEqual([422, 'OPERATION_UNFIT'])
  })
})

describe('a body', () => {
  it.each([
    ['that is no JSON', 'application/json', '{"path": ', 400, 'REQUEST_INVALID'],
    ['that is empty', 'application/json', '', 400, 'REQUEST_INVALID'],
    ['that reaches into all objects', 'application/json', '{"__proto__": {"edge": 1}}', 400, 'REQUEST_INVALID'],
    ['of a megabyte and more', 'application/json', `{"path": "${'x'.repeat(1_100_000)}"}`, 413, 'BODY_TOO_LARGE'],
    ['of plain text', 'text/plain', 'photo.jpg', 415, 'TYPE_UNSUPPORTED'],
    ['of a web form', 'application/x-www-form-urlencoded', 'path=%2Fphoto.jpg', 415, 'TYPE_UNSUPPORTED'],
    ['of a form without boundary', 'multipart/form-data', 'photo', 400, 'REQUEST_INVALID'],
    ['of a form that is none', 'multipart/form-data; boundary=x', 'photo', 400, /_INVALID$/],
  ] as [string, string, string, number, string | RegExp][])(
    '%s is refused',
    async (_title, type, body, status, code) => {
      const response = await running.ask(thumbnail, { method: 'POST', headers: { 'content-type': type }, body })
      const problem = await json(response)
      expect([response.status, problem.code]).toEqual([status, expect.stringMatching(code)])
      expect(response.headers.get('content-type')).toContain('application/problem+json')
      expect(uploads()).toEqual([])
    },
  )
})

describe('a path', () => {
  const missing = join(folder.path, 'not there.jpg')

  it.each([
    ['outside', outside, missing],
    ['by dots', `${library}/../outside.jpg`, `${library}/../not there.jpg`],
    ['by a link to a file', join(library, 'way-out.jpg'), join(library, 'way-to-nothing.jpg')],
    ['by a link to a folder', join(library, 'way-up', 'outside.jpg'), join(library, 'way-up', 'not there.jpg')],
    ['below a file', `${outside}/a.jpg`, `${missing}/a.jpg`],
    ['with a root in its name', `${library}-more/a.jpg`, `${library}-other/a.jpg`],
    ['of the system', '/etc/passwd', '/etc/not there'],
    ['that is relative', 'outside.jpg', 'not there.jpg'],
  ])('%s is forbidden, and whether anything is there does not show', async (_title, there, notThere) => {
    const told = await Promise.all(
      [there, notThere].map(async (path) => {
        const response = await running.post(thumbnail, { path })
        return [response.status, (await response.text()).replaceAll(JSON.stringify(path).slice(1, -1), 'PATH')]
      }),
    )
    expect(told[0]?.[0]).toBe(403)
    expect(told[0]).toEqual(told[1])
  })

  it('by a link that stays inside is taken', async () => {
    expect((await running.post(thumbnail, { path: join(library, 'inside.jpg'), edge: 20 })).status).toBe(200)
  })

  it("anywhere is taken from the server's own commands, which know its secret, and from nobody else", async () => {
    const body = JSON.stringify({ path: outside, edge: 21 })
    const ask = async (secret: string) => {
      const headers = { 'content-type': 'application/json', 'x-mediamill-token': secret }
      return (await running.raw('POST', thumbnail, headers, body)).status
    }
    expect(await ask('the secret')).toBe(200)
    expect([await ask('the secreT'), await ask('the secret!'), await ask(''), await ask('the sécret')]).toEqual([
      403, 403, 403, 403,
    ])
  })
})

describe('a client that goes away', () => {
  const isIdle = () =>
    running.app.executor.pool.workers().every(({ path }) => path === undefined) &&
    running.app.executor.pool.waiting === 0 &&
    running.app.executor.admission.usedBytes === 0

  it('leaves no work behind: what it asked for is stopped', async () => {
    const path = join(library, 'hang-1.jpg')
    writeFileSync(path, await aPhoto(31))
    const control = new AbortController()
    const asked = fetch(`${running.url}/api/image-processing/analyze`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ path }),
      signal: control.signal,
    })
    await until(() => running.app.executor.pool.workers().some((worker) => worker.path === path))
    control.abort()
    await expect(asked).rejects.toThrow()
    await until(isIdle)
    expect((await running.post(thumbnail, { path: photo, edge: 44 })).status).toBe(200)
  })

  it('does not take the answer from another who asked the same', async () => {
    const path = join(library, 'shared.png')
    writeFileSync(
      path,
      await sharp(await aPhoto(32))
        .resize(3000, 2000)
        .png()
        .toBuffer(),
    )
    const control = new AbortController()
    const body = JSON.stringify({ path, edge: 55 })
    const headers = { 'content-type': 'application/json' }
    const leaving = fetch(running.url + thumbnail, { method: 'POST', headers, body, signal: control.signal })
    const staying = running.post(thumbnail, { path, edge: 55 })
    await until(() => running.app.executor.pool.workers().some((worker) => worker.path === path))
    control.abort()
    await expect(leaving).rejects.toThrow()
    expect((await staying).status).toBe(200)
    await until(isIdle)
  })

  it('in the midst of its upload leaves no part of the file behind', async () => {
    const { port } = new URL(running.url)
    const socket = connect(Number(port), '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(
      [
        `POST ${thumbnail} HTTP/1.1`,
        'Host: localhost',
        'Content-Type: multipart/form-data; boundary=edge',
        'Content-Length: 100000',
        '',
        '--edge',
        'Content-Disposition: form-data; name="file"; filename="half.jpg"',
        '',
        'x'.repeat(20_000),
      ].join('\r\n'),
    )
    await until(() => uploads().length === 1)
    socket.destroy()
    await until(() => uploads().length === 0)
    expect(isIdle()).toBe(true)
  })
})
