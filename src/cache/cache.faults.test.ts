import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { chmod, mkdir, open, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { asOrdinaryUser, canLimitDisk, runOnSmallDisk } from '../../test/contracts/cache-faults.ts'
import { MediaError } from '../errors.ts'
import { MiB } from '../units.ts'
import { createCache, type ResultCache } from './cache.ts'

let folder: string
let file: string
let errors: Error[]
const opened: ResultCache[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mediamill-faults-'))
  file = join(folder, 'cache', 'results.db')
  errors = []
})

afterEach(async () => {
  for (const cache of opened.splice(0)) await cache.close()
  rmSync(folder, { recursive: true, force: true })
})

function aCache(): ResultCache {
  const cache = createCache({ file, l1Bytes: MiB, onError: (error) => errors.push(error) })
  opened.push(cache)
  return cache
}

/** Waits until the cache has healed by itself: nobody but the health check asks anything of it. */
const healed = (cache: ResultCache) => expect.poll(() => cache.health(), { timeout: 20_000 }).toEqual({ l2: 'ok' })

/** Whether another process would find the value. */
const isOnDisk = async (key: string) => (await aCache().get('probe', key)) !== undefined

/** Overwrites all that is there with noise, in place, as a bad disk does. */
async function damage(path: string) {
  const handle = await open(path, 'r+')
  await handle.write(randomBytes(statSync(path).size), 0, undefined, 0)
  await handle.close()
}

describe('a damaged cache file', () => {
  it.each([
    ['noise', () => damage(file)],
    ['another kind of file', () => writeFile(file, 'holiday pictures '.repeat(1000))],
    ['the first half of itself', () => truncate(file, Math.floor(statSync(file).size / 8192) * 4096)],
  ])('is set aside at the start when it is %s, and made anew', async (_name, ruin) => {
    const before = aCache()
    for (let index = 0; index < 200; index++) await before.set('probe', `key ${index}`, 'x'.repeat(500))
    await before.close()
    await ruin()
    const ruined = readFileSync(file)

    const cache = aCache()
    expect(await cache.get('probe', 'key 0')).toBeUndefined()
    await cache.set('probe', 'new', 1)
    expect(cache.health()).toEqual({ l2: 'ok' })
    expect(await isOnDisk('new')).toBe(true)
    expect(readFileSync(`${file}.damaged`).equals(ruined)).toBe(true)
    expect(errors).toHaveLength(1)
    expect(errors[0]).toBeInstanceOf(MediaError)
  })

  it('is set aside when it is of another release', async () => {
    await mkdir(join(folder, 'cache'))
    const stranger = new DatabaseSync(file)
    stranger.exec('CREATE TABLE entries (other TEXT); PRAGMA user_version = 99')
    stranger.close()
    const cache = aCache()
    await cache.set('probe', 'key', 1)
    expect(await isOnDisk('key')).toBe(true)
  })

  it('is noticed while it is in use: memory goes on, and the file is made anew', async () => {
    const cache = aCache()
    // More than SQLite keeps in memory, or it would not notice.
    for (let index = 0; index < 1500; index++) await cache.set('analysis', `key ${index}`, 'x'.repeat(4000))
    await cache.set('probe', 'hot', 1)
    await damage(file)
    await damage(`${file}-wal`)
    expect(await cache.get('probe', 'hot')).toEqual({ value: 1, tier: 'l1' })
    for (let index = 0; index < 1500; index++) await cache.get('analysis', `key ${index}`)
    await cache.set('probe', 'after', 2)
    await healed(cache)
    expect(await cache.get('probe', 'hot')).toEqual({ value: 1, tier: 'l1' })
    expect(await isOnDisk('after')).toBe(true)
    expect(errors.length).toBeGreaterThan(0)
  })
})

