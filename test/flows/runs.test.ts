import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { anApp, dataIn } from '../support/app.ts'
import { aFolder, aLibrary } from '../support/library.ts'
import { aServer, json } from '../support/server.ts'

const importedApp = async (folder: string, count: number) => {
  const photos = join(folder, 'photos')
  await aLibrary(photos, count)
  const app = anApp(dataIn(folder))
  const { collection } = app.jobs.startImport(photos)
  await app.jobs.startImport(photos).ended
  return { app, photos, collection }
}

describe('a bulk run', () => {
  it('answers for every file of a collection, from what is remembered where it is', async () => {
    using folder = aFolder()
    const { app, collection } = await importedApp(folder.path, 6)
    await using _ = app
    const answers = app.heard('task.finished')
    const selection = { collection: collection.id }
    const run = () => app.jobs.startRun({ operation: 'thumbnail', params: { edge: 40 }, selection })
    const first = await (await run()).ended
    expect(first).toMatchObject({ state: 'finished', assets: 6, tasks: { done: 6 }, files: { done: 6 } })
    const second = await (await run()).ended
    expect(second).toMatchObject({ tasks: { done: 0, cached: 6 } })
    expect(answers).toHaveLength(12)
    expect(answers[0]).toMatchObject({
      operation: 'thumbnail',
      result: { width: 40 },
      artifacts: [{ role: 'thumbnail' }],
    })
    expect(answers.slice(6).every(({ cached }) => cached)).toBe(true)
  })

  it('is narrowed to a folder, to assets and by a filter', async () => {
    using folder = aFolder()
    const { app, collection } = await importedApp(folder.path, 60)
    await using _ = app
    const count = async (selection: object) => {
      const { ended } = await app.jobs.startRun({ operation: 'placeholder', params: {}, selection })
      return (await ended).files.cached
    }
    expect(await count({ collection: collection.id, folder: 'folder 1' })).toBe(10)
    expect(await count({ collection: collection.id, folder: 'folder' })).toBe(0)
    expect(await count({ collection: collection.id, filter: { text: 'photo-000' } })).toBe(10)
    expect(await count({ collection: collection.id, filter: { format: 'png' } })).toBe(0)
    const [asset] = app.catalog.assets.list({}, 'added', 1).items
    expect(await count({ assets: [asset?.id] })).toBe(1)
  })

  it('goes on where it was paused, and counts nothing twice', async () => {
    using folder = aFolder()
    const { app, collection } = await importedApp(folder.path, 40)
    await using _ = app
    const selection = { collection: collection.id }
    const running = await app.jobs.startRun({ operation: 'thumbnail', params: { edge: 41 }, selection })
    const { promise: paused, resolve } = Promise.withResolvers<unknown>()
    app.events.on('job.paused', resolve)
    let seen = 0
    app.events.on('task.finished', () => {
      if (++seen === 10) void app.jobs.pause(running.job.id)
    })
    await paused
    expect(app.jobs.find(running.job.id).state).toBe('paused')
    const end = await app.jobs.resume(running.job.id).ended
    expect(end).toMatchObject({ state: 'finished', files: { failed: 0, skipped: 0 } })
    expect(end.files.done + end.files.cached).toBe(40)
  })

  it('tells files that fail, are gone, or have changed since the import', async () => {
    using folder = aFolder()
    const { app, photos, collection } = await importedApp(folder.path, 5)
    await using _ = app
    const [gone = '', broken = '', swapped = '', other = ''] = readdirSync(join(photos, 'folder 0')).map((name) =>
      join(photos, 'folder 0', name),
    )
    rmSync(gone)
    writeFileSync(broken, 'no picture any more')
    copyFileSync(other, swapped)
    const answers = app.heard('task.finished')
    const selection = { collection: collection.id }
    const { ended } = await app.jobs.startRun({ operation: 'thumbnail', params: { edge: 42 }, selection })
    expect((await ended).files).toEqual({ done: 2, cached: 1, failed: 1, quarantined: 0, skipped: 1 })
    const assetOf = (path: string) => answers.find((answer) => answer.path === path)?.asset
    expect(assetOf(swapped)).toBe(assetOf(other))
  })
})

