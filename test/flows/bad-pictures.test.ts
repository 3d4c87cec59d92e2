import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pngChunk, pngSignature } from '../../src/media/picture/png-chunks.ts'
import { operations } from '../../src/operations/index.ts'
import type { Operation } from '../../src/operations/operation.ts'
import { type Parameter, parametersOf } from '../../src/operations/parameters.ts'
import { dataIn } from '../support/app.ts'
import { makeFilm } from '../support/films.ts'
import { aFolder, aPhoto } from '../support/library.ts'
import { aServer, type Json, json } from '../support/server.ts'

const folder = aFolder()
const library = join(folder.path, 'library')
const at = (name: string): string => join(library, name)
const outside = join(folder.path, 'outside.jpg')
let server: Awaited<ReturnType<typeof aServer>>

beforeAll(async () => {
  mkdirSync(library)
  const photo = await aPhoto(1, 640, 480)
  writeFileSync(at('photo.jpg'), photo)
  writeFileSync(outside, photo)
  writeFileSync(at('beheaded.jpg'), photo.subarray(0, 300))
  writeFileSync(at('half.jpg'), photo.subarray(0, photo.length / 2))
  writeFileSync(at('bomb.png'), aBomb(100_000, 100_000))
  writeFileSync(at('text.jpg'), 'only text')
  writeFileSync(at('empty.jpg'), '')
  await makeFilm(at('film.mp4'))
  server = await aServer(folder.path, { settings: { roots: [library] } })
})

afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

