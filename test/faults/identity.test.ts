import { chmodSync, mkdirSync, openSync, utimesSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, it } from 'vitest'
import { Identities, lookAt } from '../../src/executor/identities.ts'
import { runOperation } from '../../src/executor/run.ts'
import { findOperation } from '../../src/operations/index.ts'
import type { Operation } from '../../src/operations/operation.ts'
import { anApp, dataIn } from '../support/app.ts'
import { aFolder } from '../support/library.ts'

const bitmap = (background: string) =>
  sharp({ create: { width: 40, height: 30, channels: 3, background } })
    .tiff({ compression: 'none' })
    .toBuffer()

/** A file of a library that has been imported. */
async function imported(folder: string) {
  const path = join(folder, 'library', 'a.tif')
  mkdirSync(join(path, '..'))
  writeFileSync(path, await bitmap('#f00'))
  utimesSync(path, 1_600_000_000, 1_600_000_000)
  const app = anApp(dataIn(folder))
  await app.jobs.startImport(join(path, '..')).ended
  return { app, path, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() }
}

it('keeps nothing of a file whose content was exchanged behind its size, time and inode', async () => {
  using folder = aFolder()
  await using library = await imported(folder.path)
  const { app, path } = library
  const blue = await bitmap('#00f')
  expect(blue.length).toBe(lookAt(path).bytes)
  writeSync(openSync(path, 'r+'), blue)
  utimesSync(path, 1_600_000_000, 1_600_000_000)

  const run = runOperation(app, { path, operation: 'thumbnail', params: { edge: 20 } })
  await expect(run).rejects.toMatchObject({ code: 'FILE_CHANGED' })
})

it('takes the word of what is remembered only for a file that nobody touched, and hashes others again', async () => {
  using folder = aFolder()
  await using library = await imported(folder.path)
  const { app, path } = library
  const identities = new Identities(app.catalog, app.cache)
  const untouched = lookAt(path)
  expect(await identities.find(untouched)).toMatchObject({ mark: untouched.mark })
  const { asset } = await runOperation(app, { path, operation: 'thumbnail', params: { edge: 20 } })

  chmodSync(path, 0o600)
  const touched = await identities.find(lookAt(path))
  expect(touched?.identity.contentId).toBe(asset)
  expect(touched?.mark).toBeUndefined()
  const run = await runOperation(app, { path, operation: 'thumbnail', params: { edge: 21 } })
  expect(run.asset).toBe(asset)
})

it('keeps nothing of a content that came between the look at a file and its opening', async () => {
  using folder = aFolder()
  await using library = await imported(folder.path)
  const { app, path } = library
  const known = await new Identities(app.catalog, app.cache).find(lookAt(path))
  if (known?.mark === undefined) throw new Error('nobody touched it')
  writeSync(openSync(path, 'r+'), await bitmap('#00f'))
  utimesSync(path, 1_600_000_000, 1_600_000_000)

  const operation = findOperation('thumbnail', 'picture') as Operation
  const step = { operation, params: operation.params.parse({ edge: 22 }), label: 'thumbnail' }
  const task = { path, steps: () => [step], priority: 'interactive', keepIn: 'cache', known } as const
  const processed = await app.executor.process(task)
  expect(processed).toMatchObject({ outcomes: [{ state: 'failed', code: 'FILE_CHANGED' }] })
})
