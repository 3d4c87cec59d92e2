import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { aFolder } from '../../test/support/library.ts'
import { type AssetFilter, assetOrders } from './assets.ts'
import { openCatalog } from './catalog.ts'
import { migrations } from './migrations.ts'

const idOf = (n: number) => n.toString(16).padStart(64, '0')

function aCatalog(assets = 0) {
  const file = join(aFolder().path, 'catalog.db')
  const catalog = openCatalog(file)
  const { id: collection } = catalog.collections.ensure('/photos')
  const place = (n: number, folder = '', inode = n, at = collection) =>
    catalog.locations.put({
      ...{ collection: at, folder, name: `${n}.jpg`, asset: idOf(n), bytes: n, mtimeMs: 1, inode, state: 'done' },
      ...{ recipe: 'r', tasks: 1, failures: [], job: null },
    })
  const add = (n: number) => {
    catalog.assets.put({
      ...{ id: idOf(n), pixelId: idOf(n), kind: n % 3 ? 'picture' : 'film', format: n % 3 ? 'jpeg' : 'mp4' },
      ...{
        bytes: n % 50,
        width: 1,
        height: 1,
        durationMs: null,
        originMs: null,
        camera: null,
        title: null,
        rating: n % 6,
      },
      ...{ takenAt: n % 4 ? `20${10 + (n % 20)}-01-01` : null, latitude: null, longitude: null, decodedBytes: 1 },
    })
    return place(n)
  }
  for (let n = 1; n <= assets; n++) add(n)
  const total = (filter: AssetFilter = {}) => catalog.assets.list(filter, 'added', 1).total
  return { file, catalog, collection, place, add, total }
}

describe('a list of assets', () => {
  it('loses and doubles nothing in any order or filter while assets are added', async () => {
    const { catalog, collection, add } = aCatalog()
    await catalog.write(() => Array.from({ length: 1000 }, (_, n) => add(n + 1)))
    let added = 1000
    for (const filter of [{}, { kind: 'film' }, { format: 'jpeg' }, { collection }, { minRating: 3 }]) {
      for (const order of assetOrders) {
        const before = catalog.assets.list(filter, order, 10_000)
        expect(before.total).toBe(before.items.length)
        const seen: string[] = []
        for (let cursor: string | undefined; ; ) {
          const page = catalog.assets.list(filter, order, 90, cursor)
          seen.push(...page.items.map(({ id }) => id))
          expect(page.total).toBe(before.total)
          if (page.next === null) break
          cursor = page.next
          add(++added)
        }
        expect(new Set(seen).size).toBe(seen.length)
        const old = new Set(before.items.map(({ id }) => id))
        expect(seen.filter((id) => old.has(id))).toEqual(before.items.map(({ id }) => id))
      }
    }
  })

  it('counts what lies somewhere: missing, back, moved, twice, removed', () => {
    const { catalog, collection, place, total } = aCatalog(10)
    expect([total(), total({ collection }), total({ kind: 'film' })]).toEqual([10, 10, 3])
    catalog.locations.markMissing(collection, '', '3.jpg')
    expect([total(), total({ collection }), total({ kind: 'film' })]).toEqual([9, 9, 2])
    place(3)
    place(3, 'copy')
    expect([total(), catalog.locations.countAssets(collection)]).toEqual([10, 10])
    catalog.locations.markMissing(collection, '')
    expect([total(), total({ collection })]).toEqual([1, 1])
    catalog.collections.remove(collection)
    expect([total(), total({ collection })]).toEqual([0, 0])
  })
})

it('reads inodes from 2^53 on', () => {
  const { catalog, collection, place } = aCatalog()
  place(1, '', 2 ** 63)
  expect(catalog.locations.inFolder(collection, '')[0]?.inode).toBe(2 ** 63)
})

it('forgets the jobs with their collection, and gives no number twice', () => {
  const { catalog, collection, add, place } = aCatalog()
  const location = add(1)
  const job = catalog.ledger.begin({ id: 'j', kind: 'import', collection, params: {}, owner: 'me' })
  const task = { location, step: 'identify', state: 'done', code: null, message: null, durationMs: 1 } as const
  catalog.ledger.putTask({ job: job.number, ...task })
  catalog.collections.remove(collection)
  expect([catalog.ledger.find('j'), catalog.ledger.tasks(job.number, { limit: 9 })]).toEqual([undefined, []])
  const { id } = catalog.collections.ensure('/others')
  expect(place(1, '', 1, id)).toBeGreaterThan(location)
  expect(catalog.collections.summary(id)).toMatchObject({ assets: 1, bytes: 1, failed: 0 })
})

it('knows which artifacts results refer to', () => {
  const { results } = aCatalog().catalog
  const put = (key: string, ...ids: string[]) =>
    results.put({
      ...{ key, subject: 's', operation: 'thumbnail', version: 1, params: '{}', result: {}, durationMs: 1 },
      artifacts: ids.map((id) => ({ role: 'r', id, format: 'webp', bytes: 1 })),
    })
  put('a', 'x', 'y', 'x')
  put('b', 'y')
  put('a', 'z')
  expect(['x', 'y', 'z'].map(results.refersTo)).toEqual([false, true, true])
  results.drop('b')
  expect(['x', 'y', 'z'].map(results.refersTo)).toEqual([false, false, true])
})

it('opens its file again as it is, and refuses one of a newer version', () => {
  const { file, catalog } = aCatalog(2)
  catalog.close()
  const again = openCatalog(file)
  expect(again.assets.list({}, 'added', 9).total).toBe(2)
  again.close()
  const db = new DatabaseSync(file)
  db.exec('PRAGMA user_version = 99')
  db.close()
  expect(() => openCatalog(file)).toThrow(expect.objectContaining({ code: 'DATA_UNUSABLE' }))
})

it('has pictures that move and films looked at again, of which an older version did not find out as much', () => {
  const file = join(aFolder().path, 'catalog.db')
  const old = new DatabaseSync(file)
  for (const step of migrations.slice(0, 2)) old.exec(step)
  old.exec(`
    PRAGMA user_version = 2;
    INSERT INTO collections (id, name, root, createdAt) VALUES ('c', 'photos', '/photos', 1);`)
  for (const [id, kind, durationMs] of [
    ['film', 'film', 900],
    ['photo', 'picture', null],
    ['moving', 'picture', 900],
  ]) {
    old.exec(`
      INSERT INTO assets (id, pixelId, kind, format, bytes, durationMs, decodedBytes, addedAt)
      VALUES ('${id}', 'p', '${kind}', 'f', 1, ${durationMs}, 1, 1);
      INSERT INTO locations (collection, folder, name, asset, bytes, mtimeMs, inode, state, recipe)
      VALUES ('c', '', '${id}', '${id}', 1, 1, 1, 'done', 'r')`)
  }
  old.close()
  const { locations, close } = openCatalog(file)
  const recipes = ['film', 'photo', 'moving'].map((name) => locations.find('c', '', name)?.recipe)
  expect(recipes).toEqual(['', 'r', ''])
  close()
})
