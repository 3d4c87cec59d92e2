import { copyFileSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { anApp, dataIn } from '../support/app.ts'
import { lively, makeFilm } from '../support/films.ts'
import { aFolder, aLibrary } from '../support/library.ts'
import { temporaryFolder } from '../support/temporary.ts'

const film = join(temporaryFolder(), 'film.mp4')
// Long enough that its packaging is still under way when its first frames are told of.
beforeAll(() => makeFilm(film, { width: 480, height: 270, seconds: 16, paint: lively }), 60_000)

/** An app with one film of some seconds imported, and a run that is packaging it. */
async function packaging(folder: string) {
  const app = anApp(dataIn(folder), { 'workers.count': 1 })
  const films = join(folder, 'films')
  await aLibrary(films, 1)
  copyFileSync(film, join(films, 'film.mp4'))
  const { collection, ended } = app.jobs.startImport(films)
  await ended
  const progress = app.heard('job.progress')
  const selection = { collection: collection.id, filter: { kind: 'film' as const } }
  const running = await app.jobs.startRun({ operation: 'package', params: {}, selection })
  await until(() => (progress.at(-1)?.framesPerSecond ?? 0) > 0)
  return { app, running, progress, films }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await setTimeout(20)
}

const worker = (app: ReturnType<typeof anApp>) => app.executor.pool.workers().find(({ path }) => path !== undefined)
/** `T`: stopped by a signal. */
const processState = (pid: number) => /^State:\s+(\S)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
const partsIn = (folder: string) => readdirSync(join(dataIn(folder), 'artifacts', 'tmp'))

describe.skipIf(process.platform !== 'linux')('a run over films that is paused', () => {
  it('stands still in the middle of a film, and goes on there', async () => {
    using folder = aFolder()
    const { app, running, progress } = await packaging(folder.path)
    await using _ = app
    const { job } = running
    const before = worker(app)
    expect((await app.jobs.pause(job.id)).state).toBe('paused')
    await until(() => processState(before?.pid ?? 0) === 'T')
    const told = progress.length
    await setTimeout(500)
    expect(progress).toHaveLength(told)
    expect(app.executor.admission.usedBytes).toBe(0)
    await expect(app.jobs.pause(job.id)).rejects.toMatchObject({ code: 'JOB_STATE_INVALID' })

    const resumed = app.jobs.resume(job.id)
    expect(resumed.isResumed).toBe(true)
    expect(await running.ended).toMatchObject({ state: 'finished', files: { done: 1 } })
    const fractions = progress.map(({ fraction }) => fraction)
    expect(fractions).toEqual(fractions.toSorted((one, other) => one - other))
    expect(before?.pid).toBe(app.executor.pool.workers()[0]?.pid)
  })

  it('leaves its place to other work meanwhile', async () => {
    using folder = aFolder()
    const { app, running, films } = await packaging(folder.path)
    await using _ = app
    await app.jobs.pause(running.job.id)
    const { collection } = app.jobs.startImport(films)
    const others = await app.jobs.startRun({
      operation: 'resize',
      params: { width: 20 },
      selection: { collection: collection.id, filter: { kind: 'picture' } },
    })
    expect((await others.ended).files).toMatchObject({ done: 1, failed: 0 })
    app.jobs.resume(running.job.id)
    expect((await running.ended).state).toBe('finished')
  })

  it('can be cancelled as it stands, and leaves nothing behind', async () => {
    using folder = aFolder()
    const { app, running } = await packaging(folder.path)
    await using _ = app
    await app.jobs.pause(running.job.id)
    expect((await app.jobs.cancel(running.job.id)).state).toBe('cancelled')
    await until(() => partsIn(folder.path).length === 0)
    expect(worker(app)).toBeUndefined()
  })

  it('stays paused when the program ends, and begins the film anew in the next one', async () => {
    using folder = aFolder()
    const { app, running } = await packaging(folder.path)
    await app.jobs.pause(running.job.id)
    const { pid = 0 } = worker(app) ?? {}
    await app.stop()
    expect(() => process.kill(pid, 0)).toThrow()
    expect(partsIn(folder.path)).toEqual([])
    await using next = anApp(dataIn(folder.path))
    expect(next.jobs.find(running.job.id).state).toBe('paused')
    expect(await next.jobs.resume(running.job.id).ended).toMatchObject({ state: 'finished', files: { done: 1 } })
  })
})
