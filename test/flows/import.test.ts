import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runOperation } from '../../src/executor/run.ts'
import { anApp, dataIn } from '../support/app.ts'
import { makeFilm } from '../support/films.ts'
import { aFolder, aLibrary, aPhoto } from '../support/library.ts'
import { withSegment } from '../support/pictures.ts'

const long = { timeout: 120_000 }
const quiet = { done: 0, failed: 0, quarantined: 0, skipped: 0 }

/** Writes a file that need not settle. */
function put(path: string, content: Uint8Array | string): void {
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, content)
  utimesSync(path, 1_600_000_000, 1_600_000_000)
}

describe('an import', long, () => {
  it('gives every picture its six results and its two pictures from one decode', async () => {
    using folder = aFolder()
    const library = join(folder.path, 'library')
    put(join(library, 'photo.jpg'), await aPhoto(1, 2000, 1500))
    await using app = anApp(dataIn(folder.path))
    const decodes: unknown[] = []
    const { executor } = app
    const process = executor.process.bind(executor)
    executor.process = async (task) => {
      const processed = await process(task)
      if ('counts' in processed) decodes.push(processed.counts)
      return processed
    }

    const end = await app.jobs.startImport(library).ended

    expect(end.tasks).toEqual({ ...quiet, done: 6, cached: 0 })
    expect(decodes).toEqual([{ pictureDecodes: 1, demuxes: 0, framesDecoded: 0 }])
    const [asset] = app.catalog.assets.list({}, 'added', 10).items
    expect(asset).toMatchObject({ kind: 'picture', format: 'jpeg', width: 2000, height: 1500, camera: 'Test' })
    const results = app.catalog.results.of(asset?.id ?? '', asset?.pixelId ?? '')
    expect(results.map(({ operation }) => operation).sort()).toEqual([
      'analyze',
      'fingerprint',
      'metadata',
      'placeholder',
      'thumbnail',
      'thumbnail',
    ])
    const pictures = results
      .flatMap(({ artifacts }) => artifacts)
      .map(({ role, format, width, height }) => [role, format, width, height])
    expect(pictures.sort()).toEqual([
      ['preview', 'jpeg', 1440, 1080],
      ['thumbnail', 'webp', 250, 188],
    ])
  })

  it('opens a film once for its facts, its metadata, both pictures, its sprite, flaws, fingerprint and preview', async () => {
    using folder = aFolder()
    const library = join(folder.path, 'library')
    mkdirSync(library)
    const film = join(library, 'film.mp4')
    await makeFilm(film)
    utimesSync(film, 1_600_000_000, 1_600_000_000)
    await using app = anApp(dataIn(folder.path))
    const counts: { demuxes: number; framesDecoded: number }[] = []
    const process = app.executor.process.bind(app.executor)
    app.executor.process = async (task) => {
      const processed = await process(task)
      if ('counts' in processed) counts.push(processed.counts)
      return processed
    }

    const end = await app.jobs.startImport(library).ended

    expect(end.tasks).toEqual({ ...quiet, done: 8, cached: 0 })
    expect(counts.map(({ demuxes }) => demuxes)).toEqual([1])
    expect(app.catalog.assets.list({ kind: 'film' }, 'added', 10).items[0]).toMatchObject({
      format: 'mp4',
      kind: 'film',
      originMs: 0,
    })
    // What was found out makes a later frame of it cheap.
    const identities: unknown[] = []
    const attend = app.executor.process
    app.executor.process = async (task) => {
      const processed = await attend(task)
      if ('identity' in processed) identities.push(processed.identity)
      return processed
    }
    await runOperation(app, { path: film, operation: 'thumbnail', params: { at: '50%', exact: false } })
    expect(identities).toMatchObject([{ originMs: 0, durationMs: expect.any(Number) }])
  })

  it('does no work a second time, and none for what was moved, renamed or copied', async () => {
    using folder = aFolder()
    const library = join(folder.path, 'library')
    const photos = await aLibrary(library, 8)
    await using app = anApp(dataIn(folder.path))
    await app.jobs.startImport(library).ended

    expect(await app.jobs.startImport(library).ended).toMatchObject({
      files: { ...quiet, cached: 8 },
      tasks: { ...quiet, cached: 48 },
    })

    const [first = '', second = '', third = ''] = photos
    mkdirSync(join(library, 'elsewhere'))
    renameSync(first, join(library, 'elsewhere', 'moved.jpg'))
    renameSync(second, join(library, 'renamed.jpg'))
    copyFileSync(third, join(library, 'copied.jpg'))
    utimesSync(join(library, 'copied.jpg'), 1_600_000_000, 1_600_000_000)
    const missed = app.heard('cache.missed')
    const end = await app.jobs.startImport(library).ended

    expect(end.tasks).toEqual({ ...quiet, cached: 54 })
    expect(end.files).toEqual({ ...quiet, cached: 9 })
    expect(end.assets).toBe(8)
    expect(missed).toEqual([])
  })

  it('re-does only what hangs on metadata when only metadata was edited', async () => {
    using folder = aFolder()
    const library = join(folder.path, 'library')
    const path = join(library, 'photo.jpg')
    const photo = await aPhoto(3)
    put(path, photo)
    await using app = anApp(dataIn(folder.path))
    await app.jobs.startImport(library).ended
    put(path, withSegment(photo, 0xfe, Buffer.from('a comment that was added later')))
    utimesSync(path, 1_600_000_500, 1_600_000_500)
    const finished = app.heard('operation.finished')

    await app.jobs.startImport(library).ended

    expect(finished.map(({ operation }) => operation).sort()).toEqual(['fingerprint', 'metadata'])
  })

  it('names each broken file with a code and goes on; what is no media is only counted', async () => {
    using folder = aFolder()
    const library = join(folder.path, 'library')
    const photo = await aPhoto(4, 800, 600)
    put(join(library, 'good.jpg'), photo)
    put(join(library, 'a picture without ending'), await aPhoto(5))
    put(join(library, 'cut.jpg'), photo.subarray(0, photo.length / 2))
    put(join(library, 'empty.jpg'), '')
    put(join(library, 'text.png'), 'this is no picture')
    put(join(library, 'notes.txt'), 'neither is this, and it does not say so')
    put(join(library, 'photo.xmp'), '<x:xmpmeta xmlns:x="adobe:ns:meta/"/>')
    await using app = anApp(dataIn(folder.path))
    const failures = app.heard('task.failed')

    const end = await app.jobs.startImport(library).ended

    expect(end.files).toEqual({ ...quiet, done: 2, cached: 0, failed: 3 })
    expect(end.ignored).toBe(2)
    const codes = new Map(failures.map(({ path, code }) => [path.split('/').at(-1), code]))
    expect(Object.fromEntries(codes)).toEqual({
      'cut.jpg': 'MEDIA_DAMAGED',
      'empty.jpg': 'EMPTY_FILE',
      'text.png': 'UNSUPPORTED_CONTENT',
    })
    const cut = app.catalog.assets.list({ text: 'cut' }, 'added', 5).items[0]
    const thumbnails = app.catalog.results.of(cut?.id ?? '', cut?.pixelId ?? '').flatMap(({ artifacts }) => artifacts)
    expect(thumbnails.map(({ role }) => role).sort()).toEqual(['preview', 'thumbnail'])

    const again = await app.jobs.startImport(library).ended
    expect(again.tasks.done).toBe(0)
    expect(again.files).toEqual({ ...quiet, done: 0, cached: 2, failed: 3 })
    expect(again.ignored).toBe(2)

    const retried = app.heard('operation.finished')
    await app.jobs.startImport(library, { retryFailed: true }).ended
    expect(retried.every(({ outcome }) => outcome === 'failed')).toBe(true)
    expect(retried.length).toBeGreaterThan(0)
  })

  it('forgets where a deleted file lay, not what is known of it, and refuses to forget a whole empty folder', async () => {
    using folder = aFolder()
    const library = join(folder.path, 'library')
    const photos = await aLibrary(library, 3)
    await using app = anApp(dataIn(folder.path))
    await app.jobs.startImport(library).ended
    const bytes = readFileSync(photos[0] ?? '')
    rmSync(photos[0] ?? '')
    expect((await app.jobs.startImport(library).ended).assets).toBe(2)
    put(join(library, 'back again.jpg'), bytes)
    expect(await app.jobs.startImport(library).ended).toMatchObject({ assets: 3, tasks: { done: 0 } })

    rmSync(library, { recursive: true })
    mkdirSync(library)
    const end = await app.jobs.startImport(library).ended
    expect([end.state, end.error?.code, end.assets]).toEqual(['failed', 'FOLDER_EMPTY', 3])
  })

  it('pauses within a second, and goes on under its old number', async () => {
    using folder = aFolder()
    const library = join(folder.path, 'library')
    await aLibrary(library, 60)
    await using app = anApp(dataIn(folder.path))
    const running = app.jobs.startImport(library)
    const imported = app.heard('asset.imported')
    while (imported.length < 5) await new Promise((resolve) => setTimeout(resolve, 20))

    const paused = await app.jobs.pause(running.job.id)
    expect(paused.state).toBe('paused')
    const before = imported.length
    expect(before).toBeLessThan(60)

    const resumed = app.jobs.resume(running.job.id)
    expect(resumed.isResumed).toBe(true)
    const end = await resumed.ended
    expect(end).toMatchObject({ job: running.job.id, state: 'finished', files: { ...quiet, done: 60, cached: 0 } })
    expect(imported.length).toBe(60)
  })
})
