import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, it } from 'vitest'
import { anApp, dataIn, faultyOperations } from '../support/app.ts'
import { aFolder } from '../support/library.ts'

it('tries a crashing giant once more, and names it, without waiting for its own memory', async () => {
  using folder = aFolder()
  const path = join(folder.path, 'segfault-giant.jpg')
  const giant = sharp({ create: { width: 4000, height: 3000, channels: 3, background: '#357' } })
  writeFileSync(path, await giant.jpeg().toBuffer())
  utimesSync(path, 1_600_000_000, 1_600_000_000)
  // The file takes more than a quarter of this, which makes it a giant, as its second try is.
  await using app = anApp(dataIn(folder.path), { 'workers.budgetBytes': 64 << 20 }, faultyOperations)

  const end = await app.jobs.startImport(folder.path).ended

  expect(end.files).toMatchObject({ quarantined: 1, done: 0 })
  expect(end.tasks).toMatchObject({ done: 5, quarantined: 1 })
  expect(app.executor.admission.usedBytes).toBe(0)
})
