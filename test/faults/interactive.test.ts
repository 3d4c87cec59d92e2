import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runOperation } from '../../src/executor/run.ts'
import { anApp, dataIn, faultyOperations } from '../support/app.ts'
import { aFolder, aPhoto } from '../support/library.ts'
import { until } from '../support/server.ts'

it('answers who waits, while bulk work holds every worker for minutes', async () => {
  using folder = aFolder()
  using elsewhere = aFolder()
  const slow = join(folder.path, 'hang-photo.jpg')
  writeFileSync(slow, await aPhoto(1))
  utimesSync(slow, 1_600_000_000, 1_600_000_000)
  const other = join(elsewhere.path, 'other.jpg')
  writeFileSync(other, await aPhoto(2))
  await using app = anApp(dataIn(folder.path), { 'workers.count': 1 }, faultyOperations)
  const job = app.jobs.startImport(folder.path)
  let isEnded = false
  void job.ended.then(() => {
    isEnded = true
  })
  await until(() => app.executor.pool.workers().some(({ path }) => path === slow))

  const answer = await runOperation(app, { path: other, operation: 'thumbnail', params: { edge: 20 } })

  expect(answer.result).toMatchObject({ width: 20 })
  expect(isEnded).toBe(false)
  expect(app.executor.pool.workers().some(({ path }) => path === slow)).toBe(true)
})