describe('a run over HTTP', () => {
  it('starts a job and names it, whichever door it came through', async () => {
    using folder = aFolder()
    await aLibrary(join(folder.path, 'photos'), 4)
    await using server = await aServer(folder.path)
    await server.import(join(folder.path, 'photos'))
    const { collection } = (await server.get('/api/collections')).items[0]
    const bodies = [
      ['/api/bulk-operations/run', { operation: 'thumbnail', collection, edge: 30 }],
      ['/api/image-processing/thumbnail', { collection: join(folder.path, 'photos'), edge: 30 }],
    ] as const
    for (const [path, body] of bodies) {
      const response = await server.post(path, body)
      expect(response.status).toBe(202)
      const { job } = await json(response)
      expect(response.headers.get('location')).toBe(`/api/bulk-operations/jobs/${job}`)
      const lines = (await (await server.ask(`/api/bulk-operations/jobs/${job}/events`)).text()).trim().split('\n')
      const events = lines.map((line) => JSON.parse(line))
      expect(events.filter(({ event }) => event === 'result')).toHaveLength(4)
      expect(events.at(-1)).toMatchObject({ event: 'job.finished', state: 'finished' })
    }
  })

  it('does one asset as a job when the client would rather not wait', async () => {
    using folder = aFolder()
    await aLibrary(join(folder.path, 'photos'), 1)
    await using server = await aServer(folder.path)
    await server.import(join(folder.path, 'photos'))
    const { asset } = (await server.get('/api/assets')).items[0]
    const response = await server.ask('/api/image-processing/thumbnail', {
      method: 'POST',
      headers: { 'content-type': 'application/json', prefer: 'respond-async' },
      body: JSON.stringify({ asset, edge: 33 }),
    })
    expect(response.status).toBe(202)
  })

  it('refuses parameters that no file could be done with, whichever door they come through, before there is a job', async () => {
    using folder = aFolder()
    await aLibrary(join(folder.path, 'photos'), 1)
    await using server = await aServer(folder.path)
    await server.import(join(folder.path, 'photos'))
    const { collection } = (await server.get('/api/collections')).items[0]
    const { asset } = (await server.get('/api/assets')).items[0]
    const jobs = async () => (await server.get('/api/bulk-operations/jobs')).total
    const before = await jobs()
    const wrong: [string, object][] = [
      ['image-processing/resize', {}],
      ['image-processing/resize', { width: -1 }],
      ['image-processing/thumbnail', { edge: 0 }],
      ['image-processing/compare', {}],
      ['image-processing/compare', { reference: 'no such asset or file' }],
      ['image-processing/transform', { steps: [{ kind: 'nosuch' }] }],
      ['advanced-image-processing/convert', { format: 'nosuch' }],
      ['advanced-image-processing/convert', { format: 'jpeg', lossless: true }],
      ['advanced-image-processing/duplicates', { threshold: 2 }],
      ['advanced-image-processing/duplicates', { keep: [] }],
    ]
    for (const [route, params] of wrong) {
      const operation = route.split('/')[1]
      const answers = [
        await server.post(`/api/${route}`, { collection, ...params }),
        await server.post('/api/bulk-operations/run', { operation, collection, ...params }),
        await server.post('/api/bulk-operations/run', { operation, assets: [asset], ...params }),
      ]
      const statuses = answers.map(({ status }) => (status === 404 ? 400 : status))
      expect([route, params, ...statuses]).toEqual([route, params, 400, 400, 400])
    }
    expect(await jobs()).toBe(before)
  })

  it.each([
    [{ operation: 'nosuch', collection: 'x' }, 404],
    [{ operation: 'thumbnail', collection: 'nosuch' }, 404],
    [{ operation: 'thumbnail' }, 400],
    [{ operation: 'thumbnail', assets: ['abcdef'] }, 404],
    [{ operation: 'thumbnail', collection: 'HERE', edge: 0 }, 400],
    [{ operation: 'thumbnail', collection: 'HERE', unknown: 1 }, 400],
    [{ operation: 'thumbnail', collection: 'HERE', where: { colour: 'red' } }, 400],
  ])('refuses %j', async (body, status) => {
    using folder = aFolder()
    mkdirSync(join(folder.path, 'photos'))
    await using server = await aServer(folder.path)
    await server.import(join(folder.path, 'photos'))
    const here = (await server.get('/api/collections')).items[0].collection
    const response = await server.post(
      '/api/bulk-operations/run',
      JSON.parse(JSON.stringify(body).replace('HERE', here)),
    )
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toMatch('application/problem+json')
    expect(existsSync(join(folder.path, 'data'))).toBe(true)
  })
})

