import { join } from 'node:path'
import { expect, it } from 'vitest'
import { aFolder, aLibrary } from '../support/library.ts'
import { aServer, json } from '../support/server.ts'

it('remembers that assets are no duplicates of each other, and takes it back', async () => {
  using folder = aFolder()
  await aLibrary(join(folder.path, 'photos'), 3)
  await using server = await aServer(folder.path)
  await server.import(join(folder.path, 'photos'))
  const ids: string[] = (await server.get('/api/assets')).items.map(({ asset }: { asset: string }) => asset)
  const [a = '', b = '', c = ''] = ids
  const tell = async (method: string, assets: string[]) =>
    json(await server.tell(method, '/api/assets/distinct', { assets }))
  expect(await tell('POST', [a, b.slice(0, 12), c])).toEqual({ declared: 3 })
  expect(await tell('POST', [b, a])).toEqual({ declared: 0 })
  expect((await server.get('/api/assets/distinct')).pairs).toHaveLength(3)
  expect(await tell('DELETE', [a, c])).toEqual({ takenBack: 1 })
  expect((await server.get(`/api/assets/distinct?asset=${a}`)).pairs).toEqual([[a, b].sort()])
  expect((await server.tell('POST', '/api/assets/distinct', { assets: [a, 'nosuch'] })).status).toBe(404)
  expect((await server.tell('POST', '/api/assets/distinct', { assets: [a] })).status).toBe(400)
})
