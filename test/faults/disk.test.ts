import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { anApp, dataIn } from '../support/app.ts'
import { aFolder, aLibrary } from '../support/library.ts'

it('blames no file for a data folder that can not be written, and goes on when it can', async () => {
  using folder = aFolder()
  const library = join(folder.path, 'library')
  await aLibrary(library, 6)
  const data = dataIn(folder.path)
  mkdirSync(data)
  // A file where the folder should be: nobody can write below it, not even root.
  writeFileSync(join(data, 'artifacts'), '')
  await using app = anApp(data)

  const broken = await app.jobs.startImport(library).ended
  expect([broken.state, broken.error?.code]).toEqual(['failed', 'DATA_UNUSABLE'])

  rmSync(join(data, 'artifacts'))
  const mended = await app.jobs.startImport(library).ended
  expect(mended).toMatchObject({ state: 'finished', files: { failed: 0, quarantined: 0 } })
  expect(mended.files.done + mended.files.cached).toBe(6)
})