describe('a run that was interrupted', () => {
  it('is gone on with by its number, in another process too', async () => {
    using folder = aFolder()
    const photos = join(folder.path, 'photos')
    await aLibrary(photos, 30)
    const first = anApp(dataIn(folder.path))
    const { collection, ended } = first.jobs.startImport(photos)
    await ended
    const params = { operation: 'thumbnail', params: { edge: 43 }, selection: { collection: collection.id } }
    const running = await first.jobs.startRun(params)
    let seen = 0
    first.events.on('task.finished', () => {
      if (++seen === 5) void first.jobs.close()
    })
    await running.ended
    await first.stop()
    await using second = anApp(dataIn(folder.path))
    const end = await second.jobs.resume(running.job.id).ended
    expect(end).toMatchObject({ state: 'finished', files: { failed: 0, skipped: 0 } })
    expect(end.files.done + end.files.cached).toBe(30)
    expect(() => second.jobs.resume(running.job.id)).toThrow('can not be resumed')
  })

  it('on a whole collection tells how far it is, also when all files are done', async () => {
    using folder = aFolder()
    const { app, collection } = await importedApp(folder.path, 6)
    await using _ = app
    const told = app.heard('job.progress')
    const asked = { operation: 'duplicates', params: {}, selection: { collection: collection.id } }
    await (await app.jobs.startRun(asked)).ended
    const later = told.filter(({ done, total, isCounted }) => isCounted && done === total)
    const fractions = later.map(({ fraction }) => fraction)
    expect(fractions.some((fraction) => fraction > 0.9 && fraction < 1)).toBe(true)
    expect(fractions).toEqual(fractions.toSorted((one, other) => one - other))
    expect(later.at(-1)).toMatchObject({ fraction: 1, etaMs: 0 })
  })

  it('on a whole collection answers once more from the start, and remembers its answer', async () => {
    using folder = aFolder()
    const { app, photos, collection } = await importedApp(folder.path, 6)
    await using _ = app
    const answers = app.heard('task.finished')
    const asked = {
      operation: 'duplicates',
      params: { keep: ['resolution'] },
      selection: { collection: collection.id },
    }
    const once = async () => (await (await app.jobs.startRun(asked)).ended).state
    expect([await once(), await once()]).toEqual(['finished', 'finished'])
    expect(answers.map(({ cached }) => cached)).toEqual([false, true])
    copyFileSync(join(photos, 'folder 0', 'photo-0000.jpg'), join(photos, 'folder 0', 'copy.jpg'))
    utimesSync(join(photos, 'folder 0', 'copy.jpg'), 1_600_000_000, 1_600_000_000)
    await app.jobs.startImport(photos).ended
    await once()
    expect(answers[2]).toMatchObject({ cached: false, result: { totals: { exact: 1 } } })
    const paused = await app.jobs.startRun(asked)
    await app.jobs.cancel(paused.job.id)
    expect((await paused.ended).state).toMatch(/cancelled|finished/)
  })
})
