import { mkdirSync, openSync, utimesSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, it } from 'vitest'
import { runOperation } from '../../src/executor/run.ts'
import { anApp, dataIn } from '../support/app.ts'
import { aFolder } from '../support/library.ts'

const bitmap = (background: string) =>
  sharp({ create: { width: 40, height: 30, channels: 3, background } })
    .tiff({ compression: 'none' })
    .toBuffer()

it('keeps nothing of a file whose content was exchanged behind its size, time and inode', async () => {
  using folder = aFolder()
  const path = join(folder.path, 'library', 'a.tif')
  const [red, blue] = [await bitmap('#f00'), await bitmap('#00f')]
  expect(red.length).toBe(blue.length)
  mkdirSync(join(path, '..'))
  writeFileSync(path, red)
  utimesSync(path, 1_600_000_000, 1_600_000_000)
  await using app = anApp(dataIn(folder.path))
  await app.jobs.startImport(join(path, '..')).ended

  writeSync(openSync(path, 'r+'), blue)
  utimesSync(path, 1_600_000_000, 1_600_000_000)

  const run = runOperation(app, { path, operation: 'thumbnail', params: { edge: 20 } })
  await expect(run).rejects.toMatchObject({ code: 'FILE_CHANGED' })
})