describe('a cache folder that is taken away', () => {
  it('is made anew while the cache is in use', async () => {
    const cache = aCache()
    await cache.set('probe', 'before', 1)
    await rm(join(folder, 'cache'), { recursive: true })
    let count = 0
    await expect
      .poll(async () => {
        await cache.set('probe', `after ${++count}`, 2)
        return await isOnDisk(`after ${count}`)
      })
      .toBe(true)
    expect(await cache.get('probe', 'before')).toEqual({ value: 1, tier: 'l1' })
    expect(errors).toEqual([])
  })

  it('and can not be made anew leaves the cache in memory until it can', async () => {
    const cache = aCache()
    await cache.set('probe', 'before', 1)
    await rename(join(folder, 'cache'), join(folder, 'away'))
    await writeFile(join(folder, 'cache'), 'a file where the folder was')
    await expect
      .poll(async () => {
        await cache.set('probe', 'meanwhile', 2)
        return cache.health()
      })
      .toMatchObject({ l2: 'down', reason: expect.stringMatching(/./) })
    expect(await cache.get('probe', 'before')).toEqual({ value: 1, tier: 'l1' })
    expect(await cache.get('probe', 'meanwhile')).toEqual({ value: 2, tier: 'l1' })
    expect(await cache.get('probe', 'never')).toBeUndefined()
    expect(await cache.trim()).toEqual({ expired: 0, evicted: 0 })
    expect(await cache.heldArtifacts()).toBeUndefined()
    expect((await cache.statistics()).categories.probe.entries).toBe(0)

    await rm(join(folder, 'cache'))
    await rename(join(folder, 'away'), join(folder, 'cache'))
    await healed(cache)
    await cache.set('probe', 'after', 3)
    expect(await isOnDisk('after')).toBe(true)
    expect(await isOnDisk('before')).toBe(true)
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatchObject({ code: 'DATA_UNUSABLE' })
    expect(errors[0]?.message).not.toContain('\n')
  })

  it('brings nothing back that was forgotten or replaced meanwhile', async () => {
    const cache = aCache()
    for (const key of ['deleted', 'replaced', 'kept']) await cache.set('probe', key, 'old')
    await cache.set('quality', 'invalidated', 'old')
    await rename(join(folder, 'cache'), join(folder, 'away'))
    await writeFile(join(folder, 'cache'), '')
    await expect
      .poll(async () => {
        await cache.set('probe', 'replaced', 'new')
        return cache.health().l2
      })
      .toBe('down')
    await cache.delete('probe', 'deleted')
    await cache.invalidate('quality')
    await rm(join(folder, 'cache'))
    await rename(join(folder, 'away'), join(folder, 'cache'))
    await healed(cache)
    cache.l1Bytes = 0
    expect(await cache.get('probe', 'deleted')).toBeUndefined()
    expect(await cache.get('probe', 'replaced')).toBeUndefined()
    expect(await cache.get('quality', 'invalidated')).toBeUndefined()
    expect((await cache.get('probe', 'kept'))?.value).toBe('old')
  })
})

describe('a folder in which nothing may be written', () => {
  it('leaves the cache in memory, and is used as soon as it may be', async () => {
    await chmod(folder, 0o555)
    const cache = aCache()
    await asOrdinaryUser(async () => {
      await cache.set('probe', 'key', 1)
      expect(await cache.get('probe', 'key')).toEqual({ value: 1, tier: 'l1' })
      expect(cache.health()).toEqual({ l2: 'down', reason: 'this user may not write there' })
    })
    await chmod(folder, 0o777)
    await asOrdinaryUser(async () => {
      await healed(cache)
      await cache.set('probe', 'later', 2)
      expect(await isOnDisk('later')).toBe(true)
    })
    expect(errors).toHaveLength(1)
  })
})

describe('a file that another process holds', () => {
  it('is still read while the other writes, and written again afterwards', async () => {
    const cache = aCache()
    await cache.set('probe', 'before', 1)
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    await cache.set('probe', 'meanwhile', 2)
    expect(cache.health()).toEqual({ l2: 'down', reason: 'another process holds it' })
    cache.l1Bytes = 0
    expect(await cache.get('probe', 'before')).toEqual({ value: 1, tier: 'l2' })
    other.exec('ROLLBACK')
    other.close()
    await healed(cache)
    await cache.set('probe', 'after', 3)
    expect(await isOnDisk('after')).toBe(true)
    expect(errors).toHaveLength(1)
  })

  it('does not show what was forgotten while it could not be written', async () => {
    const cache = aCache()
    for (const key of ['deleted', 'kept']) await cache.set('probe', key, 1)
    await cache.set('quality', 'invalidated', 1)
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    await cache.delete('probe', 'deleted')
    await cache.invalidate('quality')
    cache.l1Bytes = 0
    expect(await cache.get('probe', 'deleted')).toBeUndefined()
    expect(await cache.get('quality', 'invalidated')).toBeUndefined()
    expect(await cache.get('probe', 'kept')).toEqual({ value: 1, tier: 'l2' })
    other.exec('ROLLBACK')
    other.close()
    await healed(cache)
    expect(await isOnDisk('deleted')).toBe(false)
  })

  it('leaves the cache in memory while nobody else may even read', async () => {
    await mkdir(join(folder, 'cache'))
    const other = new DatabaseSync(file)
    other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE mine (x); COMMIT; BEGIN EXCLUSIVE')
    const cache = aCache()
    await cache.set('probe', 'key', 1)
    expect(cache.health().l2).toBe('down')
    expect(await cache.get('probe', 'key')).toEqual({ value: 1, tier: 'l1' })
    other.exec('ROLLBACK')
    other.close()
    await healed(cache)
  })
})

describe('a full disk', () => {
  it.skipIf(!canLimitDisk)(
    'stops new entries only: what is there is read, and writing goes on when there is room',
    async () => {
      const script = fileURLToPath(new URL('../../test/contracts/cache-full-disk.ts', import.meta.url))
      const { lines } = await runOnSmallDisk(script, [])
      const [full, cleared] = lines
      expect(full).toMatchObject({
        event: 'full',
        health: { l2: 'down', reason: 'the disk is full' },
        inMemory: { value: 'last', tier: 'l1' },
        onDisk: { value: 'first', tier: 'l2' },
        errors: 1,
      })
      expect(cleared).toMatchObject({
        event: 'room again',
        health: { l2: 'ok' },
        afterRestart: { value: 'later', tier: 'l2' },
      })
    },
  )
})
