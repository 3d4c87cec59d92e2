import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aFolder, aPhoto } from '../support/library.ts'
import { aServer, type Json, json } from '../support/server.ts'

const folder = aFolder()
const library = join(folder.path, 'library')
const outside = join(folder.path, 'outside')
const token = 'the secret of the command line'
let running: Awaited<ReturnType<typeof aServer>>

beforeAll(async () => {
  for (const path of [library, outside, join(outside, 'more')]) mkdirSync(path)
  await put(join(library, 'photo.jpg'), 1)
  await put(join(library, 'swapped.jpg'), 2)
  await put(join(outside, 'secret.jpg'), 3)
  await put(join(outside, 'more', 'hidden.jpg'), 4)
  symlinkSync(join(outside, 'secret.jpg'), join(library, 'link.jpg'))
  symlinkSync(join(outside, 'more'), join(library, 'more'))
  symlinkSync(join(library, 'photo.jpg'), join(library, 'to-photo.jpg'))
  running = await aServer(folder.path, { token })
})

afterAll(async () => {
  await running?.[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

async function put(path: string, seed: number): Promise<void> {
  writeFileSync(path, await aPhoto(seed))
  utimesSync(path, 1_700_000_000, 1_700_000_000)
}

/** Runs a job to its end and gives its events. */
async function events(answer: Response): Promise<Json[]> {
  const { job } = await json(answer)
  const lines = (await (await running.ask(`/api/bulk-operations/jobs/${job}/events`)).text()).trim().split('\n')
  return lines.map((line) => JSON.parse(line))
}

const refused = (told: Json[]) =>
  told.filter(({ event, code }) => event === 'task.failed' && code === 'PATH_FORBIDDEN').map(({ path }) => path)

const importAsCommand = () =>
  running.ask('/api/bulk-operations/import', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-mediamill-token': token },
    body: JSON.stringify({ path: library }),
  })

const assetAt = async (path: string): Promise<string> => {
  const { items } = await running.get('/api/assets')
  return items.find(({ locations }: Json) => locations.some((location: Json) => location.path === path)).asset
}

const links = [join(library, 'link.jpg'), join(library, 'more', 'hidden.jpg')]

describe('links that lead out of the allowed folders', () => {
  it('are refused, by name, by an import that was asked for over HTTP', async () => {
    const told = await events(await running.post('/api/bulk-operations/import', { path: library }))
    expect(refused(told).sort()).toEqual(links)
    expect(told.at(-1)).toMatchObject({ state: 'finished', assets: 2, files: { done: 2, failed: 2 } })
  })

  it('are imported from the command line, which shows their thumbnails but lets nobody else at their files', async () => {
    const told = await events(await importAsCommand())
    expect(refused(told)).toEqual([])
    for (const path of links) {
      const asset = await assetAt(path)
      expect((await running.ask(`/api/assets/${asset}/thumbnail`)).status).toBe(200)
      const asked: [string, Response][] = [
        ['original', await running.ask(`/api/assets/${asset}/original`)],
        ['operation', await running.post('/api/image-processing/thumbnail', { asset, edge: 31 })],
        [
          'other file',
          await running.post('/api/image-processing/compare', {
            path: join(library, 'photo.jpg'),
            reference: asset,
          }),
        ],
      ]
      for (const [what, response] of asked) {
        expect([what, response.status, (await json(response)).code]).toEqual([what, 403, 'PATH_FORBIDDEN'])
      }
    }
    const { collection } = (await running.get('/api/collections')).items[0]
    const run = await running.post('/api/image-processing/thumbnail', { collection, edge: 32 })
    expect(refused(await events(run)).sort()).toEqual(links)
  })

  it('are none when they stay inside', async () => {
    const asset = await assetAt(join(library, 'photo.jpg'))
    expect((await running.ask(`/api/assets/${asset}/original`)).status).toBe(200)
  })

  it('are refused as well when a file became one after it was imported', async () => {
    const path = join(library, 'swapped.jpg')
    const asset = await assetAt(path)
    const elsewhere = join(outside, 'moved.jpg')
    // Size, time and inode are those of the file that was imported; only where it lies has changed.
    renameSync(path, elsewhere)
    symlinkSync(elsewhere, path)
    const response = await running.ask(`/api/assets/${asset}/original`)
    expect([response.status, (await json(response)).code]).toEqual([403, 'PATH_FORBIDDEN'])
    expect((await running.post('/api/image-processing/placeholder', { asset })).status).toBe(403)
    rmSync(path)
    renameSync(elsewhere, path)
    expect((await running.ask(`/api/assets/${asset}/original`)).status).toBe(200)
  })
})
