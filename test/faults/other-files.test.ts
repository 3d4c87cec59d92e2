import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runOperation } from '../../src/executor/run.ts'
import { MiB } from '../../src/units.ts'
import { anApp, dataIn, faultyOperations } from '../support/app.ts'
import { aFolder, aPhoto } from '../support/library.ts'

const folder = aFolder()
const at = (name: string) => join(folder.path, name)
const app = anApp(dataIn(folder.path), {}, faultyOperations)

beforeAll(async () => {
  for (const [seed, name] of ['good.jpg', 'other.jpg', 'segfault-1.jpg'].entries()) {
    writeFileSync(at(name), await aPhoto(seed))
  }
})

afterAll(async () => {
  await app[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const comparing = (name: string, reference: string) =>
  runOperation(app, { path: at(name), operation: 'compare', params: { reference: at(reference) } })

const idOf = async (name: string) =>
  (await runOperation(app, { path: at(name), operation: 'placeholder', params: {} })).asset

const quarantined = async (name: string) =>
  app.catalog.results.failuresOf(await idOf(name)).map(({ operation, quarantined }) => [operation, quarantined])

describe('a decoder that crashes while it has several files', () => {
  it('puts the one into quarantine that it crashes on, and not the one beside it', async () => {
    const told = app.heard('file.quarantined')
    await expect(comparing('good.jpg', 'segfault-1.jpg')).rejects.toMatchObject({
      code: 'DECODER_CRASHED',
      message: expect.stringMatching(/^The other file ".*segfault-1\.jpg": The decoder crashed/),
    })
    expect(told.map(({ path }) => path)).toEqual([at('segfault-1.jpg')])
    expect(await quarantined('good.jpg')).toEqual([])
    expect(await quarantined('segfault-1.jpg')).toEqual([['compare', true]])
    expect((await comparing('good.jpg', 'other.jpg')).result).toMatchObject({ identical: false })
  })

  it('is not asked again by whatever names that file', async () => {
    const deaths = app.heard('worker.stopped')
    await expect(comparing('other.jpg', 'segfault-1.jpg')).rejects.toMatchObject({ code: 'DECODER_CRASHED' })
    expect(deaths).toEqual([])
  })

  it('blames the file that is worked on where the other is innocent', async () => {
    await expect(comparing('segfault-1.jpg', 'other.jpg')).rejects.toMatchObject({
      code: 'DECODER_CRASHED',
      message: expect.stringMatching(/^The decoder crashed/),
    })
    expect(await quarantined('other.jpg')).toEqual([])
  })
})

it('counts the memory of other files before work begins', async () => {
  const asked: number[] = []
  const { admission } = app.executor
  const admit = admission.admit.bind(admission)
  admission.admit = (bytes, ...more) => {
    asked.push(bytes)
    return admit(bytes, ...more)
  }
  writeFileSync(at('large.jpg'), await aPhoto(9, 3000, 2250))
  for (const reference of ['other.jpg', 'large.jpg'].map(at)) {
    await runOperation(app, { path: at('good.jpg'), operation: 'compare', params: { reference, difference: false } })
  }
  const [small = 0, large = 0] = asked.slice(-2)
  expect(large - small).toBeGreaterThan(8 * MiB)
})
