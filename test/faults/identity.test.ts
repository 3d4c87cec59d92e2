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

it('answers of what is there when a content was exchanged behind size, time and inode, and not of what was', async () => {
  using folder = aFolder()
  await using library = await imported(folder.path)
  const { app, path } = library
  const ask = (file: { path: string } | { asset: string }) =>
    runOperation(app, { ...file, operation: 'analyze', params: {} })
  const red = await ask({ path })
  const blue = await bitmap('#00f')
  expect(blue.length).toBe(lookAt(path).bytes)
  writeSync(openSync(path, 'r+'), blue)
  utimesSync(path, 1_600_000_000, 1_600_000_000)

  const answer = await ask({ path })
  expect(answer.asset).not.toBe(red.asset)
  expect(answer.result).not.toEqual(red.result)
  await expect(ask({ asset: red.asset })).rejects.toMatchObject({ code: 'FILE_CHANGED' })
})

it('hashes a file again that somebody touched, once', async () => {
  using folder = aFolder()
  await using library = await imported(folder.path)
  const { app, path } = library
  const identities = new Identities(app.catalog, app.cache)
  const untouched = lookAt(path)
  const known = await identities.find(untouched)
  expect(known?.mark).toBe(untouched.mark)

  chmodSync(path, 0o600)
  const touched = lookAt(path)
  expect(await identities.find(touched)).toBeUndefined()
  const contentId = known?.identity.contentId ?? ''
  const { asset } = await runOperation(app, { asset: contentId, operation: 'thumbnail', params: { edge: 20 } })
  expect(asset).toBe(contentId)
  expect(await identities.find(touched)).toMatchObject({ mark: touched.mark })
})

it('keeps nothing of a content that came between the look at a file and its opening', async () => {
  using folder = aFolder()
  await using library = await imported(folder.path)
  const { app, path } = library
  const known = await new Identities(app.catalog, app.cache).find(lookAt(path))
  if (known?.mark === undefined) throw new Error('nobody touched it')
  writeSync(openSync(path, 'r+'), await bitmap('#00f'))
  utimesSync(path, 1_600_000_000, 1_600_000_000)

  const steps = () => [stepOf('thumbnail', { edge: 22 }), stepOf('thumbnail', { edge: 23 })]
  const processed = await app.executor.process({ path, steps, priority: 'interactive', keepIn: 'cache', known })
  const changed = { state: 'failed', code: 'FILE_CHANGED' }
  expect(processed).toMatchObject({ outcomes: [changed, changed] })
})

it('goes on with a known file after a step that failed', async () => {
  using folder = aFolder()
  await using library = await imported(folder.path)
  const { app, path } = library
  const known = await new Identities(app.catalog, app.cache).find(lookAt(path))
  if (known === undefined) throw new Error('it was imported')

  const outside = [{ kind: 'crop', left: 50, top: 50, width: 20, height: 20 }]
  const steps = () => [stepOf('transform', { steps: outside }), stepOf('thumbnail', { edge: 22 })]
  const processed = await app.executor.process({ path, steps, priority: 'interactive', keepIn: 'cache', known })
  expect(processed).toMatchObject({
    outcomes: [{ state: 'failed', code: 'PARAMS_INVALID' }, { state: 'done' }],
    counts: { pictureDecodes: 1 },
  })
})

function stepOf(name: string, params: Record<string, unknown>) {
  const operation = findOperation(name, 'picture') as Operation
  return { operation, params: operation.params.parse(params) as Record<string, unknown>, label: name }
}
