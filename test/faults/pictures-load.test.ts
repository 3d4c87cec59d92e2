import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { corpus, hasCorpus } from '../support/corpus.ts'
import { aFolder, aPhoto } from '../support/library.ts'
import { tellsMemory, watchMemory } from '../support/memory.ts'
import { aServer, type Json, json } from '../support/server.ts'

const MiB = 2 ** 20
const folder = aFolder()
const library = join(folder.path, 'library')

beforeAll(async () => {
  mkdirSync(library)
  for (const [at, photo] of (await somePhotos()).entries()) writeFileSync(join(library, `photo-${at}.jpg`), photo)
})

afterAll(() => folder[Symbol.dispose]())

/** Ten real photos of 2 to 24 megapixels, or drawn ones. */
async function somePhotos(): Promise<Buffer[]> {
  if (!hasCorpus) return Promise.all(Array.from({ length: 10 }, (_, seed) => aPhoto(seed, 2000, 1500)))
  const large = join(corpus, 'photos/large')
  const names = readdirSync(large).sort()
  return names.slice(0, 10).map((name) => readFileSync(join(large, name)))
}

/** What is asked of each photo, by the end of its address. */
const asked: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['image-processing/thumbnail', { edge: '320' }],
  ['image-processing/placeholder', {}],
  ['image-processing/analyze', {}],
  ['image-processing/fingerprint', {}],
  ['advanced-image-processing/metadata', {}],
  ['advanced-image-processing/quality-issues', {}],
  ['image-processing/optimize', { lossless: 'true' }],
]

/** Fifty requests: each operation on each photo in turn, every fourth photo sent along instead of named. */
function fiftyOf(server: Awaited<ReturnType<typeof aServer>>): Promise<Response>[] {
  return Array.from({ length: 50 }, (_, at) => {
    const [operation, params] = asked[at % asked.length] ?? ['', {}]
    const path = join(library, `photo-${at % 10}.jpg`)
    const url = `/api/${operation}`
    if (at % 4 === 0) {
      const file = new File([new Uint8Array(readFileSync(path))], basename(path))
      return server.form(url, { file, ...params })
    }
    const typed = Object.fromEntries(
      Object.entries(params).map(([name, text]) => [name, text === 'true' ? true : Number(text)]),
    )
    return server.post(url, { path, ...typed })
  })
}

/** Files below a folder that are not finished or wait to be worked on. */
const leftovers = (data: string): string[] =>
  readdirSync(data, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.includes('.part') || /^uploads\/./.test(name),
  )

it.each([
  ['answered', 256, 1],
  ['answered or sent away for a moment', 12, 0.2],
])(
  'fifty requests at once are all %s, within the memory allowed, and leave nothing behind',
  { timeout: 300_000 },
  async (_title, queueLength, served) => {
    const data = join(folder.path, String(queueLength))
    mkdirSync(data)
    const budget = 1536 * MiB
    const settings = { roots: [library], 'workers.budgetBytes': budget, 'workers.queueLength': queueLength }
    await using server = await aServer(data, { settings })
    const before = process.memoryUsage.rss()
    const own = watchMemory(() => [process.pid])
    const workers = watchMemory(() => server.app.executor.pool.workers().map(({ pid }) => pid))

    const responses = await Promise.all(fiftyOf(server))

    const [ownPeak, workersPeak] = [own.stop(), workers.stop()]
    const statuses = responses.map(({ status }) => status)
    expect(statuses.filter((status) => status !== 200 && status !== 429)).toEqual([])
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(50 * served)
    if (queueLength < 50) expect(statuses).toContain(429)
    for (const response of responses) {
      const answer: Json = await json(response)
      if (response.status === 200) expect(answer.result).toBeTypeOf('object')
      else {
        expect(response.headers.get('content-type')).toContain('application/problem+json')
        expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
        expect(answer).toMatchObject({ status: 429, code: 'QUEUE_FULL' })
      }
    }
    if (tellsMemory) {
      // The test, its client and all uploads live in this process too.
      expect(ownPeak - before).toBeLessThan(400 * MiB)
      expect(workersPeak).toBeLessThan(budget)
      expect(workersPeak).toBeGreaterThan(50 * MiB)
    }
    expect(server.app.executor.admission.usedBytes).toBe(0)
    expect(leftovers(join(data, 'data'))).toEqual([])
  },
)
