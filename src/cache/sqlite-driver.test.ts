import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SqliteDriver } from './sqlite-driver.ts'
import { SqliteGuard } from './sqlite-guard.ts'
import { artifactsOf, evict, prune, spacesOf, touchAll } from './sqlite-upkeep.ts'

let folder: string
let guard: SqliteGuard
let driver: SqliteDriver

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mediamill-sqlite-'))
  guard = new SqliteGuard(join(folder, 'cache.db'))
  driver = new SqliteDriver({ guard, prefix: 'probe', touchAfterMs: 0 })
})

afterEach(() => {
  guard.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Sets keys one after the other, each at a later millisecond. */
async function setInOrder(keys: readonly string[]) {
  for (const key of keys) {
    await driver.set(key, 'x'.repeat(100))
    await sleep(2)
  }
}

const there = async (keys: readonly string[]) => {
  const found: string[] = []
  for (const key of keys) if ((await driver.get(key)) !== undefined) found.push(key)
  return found
}

describe('the sqlite driver', () => {
  it('keeps entries when the file is closed and opened again', async () => {
    await driver.set('key', 'välue')
    guard.close()
    guard = new SqliteGuard(join(folder, 'cache.db'))
    expect(await new SqliteDriver({ guard, prefix: 'probe' }).get('key')).toBe('välue')
  })

  it('lets two processes write one file', async () => {
    const other = new SqliteGuard(join(folder, 'cache.db'))
    await driver.set('key', 'first')
    await new SqliteDriver({ guard: other, prefix: 'probe' }).set('key', 'second')
    expect(await driver.get('key')).toBe('second')
    other.close()
  })

  it('removes many thousand entries by clear', async () => {
    guard.run('write', ({ transaction, statements }) =>
      transaction(() => {
        for (let index = 0; index < 3500; index++) {
          statements.write.run(`probe:${index}`, 'probe', '', 10, null, 0, null)
        }
      }),
    )
    await new SqliteDriver({ guard, prefix: 'probes' }).set('key', 'stays')
    await driver.clear()
    expect(spacesOf(guard).get('probe')).toEqual({ entries: 0, bytes: 0 })
    expect(await new SqliteDriver({ guard }).get('probes:key')).toBe('stays')
  })
})

describe('the count of room', () => {
  it('follows every write, replacement and removal', async () => {
    const size = () => spacesOf(guard).get('probe')
    await driver.set('a', '12345')
    await driver.set('b', 'é')
    expect(size()).toEqual({ entries: 2, bytes: 'probe:a'.length + 5 + 'probe:b'.length + 2 })
    await driver.set('a', '1')
    expect(size()).toEqual({ entries: 2, bytes: 'probe:a'.length + 1 + 'probe:b'.length + 2 })
    await driver.namespace('inner').set('c', '')
    expect(size()?.entries).toBe(3)
    await driver.deleteMany(['a', 'b', 'inner:c'])
    expect(size()).toEqual({ entries: 0, bytes: 0 })
  })

  it('counts artifacts with the entry that they belong to', async () => {
    const attachments = new Map([['probe:a', { ids: ['one', 'two'], bytes: 5000 }]])
    await new SqliteDriver({ guard, prefix: 'probe', attachments }).set('a', '')
    await driver.set('b', '')
    expect(spacesOf(guard).get('probe')?.bytes).toBe(5000 + 2 * 'probe:a'.length)
    expect(await artifactsOf(guard)).toEqual(new Set(['one', 'two']))
    await driver.set('a', '')
    expect(spacesOf(guard).get('probe')?.bytes).toBe(2 * 'probe:a'.length)
    expect(await artifactsOf(guard)).toEqual(new Set())
  })

  it('names the artifacts of many thousand entries', async () => {
    const ids = Array.from({ length: 1700 }, (_, index) => `id-${index}`)
    const attachments = new Map(ids.map((id) => [`probe:${id}`, { ids: [id, 'shared'], bytes: 1 }]))
    const attaching = new SqliteDriver({ guard, prefix: 'probe', attachments })
    for (const id of ids) await attaching.set(id, '')
    expect(await artifactsOf(guard)).toEqual(new Set([...ids, 'shared']))
  })
})

describe('evict', () => {
  const entryBytes = 'probe:a'.length + 100

  it('removes the least recently used until the rest fits', async () => {
    await setInOrder(['a', 'b', 'c', 'd'])
    await driver.get('a')
    expect(await evict(guard, 'probe', 2 * entryBytes)).toEqual(['probe:b', 'probe:c'])
    expect(await there(['a', 'b', 'c', 'd'])).toEqual(['a', 'd'])
  })

  it('takes entries that were touched from outside as used', async () => {
    await setInOrder(['a', 'b', 'c'])
    await touchAll(guard, ['probe:a', 'probe:unknown'])
    expect(await evict(guard, 'probe', 2 * entryBytes)).toEqual(['probe:b'])
  })

  it('writes the time of use at most once in the agreed span', async () => {
    await setInOrder(['a', 'b'])
    await new SqliteDriver({ guard, prefix: 'probe', touchAfterMs: 60_000 }).get('a')
    expect(await evict(guard, 'probe', entryBytes)).toEqual(['probe:a'])
  })

  it('leaves what fits, and other namespaces, alone', async () => {
    await setInOrder(['a', 'b'])
    await new SqliteDriver({ guard, prefix: 'other' }).set('key', 'x'.repeat(10_000))
    expect(await evict(guard, 'probe', 2 * entryBytes)).toEqual([])
    expect(spacesOf(guard).get('other')?.entries).toBe(1)
  })

  it('empties a namespace of several thousand entries', async () => {
    for (let index = 0; index < 1300; index++) await driver.set(`${index}`, '')
    expect(await evict(guard, 'probe', 0)).toHaveLength(1300)
    expect(spacesOf(guard).get('probe')).toEqual({ entries: 0, bytes: 0 })
  })
})

describe('prune', () => {
  it('removes what has expired and nothing else', async () => {
    await driver.set('short', '', 1)
    await driver.set('long', '', 60_000)
    await driver.set('endless', '')
    await sleep(5)
    expect(await prune(guard)).toBe(1)
    expect(await there(['short', 'long', 'endless'])).toEqual(['long', 'endless'])
    expect(spacesOf(guard).get('probe')?.entries).toBe(2)
  })
})
