import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MemoryDriver, MemoryShelf } from './memory-driver.ts'

const text = 'x'.repeat(1000)

describe('the shelf', () => {
  it('never holds more bytes than it may, and counts them right, whatever is done with it', () => {
    const action = fc.oneof(
      fc.record({ set: fc.integer({ min: 0, max: 20 }), length: fc.integer({ min: 0, max: 4000 }) }),
      fc.record({ get: fc.integer({ min: 0, max: 20 }) }),
      fc.record({ remove: fc.integer({ min: 0, max: 20 }) }),
      fc.record({ bound: fc.integer({ min: 0, max: 20_000 }) }),
    )
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const shelf = new MemoryShelf(10_000)
        const never = { staleAt: Number.POSITIVE_INFINITY, expiresAt: Number.POSITIVE_INFINITY }
        for (const each of actions) {
          if ('set' in each) shelf.set(`key ${each.set}`, 'é'.repeat(each.length), never)
          else if ('get' in each) shelf.get(`key ${each.get}`)
          else if ('remove' in each) shelf.delete(`key ${each.remove}`)
          else shelf.maxBytes = each.bound
          expect(shelf.size.bytes).toBeLessThanOrEqual(shelf.maxBytes)
        }
        shelf.clear('')
        expect(shelf.size).toEqual({ entries: 0, bytes: 0 })
      }),
    )
  })

  it('lets the least recently used go first', () => {
    const shelf = new MemoryShelf(6000)
    const driver = new MemoryDriver({ shelf })
    for (const key of ['a', 'b', 'c']) driver.set(key, text)
    driver.get('a')
    driver.set('d', text)
    expect(['a', 'b', 'c', 'd'].filter((key) => driver.get(key) !== undefined)).toEqual(['a', 'c', 'd'])
    expect(shelf.evictions).toBe(1)
  })

  it('does not throw everything out for one entry that can not fit', () => {
    const shelf = new MemoryShelf(4000)
    const driver = new MemoryDriver({ shelf })
    driver.set('small', text)
    driver.set('giant', 'x'.repeat(10_000))
    expect(driver.get('small')).toBe(text)
    expect(driver.get('giant')).toBeUndefined()
  })

  it('tells once which entries were read', () => {
    const shelf = new MemoryShelf(100_000)
    const driver = new MemoryDriver({ shelf, prefix: 'probe' })
    for (const key of ['a', 'b', 'c']) driver.set(key, text)
    driver.get('c')
    driver.get('a')
    expect(shelf.takeUsed().sort()).toEqual(['probe:a', 'probe:c'])
    expect(shelf.takeUsed()).toEqual([])
  })
})

describe('the memory driver', () => {
  it('hides what is no longer fresh, unless nobody else can answer', () => {
    let isAlone = false
    const shelf = new MemoryShelf(100_000)
    const driver = new MemoryDriver({ shelf, freshMs: -1, isAlone: () => isAlone })
    driver.set('key', text, 60_000)
    expect(driver.get('key')).toBeUndefined()
    expect(driver.hasFound).toBe(false)
    isAlone = true
    expect(driver.get('key')).toBe(text)
    expect(driver.hasFound).toBe(true)
  })

  it('never shows what has expired', () => {
    const driver = new MemoryDriver({ shelf: new MemoryShelf(100_000), isAlone: () => true })
    driver.set('key', text, -1)
    expect(driver.get('key')).toBeUndefined()
  })

  it('opens an entry only at its first reading', () => {
    let opened = 0
    const open = (raw: string) => `${raw} opened ${++opened} times`
    const driver = new MemoryDriver({ shelf: new MemoryShelf(100_000), open })
    driver.set('key', 'text')
    expect([driver.get('key'), driver.get('key')]).toEqual(['text opened 1 times', 'text opened 1 times'])
  })
})