/** A few bytes that declare a picture of many gigabytes. */
function aBomb(width: number, height: number): Buffer {
  const size = Buffer.alloc(13)
  size.writeUInt32BE(width, 0)
  size.writeUInt32BE(height, 4)
  size.set([8, 2, 0, 0, 0], 8)
  const data = deflateSync(Buffer.alloc(1000))
  return Buffer.concat([
    pngSignature,
    pngChunk('IHDR', size),
    pngChunk('IDAT', data),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

const ofPictures = operations.filter(
  ({ accepts, group }) => accepts.includes('picture') && group !== 'video-processing',
)
const named = ofPictures.map((operation) => [operation.name, operation] as const)

/** Parameters that an operation can not do without, with the good photo where another file is named. */
function needed(operation: Operation): Record<string, unknown> {
  const params = operation.params.parse(operation.examples[0]?.params ?? {})
  return (operation.mapFiles?.(params, () => at('photo.jpg')) ?? params) as Record<string, unknown>
}

const post = (operation: Operation, body: unknown): Promise<Response> =>
  server.post(`/api/${operation.group}/${operation.name}`, body)

const readsNoPixels: ReadonlySet<string> = new Set(['metadata'])

/** File, and the status and code that every operation answers it with. */
const badFiles: readonly (readonly [string, number, string])[] = [
  ['beheaded.jpg', 422, 'MEDIA_DAMAGED'],
  ['bomb.png', 422, 'INPUT_TOO_LARGE'],
  ['text.jpg', 422, 'UNSUPPORTED_CONTENT'],
  ['empty.jpg', 422, 'EMPTY_FILE'],
  ['none.jpg', 404, 'FILE_MISSING'],
]

describe.each(named)('over HTTP, %s', (name, operation) => {
  it.each(badFiles)('answers %s with %i %s', async (file, status, code) => {
    const response = await post(operation, { path: at(file), ...needed(operation) })
    const answer: Json = await json(response)
    // What a file says of itself can be read of it all the same.
    if (readsNoPixels.has(name) && (code === 'MEDIA_DAMAGED' || code === 'INPUT_TOO_LARGE')) {
      expect(response.status).toBe(200)
    } else {
      expect([response.status, answer.code]).toEqual([status, code])
      expect(response.headers.get('content-type')).toContain('application/problem+json')
      expect(answer.detail.length).toBeGreaterThan(10)
    }
  })

  it('says of half a picture that it is damaged', async () => {
    const response = await post(operation, { path: at('half.jpg'), ...needed(operation) })
    const answer: Json = await json(response)
    if (readsNoPixels.has(name)) expect(response.status).toBe(200)
    else if (response.status === 200) {
      const { damaged, issues = [] } = answer.result
      expect(damaged ?? issues.find(({ kind }: { kind: string }) => kind === 'corrupt')).toBeTruthy()
    } else expect([response.status, answer.code]).toEqual([422, 'MEDIA_DAMAGED'])
  })

  it('takes no film, unless it is for films too', async () => {
    const response = await post(operation, { path: at('film.mp4'), ...needed(operation) })
    const { code }: Json = await json(response)
    expect([response.status, code]).toEqual(
      operation.accepts.includes('film') ? [200, undefined] : [422, 'OPERATION_UNFIT'],
    )
  })

  it('forbids paths outside, and does not tell whether anything is there', async () => {
    for (const path of [outside, `${library}/../outside.jpg`, '/etc/passwd', join(folder.path, 'none.jpg')]) {
      const response = await post(operation, { path, ...needed(operation) })
      expect([path, response.status, ((await json(response)) as Json).code]).toEqual([path, 403, 'PATH_FORBIDDEN'])
    }
  })

  it('refuses absurd parameters before it opens anything, and names them', async () => {
    const given = needed(operation)
    for (const parameter of parametersOf(operation.params).filter(({ name }) => !name.includes('.'))) {
      for (const absurd of absurdFor(parameter)) {
        const body = { path: at('text.jpg'), ...given, [parameter.name]: absurd }
        const response = await post(operation, body)
        const answer: Json = await json(response)
        expect([parameter.name, absurd, response.status, answer.code]).toEqual([
          parameter.name,
          absurd,
          400,
          'PARAMS_INVALID',
        ])
        expect(answer.detail).toContain(parameter.name)
      }
    }
  })
})

/** Values that a parameter can not have. */
function absurdFor({ type, minimum, maximum, choices }: Parameter): unknown[] {
  if (choices) return ['no such word']
  if (type === 'number' || type === 'integer') {
    const beyond = [minimum === undefined ? [] : [minimum - 1], maximum === undefined ? [] : [maximum + 1]].flat()
    return ['seven', ...(type === 'integer' ? [0.5] : []), ...beyond]
  }
  return type === 'boolean' ? ['perhaps', 7] : type === 'array' || type === 'object' ? ['none', 7] : [7]
}

describe('from the command line', () => {
  it.each(named)(
    '%s names each bad file with its code, goes on with the others, and ends with 1',
    { timeout: 300_000 },
    async (name, operation) => {
      const files = [...badFiles.map(([file]) => file), 'photo.jpg'].map(at)
      const { code, events } = await mediamill(['run', name, ...files, ...flagsOf(operation), '--json'])
      const failed = events.filter(({ event }) => event === 'task.failed').map(({ path, code }) => [path, code])
      const isSpared = (code: string) =>
        readsNoPixels.has(name) && (code === 'MEDIA_DAMAGED' || code === 'INPUT_TOO_LARGE')
      const expected = badFiles.filter(([, , code]) => !isSpared(code)).map(([file, , code]) => [at(file), code])
      expect(failed.toSorted()).toEqual(expected.toSorted())
      expect(events.filter(({ event }) => event === 'result').map(({ path }) => path)).toContain(at('photo.jpg'))
      expect(code).toBe(1)
    },
  )

  it.each(named)(
    '%s refuses parameters that it does not know with 2, before it opens anything',
    async (name, operation) => {
      const { code, events } = await mediamill([
        'run',
        name,
        at('photo.jpg'),
        ...flagsOf(operation),
        '--sharpness-of-mind',
        '7',
        '--json',
      ])
      expect([code, events.filter(({ event }) => event === 'result')]).toEqual([2, []])
    },
  )
})

/** The same parameters as words of a command line. */
const flagsOf = (operation: Operation): string[] =>
  Object.keys(operation.examples[0]?.params ?? {}).flatMap((name) => {
    const value = needed(operation)[name]
    const flag = name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)
    return [`--${flag}`, typeof value === 'string' ? value : JSON.stringify(value)]
  })

function mediamill(words: readonly string[]): Promise<{ code: number | null; events: Json[] }> {
  const script = join(import.meta.dirname, '../../bin/mediamill.js')
  const env = { ...process.env, MEDIAMILL_DATA: dataIn(join(folder.path, 'alone')) }
  const child = spawn(process.execPath, [script, ...words], { env, stdio: ['ignore', 'pipe', 'ignore'] })
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      const lines = stdout
        .trim()
        .split('\n')
        .filter((line) => line !== '')
      resolve({ code, events: lines.map((line) => JSON.parse(line)) })
    })
  })
}

it('leaves nothing behind of all this', () => {
  const names = readdirSync(dataIn(folder.path), { recursive: true, encoding: 'utf8' })
  expect(names.filter((name) => name.includes('.part') || /^uploads\/./.test(name))).toEqual([])
})
