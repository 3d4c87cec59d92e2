import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aFolder, aLibrary, aPhoto } from '../support/library.ts'
import { aServer, type Json, json, until } from '../support/server.ts'

const folder = aFolder()
const library = join(folder.path, 'library')
/** Its first four pictures are those of the library. */
const large = join(folder.path, 'large')
const jobs = '/api/bulk-operations/jobs'
let running: Awaited<ReturnType<typeof aServer>>

beforeAll(async () => {
  await aLibrary(library, 4)
  await aLibrary(large, 60)
  for (const [name, content] of [
    ['cut.jpg', (await aPhoto(9)).subarray(0, 400)],
    ['empty.jpg', ''],
    ['notes.txt', 'not media'],
  ] as const) {
    writeFileSync(join(library, name), content)
    utimesSync(join(library, name), 1_600_000_000, 1_600_000_000)
  }
  running = await aServer(folder.path, { makeSample: async () => library })
})

afterAll(async () => {
  await running?.[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const start = async (path: string): Promise<Json> => json(await running.post('/api/bulk-operations/import', { path }))

/** A job's events as they come; `ended` holds them all when the stream has ended. */
function follow(job: string) {
  const events: Json[] = []
  const ended = (async () => {
    const { body } = await running.ask(`${jobs}/${job}/events`)
    let rest = ''
    for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      events.push(...lines.map((line) => JSON.parse(line)))
    }
    expect(rest).toBe('')
    return events
  })()
  return { events, ended }
}

const move = async (job: string, verb: string): Promise<[number, string]> => {
  const response = await running.post(`${jobs}/${job}/${verb}`)
  const answer = await json(response)
  return [response.status, answer.state ?? answer.code]
}

describe('an import', () => {
  it('is a job that tells its events, and the truth about each task', async () => {
    const response = await running.post('/api/bulk-operations/import', { path: library })
    const started = await json(response)
    expect([response.status, response.headers.get('location')]).toEqual([202, `${jobs}/${started.job}`])
    expect(started).toMatchObject({ root: library, resumed: false })

    const stream = await running.ask(`${jobs}/${started.job}/events`)
    expect(stream.headers.get('content-type')).toBe('application/x-ndjson')
    const events: Json[] = (await stream.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events[0]).toMatchObject({ event: 'job.started', job: started.job, root: library, resumed: false })
    expect(events.at(-1)).toMatchObject({
      event: 'job.finished',
      state: 'finished',
      files: { done: 4, cached: 0, failed: 2, quarantined: 0, skipped: 0 },
      ignored: 1,
    })
    expect(events.map(({ event }) => event)).toContain('job.progress')
    expect(events.every(({ at, job }) => !Number.isNaN(Date.parse(at)) && job === started.job)).toBe(true)
    const failed = events.filter(({ event }) => event === 'task.failed')
    expect(new Set(failed.map(({ path }) => path.split('/').at(-1)))).toEqual(new Set(['cut.jpg', 'empty.jpg']))

    const job = await running.get(`${jobs}/${started.job}`)
    expect(job).toMatchObject({ state: 'finished', root: library, error: null, progress: null })
    expect(job.counts.tasks).toEqual(events.at(-1)?.tasks)
    expect(Date.parse(job.finishedAt)).toBeGreaterThanOrEqual(Date.parse(job.createdAt))

    const seen: Json[] = []
    for (let cursor = ''; ; ) {
      const page = await running.get(`${jobs}/${started.job}/tasks?limit=5${cursor}`)
      seen.push(...page.items)
      expect(page.total).toBe(Object.values<number>(job.counts.tasks).reduce((sum, one) => sum + one, 0))
      if (page.next === null) break
      cursor = `&cursor=${page.next}`
    }
    const keys = seen.map(({ path, operation }) => `${path} ${operation}`)
    expect(new Set(keys).size).toBe(keys.length)
    expect(keys.filter((key) => key.includes('photo-0001.jpg'))).toHaveLength(6)
    const bad = await running.get(`${jobs}/${started.job}/tasks?state=failed&limit=500`)
    expect(bad.items).toEqual(seen.filter(({ state }) => state === 'failed'))
    expect(bad.items.find(({ path }: Json) => path.endsWith('empty.jpg'))).toMatchObject({ code: 'EMPTY_FILE' })
    expect(bad.total).toBe(bad.items.length)
  })

  it('that has ended tells its end at once, and the same counts', async () => {
    const { job, counts } = (await running.get(jobs)).items[0]
    const events = await follow(job).ended
    expect(events).toEqual([expect.objectContaining({ event: 'job.finished', job, state: 'finished', ...counts })])
  })

  it('asked for again does nothing again, unless failures are to be tried again', async () => {
    expect((await running.import(library)).tasks).toMatchObject({ done: 0 })
    const { job } = await json(await running.post('/api/bulk-operations/import', { path: library, retryFailed: true }))
    await follow(job).ended
    expect((await running.get(`${jobs}/${job}`)).params).toEqual({ retryFailed: true })
  })

  it('is paused, goes on under its number, and loses and doubles nothing', async () => {
    const { job } = await start(large)
    const early = follow(job)
    await until(async () => (await running.get(`${jobs}/${job}`)).counts.files.done >= 3)
    expect((await start(large)).job).toBe(job)

    expect(await move(job, 'pause')).toEqual([200, 'paused'])
    expect(await move(job, 'pause')).toEqual([409, 'JOB_STATE_INVALID'])
    const paused = await running.get(`${jobs}/${job}`)
    expect(paused).toMatchObject({ state: 'paused', progress: null, finishedAt: null })
    expect(running.app.executor.pool.workers().filter(({ path }) => path !== undefined)).toEqual([])

    expect(await move(job, 'resume')).toEqual([200, 'running'])
    const late = follow(job)
    const [events, lateEvents] = await Promise.all([early.ended, late.ended])
    const resumed = [events, lateEvents].map((told) => told.find(({ event }) => event === 'job.started')?.resumed)
    expect(resumed).toEqual([false, true])
    expect(events.at(-1)).toMatchObject({ event: 'job.paused', job })
    expect(lateEvents.filter(({ event }) => event === 'job.finished')).toHaveLength(1)
    expect(lateEvents.at(-1)).toMatchObject({
      state: 'finished',
      assets: 60,
      files: { done: 56, cached: 4, failed: 0 },
    })
    const progress = lateEvents.filter(({ event }) => event === 'job.progress')
    expect(progress.at(-1)).toMatchObject({ done: 60, total: 60, fraction: 1, isCounted: true })
    expect((await running.get(`${jobs}/${job}/tasks?limit=1`)).total).toBe(360)
    expect(await move(job, 'resume')).toEqual([409, 'JOB_STATE_INVALID'])
  })

  it('is cancelled for good; what it finished stays', async () => {
    const other = join(folder.path, 'other')
    await aLibrary(other, 1)
    for (let at = 0; at < 40; at++) {
      writeFileSync(join(other, `${at}.jpg`), await aPhoto(200 + at))
      utimesSync(join(other, `${at}.jpg`), 1_600_000_000, 1_600_000_000)
    }
    const { job, collection } = await start(other)
    const stream = follow(job)
    await until(async () => (await running.get(`${jobs}/${job}`)).counts.files.done >= 2)
    const busy = await running.tell('DELETE', `/api/collections/${collection}`)
    expect([busy.status, (await json(busy)).code]).toEqual([409, 'JOB_RUNNING'])

    expect(await move(job, 'cancel')).toEqual([200, 'cancelled'])
    expect((await stream.ended).at(-1)).toMatchObject({ event: 'job.finished', state: 'cancelled' })
    expect(await move(job, 'resume')).toEqual([409, 'JOB_STATE_INVALID'])
    const { assets } = await running.get(`/api/collections/${collection}`)
    expect(assets).toBeGreaterThanOrEqual(2)
    expect(assets).toBeLessThan(41)
  })

  it.each([
    ['a folder that is missing', { path: join(folder.path, 'none') }, 404, 'FOLDER_MISSING'],
    ['a file', { path: join(library, 'notes.txt') }, 404, 'FOLDER_MISSING'],
    ['a relative path', { path: 'library' }, 400, 'PARAMS_INVALID'],
    ['a zero byte', { path: '/a\0b' }, 400, 'PARAMS_INVALID'],
    ['no path', {}, 400, 'PARAMS_INVALID'],
    ['an unknown name', { path: library, recursive: true }, 400, 'PARAMS_INVALID'],
  ] as [string, object, number, string][])('of %s is refused', async (_title, body, status, code) => {
    const before = (await running.get(jobs)).total
    for (const door of ['/api/bulk-operations/import', '/api/collections']) {
      const response = await running.post(door, body)
      expect([door, response.status, (await json(response)).code]).toEqual([door, status, code])
    }
    expect((await running.get(jobs)).total).toBe(before)
  })
})

describe('the jobs', () => {
  it('are listed page by page, the newest first', async () => {
    const whole = await running.get(jobs)
    expect(whole.total).toBe(5)
    const dates = whole.items.map(({ createdAt }: Json) => createdAt)
    expect(dates).toEqual(dates.toSorted().reverse())
    const first = await running.get(`${jobs}?limit=2`)
    const second = await running.get(`${jobs}?limit=10&cursor=${first.next}`)
    expect([...first.items, ...second.items]).toEqual(whole.items)
    expect(second.next).toBeNull()
  })

  it.each(['', '/tasks', '/events'])('that do not exist are 404 at …%s', async (door) => {
    const response = await running.ask(`${jobs}/nothing${door}`)
    expect([response.status, (await json(response)).code]).toEqual([404, 'NOT_FOUND'])
  })

  it.each(['tasks?cursor=nonsense', 'tasks?state=open', 'tasks?colour=red'])('refuse %s', async (query) => {
    const { job } = (await running.get(jobs)).items[0]
    expect((await running.ask(`${jobs}/${job}/${query}`)).status).toBe(400)
  })

  it('have events for GET alone: HEAD would never end', async () => {
    const { job } = (await running.get(jobs)).items[0]
    const response = await running.ask(`${jobs}/${job}/events`, { method: 'HEAD' })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET'])
  })
})

describe('a collection', () => {
  it('is registered by its path, described with pictures, and forgotten without touching its files', async () => {
    const path = join(folder.path, 'kept')
    const [photo = ''] = await aLibrary(path, 2)
    writeFileSync(join(path, 'cut.jpg'), (await aPhoto(99)).subarray(0, 300))
    utimesSync(join(path, 'cut.jpg'), 1_600_000_000, 1_600_000_000)
    const response = await running.post('/api/collections', { path })
    const { job, collection } = await json(response)
    expect([response.status, response.headers.get('location')]).toEqual([202, `${jobs}/${job}`])
    await follow(job).ended

    const one = await running.get(`/api/collections/${collection}`)
    expect(one).toMatchObject({ collection, name: 'kept', path, assets: 3, failed: 1 })
    expect(one.covers).toHaveLength(2)
    for (const { url } of one.covers) expect((await running.ask(url)).headers.get('content-type')).toBe('image/webp')
    expect((await running.get('/api/collections')).items).toContainEqual(one)
    const failures = await running.get(`/api/collections/${collection}/failures`)
    expect(failures).toMatchObject({
      total: 1,
      next: null,
      items: [
        {
          path: join(path, 'cut.jpg'),
          state: 'failed',
          failures: expect.arrayContaining([expect.objectContaining({ operation: 'analyze', code: 'MEDIA_DAMAGED' })]),
        },
      ],
    })

    expect((await running.tell('DELETE', `/api/collections/${collection}`)).status).toBe(204)
    expect(existsSync(photo)).toBe(true)
    for (const door of ['', '/failures']) {
      expect((await running.ask(`/api/collections/${collection}${door}`)).status).toBe(404)
    }
    expect((await running.tell('DELETE', `/api/collections/${collection}`)).status).toBe(404)
    expect((await running.get(`/api/assets?collection=${collection}`)).total).toBe(0)
    expect((await running.ask(`${jobs}/${job}`)).status).toBe(404)
    const again = await running.import(path)
    expect(again.tasks).toMatchObject({ done: 0, cached: 13 })
  })

  it('can be the sample library, where the server has one', async () => {
    const response = await running.post('/api/collections/sample')
    const { job, root } = await json(response)
    expect([response.status, root]).toEqual([202, library])
    expect((await follow(job).ended).at(-1)).toMatchObject({ state: 'finished', assets: 5 })

    using other = aFolder()
    await using without = await aServer(other.path)
    expect((await without.post('/api/collections/sample')).status).toBe(405)
  })
})

describe('a server that stops', () => {
  it('ends the streams of its jobs, also of paused ones, and takes nothing along', async () => {
    using other = aFolder()
    mkdirSync(join(other.path, 'photos'))
    await aLibrary(join(other.path, 'photos'), 40)
    const stopping = await aServer(other.path)
    const { job } = await json(await stopping.post('/api/bulk-operations/import', { path: join(other.path, 'photos') }))
    const stream = await stopping.ask(`${jobs}/${job}/events`)
    await until(async () => (await stopping.get(`${jobs}/${job}`)).counts.files.done >= 1)
    await stopping.post(`${jobs}/${job}/pause`)
    await stopping[Symbol.asyncDispose]()
    expect(await stream.text()).not.toContain('job.finished')

    await using next = await aServer(other.path)
    expect((await next.get(`${jobs}/${job}`)).state).toBe('paused')
    const resumed = await next.post(`${jobs}/${job}/resume`)
    expect(resumed.status).toBe(200)
    const events = await (await next.ask(`${jobs}/${job}/events`)).text()
    expect(JSON.parse(events.trim().split('\n').at(-1) ?? '')).toMatchObject({ state: 'finished', assets: 40 })
  })
})
