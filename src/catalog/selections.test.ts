import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { aFolder } from '../../test/support/library.ts'
import { openCatalog } from './catalog.ts'

/** A catalog of `count` files in folders of ten; every fifth is a PNG, and every file but the last also lies in `copies`. */
function aCatalog(folder: string, count: number) {
  const catalog = openCatalog(join(folder, 'catalog.db'))
  const photos = catalog.collections.ensure('/photos').id
  const copies = catalog.collections.ensure('/copies').id
  for (let at = 0; at < count; at++) {
    const id = at.toString(16).padStart(64, '0')
    const facts = {
      width: 1,
      height: 1,
      durationMs: null,
      originMs: null,
      takenAt: null,
      camera: null,
      title: null,
      rating: null,
    }
    const place = { latitude: null, longitude: null, decodedBytes: 1 }
    const format = at % 5 === 0 ? 'png' : 'jpeg'
    catalog.assets.put({ id, pixelId: id, kind: 'picture', format, bytes: at, ...facts, ...place })
    for (const collection of at === count - 1 ? [photos] : [photos, copies]) {
      const stats = { bytes: at, mtimeMs: 0, inode: 1, state: 'done', recipe: '', tasks: 1, failures: [] } as const
      const where = { collection, folder: `f${Math.floor(at / 10)}`, name: `${at}.x`, asset: id }
      catalog.locations.put({ ...where, ...stats, job: null })
    }
  }
  const { number } = catalog.ledger.begin({ id: 'j', kind: 'run', collection: photos, params: {}, owner: '1@1' })
  return { catalog, photos, number, [Symbol.dispose]: () => catalog.close() }
}

describe('a selection', () => {
  it('is read page by page, each file once, without those that the job has done', () => {
    using folder = aFolder()
    using given = aCatalog(folder.path, 45)
    const { catalog, photos, number } = given
    const task = { job: number, step: 'x', state: 'done', code: null, message: null, durationMs: null } as const
    const all = [...catalog.selections.each({ collection: photos }, ['picture'])]
    for (const { location } of all.slice(0, 5)) catalog.ledger.putTask({ ...task, location })
    const seen: string[] = []
    for (let after = 0, isLast = false; !isLast; ) {
      const page = catalog.selections.page({ collection: photos }, ['picture'], { job: number, after, limit: 7 })
      seen.push(...page.map(({ name }) => name))
      after = page.at(-1)?.location ?? after
      isLast = page.length < 7
    }
    expect(seen).toEqual(all.slice(5).map(({ name }) => name))
    const counted = catalog.selections.counted({ collection: photos }, ['picture'], {
      job: number,
      after: 0,
      limit: 100,
    })
    expect([counted.length, counted.filter(({ isDue }) => isDue).length]).toEqual([45, 40])
  })

  it('is narrowed by folder, filter, kind and assets', () => {
    using folder = aFolder()
    using given = aCatalog(folder.path, 45)
    const { catalog, photos } = given
    const count = (selection: object, kinds = ['picture']) => [...catalog.selections.each(selection, kinds)].length
    expect(count({ collection: photos, folder: 'f1' })).toBe(10)
    expect(count({ collection: photos, folder: 'f' })).toBe(0)
    expect(count({ collection: photos, filter: { format: 'png' } })).toBe(9)
    expect(count({ collection: photos }, ['film'])).toBe(0)
    const assets = ['0'.repeat(64), (44).toString(16).padStart(64, '0')]
    expect(count({ assets })).toBe(3)
    expect(count({ collection: photos, assets })).toBe(2)
    expect([...catalog.selections.sizes({ collection: photos }, ['picture'], 'png')]).toHaveLength(9)
  })
})
