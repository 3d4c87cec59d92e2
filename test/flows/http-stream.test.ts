import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { StreamRuns } from '../../src/http/stream-runs.ts'
import { makeFilm } from '../support/films.ts'
import { readMasterPlaylist, readMediaPlaylist } from '../support/hls.ts'
import { aFolder, aPhoto } from '../support/library.ts'
import { aServer, json, until } from '../support/server.ts'

const playlistType = 'application/vnd.apple.mpegurl'

/** A film that is made at once and takes a while to package: few frames, each shown for long. */
const long = { width: 640, height: 360, frameRate: 1, seconds: 10, timeOf: (frame: number) => frame * 30 }

/** A server that knows films, by their names. */
async function aServerWith(folder: string, films: Record<string, Parameters<typeof makeFilm>[1]>) {
  const root = join(folder, 'films')
  mkdirSync(root)
  for (const [name, recipe] of Object.entries(films)) await makeFilm(join(root, name), recipe)
  writeFileSync(join(root, 'photo.jpg'), await aPhoto(1))
  const server = await aServer(folder)
  await server.import(root)
  const { items } = await server.get('/api/assets')
  const idOf = (name: string): string =>
    items.find(({ locations }: { locations: { path: string }[] }) => locations.some(({ path }) => path.endsWith(name)))
      .asset
  const stream = (name: string, file: string) => `/api/assets/${idOf(name)}/stream/${file}`
  return Object.assign(server, { idOf, stream })
}

describe('the stream of a film', () => {
  const folder = aFolder()
  let server: Awaited<ReturnType<typeof aServerWith>>

  beforeAll(async () => {
    const films = { 'short.mp4': { seconds: 5, audio: 'aac' }, 'tiny.mp4': { seconds: 1 } }
    server = await aServerWith(folder.path, { ...films, 'long.mp4': long, 'other.mp4': { ...long, height: 320 } })
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  it('says what is wrong: with a name, with an asset, with what is no film', async () => {
    const photo = `/api/assets/${server.idOf('photo.jpg')}/stream`
    for (const name of ['..%2f..%2fcatalog.db', '%2e%2e', 'master.m3u8%00', 'a/b.mp4', 'MASTER.M3U8', 'x.txt']) {
      expect((await server.raw('GET', `${photo}/${name}`)).status).toBe(404)
    }
    expect((await server.ask(`/api/assets/${'0'.repeat(64)}/stream/master.m3u8`)).status).toBe(404)
    const answer = await server.ask(`${photo}/master.m3u8`)
    expect([answer.status, (await json(answer)).code]).toEqual([422, 'OPERATION_UNFIT'])
  })

  it('is made for whoever asks first, shared by all who ask meanwhile, and remembered', async () => {
    const ends = server.app.heard('operation.finished')
    const first = await Promise.all([1, 2, 3].map(() => server.ask(server.stream('short.mp4', 'master.m3u8'))))
    for (const answer of first) {
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, playlistType])
    }
    await until(() => ends.some(({ operation }) => operation === 'package'))
    expect(ends.filter(({ operation }) => operation === 'package').length).toBe(1)

    const kept = await server.ask(server.stream('short.mp4', 'master.m3u8'))
    expect(kept.headers.get('cache-control')).toContain('must-revalidate')
    const { variants, sound } = readMasterPlaylist(await kept.text())
    for (const { uri } of [...variants, ...sound]) {
      const list = readMediaPlaylist(await (await server.ask(server.stream('short.mp4', uri))).text())
      expect([list.type, list.isEnded]).toEqual(['VOD', true])
      const { offset, bytes } = list.entries[0] ?? { offset: 0, bytes: 0 }
      const headers = { range: `bytes=${offset}-${offset + bytes - 1}` }
      const part = await server.ask(server.stream('short.mp4', list.head.uri), { headers })
      expect([part.status, part.headers.get('content-type')]).toEqual([206, 'video/mp4'])
      const content = Buffer.from(await part.arrayBuffer())
      expect([content.length, content.toString('latin1', 4, 8)]).toEqual([bytes, 'moof'])
    }
    expect(ends.filter(({ operation }) => operation === 'package').length).toBe(1)
  })

  it('is made anew when its files have been taken away', async () => {
    const address = server.stream('tiny.mp4', 'master.m3u8')
    const first = await (await server.ask(address)).text()
    await until(async () => (await server.ask(address)).headers.get('cache-control') !== 'no-store')
    const ends = server.app.heard('operation.finished')
    await server.app.artifacts.sweep({ keep: () => false, olderThanMs: -1 } as never)
    expect(readMasterPlaylist(await (await server.ask(address)).text()).variants.length).toBe(
      readMasterPlaylist(first).variants.length,
    )
    await until(() => ends.length > 0)
    expect([...new Set(ends.map(({ operation }) => operation))]).toEqual(['package'])
  })

  it('grows while it is made, and is no more than what playlists name', async () => {
    const master = await server.ask(server.stream('long.mp4', 'master.m3u8'))
    expect([master.status, master.headers.get('cache-control')]).toEqual([200, 'no-store'])
    const list = readMediaPlaylist(await (await server.ask(server.stream('long.mp4', '240p.m3u8'))).text())
    expect([list.type, list.isEnded]).toEqual(['EVENT', false])
    expect(list.entries.length).toBeGreaterThan(0)
    for (const name of ['none.m3u8', 'none.mp4', '240p.m3u8.part']) {
      expect((await server.ask(server.stream('long.mp4', name))).status).toBe(404)
    }
  })

  it('refuses further films while as many are encoded as there are workers to spare', async () => {
    expect((await server.ask(server.stream('long.mp4', 'master.m3u8'))).status).toBe(200)
    const refused = await server.ask(server.stream('other.mp4', 'master.m3u8'))
    expect([refused.status, (await json(refused)).code]).toEqual([429, 'QUEUE_FULL'])
  })

  it('is given up when nobody asks any more, and leaves nothing', async () => {
    const asset = server.app.catalog.assets.find(server.idOf('other.mp4'))
    if (!asset) throw new Error('no asset')
    const runs = new StreamRuns(server.app, { idleMs: 100, yieldMs: 100 })
    const run = runs.of(asset)
    const master = await run.growing('master.m3u8', new AbortController().signal)
    expect(master).toMatch(/\.part\/master\.m3u8$/)
    expect(runs.of(asset)).toBe(run)
    await expect(run.files).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(existsSync(dirname(master ?? ''))).toBe(false)
    expect(runs.of(asset)).not.toBe(run)
    await runs.close()
  })
})
