import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { aFolder } from '../../test/support/library.ts'
import { openCatalog } from './catalog.ts'

describe('assets declared to be no duplicates', () => {
  it('are kept as pairs, the smaller id first, through a restart', () => {
    using folder = aFolder()
    const file = join(folder.path, 'catalog.db')
    const catalog = openCatalog(file)
    expect(catalog.distinct.add(['cc', 'aa', 'bb', 'aa'])).toBe(3)
    expect(catalog.distinct.add(['bb', 'aa'])).toBe(0)
    catalog.close()

    const again = openCatalog(file)
    expect(again.distinct.list()).toEqual([
      ['aa', 'bb'],
      ['aa', 'cc'],
      ['bb', 'cc'],
    ])
    expect(again.distinct.list('aa')).toHaveLength(2)
    expect(again.distinct.list('zz')).toEqual([])
    again.close()
  })

  it('can be taken back, by pairs, whatever the order', () => {
    using folder = aFolder()
    const catalog = openCatalog(join(folder.path, 'catalog.db'))
    catalog.distinct.add(['aa', 'bb', 'cc'])
    expect(catalog.distinct.remove(['cc', 'aa'])).toBe(1)
    expect(catalog.distinct.remove(['cc', 'aa'])).toBe(0)
    expect(catalog.distinct.list()).toEqual([
      ['aa', 'bb'],
      ['bb', 'cc'],
    ])
    catalog.close()
  })

  it('need two different ones', () => {
    using folder = aFolder()
    const catalog = openCatalog(join(folder.path, 'catalog.db'))
    expect([catalog.distinct.add([]), catalog.distinct.add(['aa']), catalog.distinct.add(['aa', 'aa'])]).toEqual([
      0, 0, 0,
    ])
    expect(catalog.distinct.list()).toEqual([])
    catalog.close()
  })
})
