import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MiB } from '../units.ts'
import { type CacheSettings, createCache, type ResultCache } from './cache.ts'
import { byCategory, type CategoryTraits, categories } from './categories.ts'

let folder: string
let file: string
const opened: ResultCache[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mediamill-cache-'))
  file = join(folder, 'cache', 'results.db')
})

afterEach(async () => {
  for (const cache of opened.splice(0)) await cache.close()
  rmSync(folder, { recursive: true, force: true })
})

function aCache(settings: Partial<CacheSettings> = {}): ResultCache {
  const onError = (error: Error) => {
    throw error
  }
  const cache = createCache({ file, l1Bytes: MiB, onError, ...settings })
  opened.push(cache)
  return cache
}

/** The category table with other lifetimes or budgets for all. */
const traits = (changes: Partial<CategoryTraits>) => byCategory((name) => ({ ...categories[name], ...changes }))

/** Makes the first tier take part, which it does only for those who ask more than a few times. */
const warmedUp = async (cache: ResultCache) => {
  await cache.delete('system', 'none')
  return cache
}

describe('a result', () => {
  it('is answered from memory by the process that kept it', async () => {
    const cache = aCache()
    await cache.set('probe', 'key', { width: 1920 })
    expect(await cache.get('probe', 'key')).toEqual({ value: { width: 1920 }, tier: 'l1' })
  })

  it('is answered from disk after a restart, and from memory from then on', async () => {
    await aCache().set('probe', 'key', { width: 1920 })
    const cache = await warmedUp(aCache())
    expect(await cache.get('probe', 'key')).toEqual({ value: { width: 1920 }, tier: 'l2' })
    expect(await cache.get('probe', 'key')).toEqual({ value: { width: 1920 }, tier: 'l1' })
  })

  it('moves to memory for who asks often, without being asked to', async () => {
    await aCache().set('probe', 'key', 1)
    const cache = aCache()
    await expect.poll(async () => (await cache.get('probe', 'key'))?.tier).toBe('l1')
  })

  it.each([[null], [false], [0], [''], [[]], ['text'], [{ deep: [{ list: [1, null] }] }]])(
    'may be %j',
    async (value) => {
      await aCache().set('analysis', 'key', value)
      expect(await aCache().get('analysis', 'key')).toEqual({ value, tier: 'l2' })
      expect(await (await warmedUp(aCache())).get('analysis', 'key')).toEqual({ value, tier: 'l2' })
    },
  )

  it('may not be undefined, which means that there is none', async () => {
    await expect(aCache().set('analysis', 'key', undefined)).rejects.toThrow('undefined')
  })

  it('is not changed by what its maker or its readers do to their objects', async () => {
    const cache = aCache()
    const made = { list: [1] }
    await cache.set('analysis', 'key', made)
    made.list.push(2)
    const read = (await cache.get('analysis', 'key'))?.value as { list: number[] }
    expect(() => read.list.push(3)).toThrow(TypeError)
    expect((await cache.get('analysis', 'key'))?.value).toEqual({ list: [1] })
  })

  it('belongs to its category', async () => {
    const cache = aCache()
    await cache.set('probe', 'key', 1)
    expect(await cache.get('quality', 'key')).toBeUndefined()
  })

  it('is replaced by a newer one, on disk too', async () => {
    const cache = aCache()
    await cache.set('probe', 'key', 'old')
    await cache.set('probe', 'key', 'new')
    expect((await cache.get('probe', 'key'))?.value).toBe('new')
    expect((await aCache().get('probe', 'key'))?.value).toBe('new')
  })
})

describe('lifetimes', () => {
  it('ask the disk again when the time in memory is over', async () => {
    const cache = aCache({ traits: traits({ l1Ms: 30 }) })
    await cache.set('analysis', 'key', 1)
    expect((await cache.get('analysis', 'key'))?.tier).toBe('l1')
    await sleep(40)
    expect((await cache.get('analysis', 'key'))?.tier).toBe('l2')
    expect((await cache.get('analysis', 'key'))?.tier).toBe('l1')
  })

  it('end on disk, for memory and for those who ask only once', async () => {
    const cache = aCache({ traits: traits({ l2Ms: 400 }) })
    await cache.set('analysis', 'key', 1)
    expect(await cache.get('analysis', 'key')).toBeDefined()
    await sleep(500)
    expect(await cache.get('analysis', 'key')).toBeUndefined()
    expect(await aCache().get('analysis', 'key')).toBeUndefined()
  })

  it('are not prolonged by moving from disk to memory', async () => {
    const settings = { traits: traits({ l2Ms: 200 }) }
    await aCache(settings).set('analysis', 'key', 1)
    const cache = await warmedUp(aCache(settings))
    await sleep(100)
    expect((await cache.get('analysis', 'key'))?.tier).toBe('l2')
    await sleep(120)
    expect(await cache.get('analysis', 'key')).toBeUndefined()
  })
})

describe('delete and invalidate', () => {
  it('forget one entry, in both tiers', async () => {
    const cache = aCache()
    await cache.set('probe', 'a', 1)
    await cache.set('probe', 'b', 2)
    await cache.delete('probe', 'a')
    for (const each of [cache, aCache()]) {
      expect(await each.get('probe', 'a')).toBeUndefined()
      expect((await each.get('probe', 'b'))?.value).toBe(2)
    }
  })

  it('forget a category, in both tiers, and leave the others', async () => {
    const cache = aCache()
    await cache.set('probe', 'key', 1)
    await cache.set('quality', 'key', 2)
    await cache.invalidate('probe')
    for (const each of [cache, aCache()]) {
      expect(await each.get('probe', 'key')).toBeUndefined()
      expect((await each.get('quality', 'key'))?.value).toBe(2)
    }
  })

  it('forget everything, in both tiers', async () => {
    const cache = aCache()
    await cache.set('probe', 'key', 1)
    await cache.set('quality', 'key', 2)
    await cache.invalidate('all')
    for (const each of [cache, aCache()]) {
      expect(await each.get('probe', 'key')).toBeUndefined()
      expect(await each.get('quality', 'key')).toBeUndefined()
    }
  })
})

describe('statistics', () => {
  it('count hits by tier, misses, entries and bytes of each category', async () => {
    await aCache().set('probe', 'key', 'x'.repeat(1000))
    const cache = await warmedUp(aCache())
    await cache.get('probe', 'key')
    await cache.get('probe', 'key')
    await cache.get('probe', 'key')
    await cache.get('probe', 'none')
    const { categories: found, l1 } = await cache.statistics()
    expect(found.probe).toMatchObject({ entries: 1, l1Hits: 2, l2Hits: 1, misses: 1, evictions: 0 })
    expect(found.probe.bytes).toBeGreaterThan(1000)
    expect(found.quality).toEqual({ entries: 0, bytes: 0, l1Hits: 0, l2Hits: 0, misses: 0, evictions: 0 })
    expect(l1).toMatchObject({ entries: 1, maxBytes: MiB, evictions: 0 })
  })

  it('show that memory is held below its bound, also below a new one', async () => {
    const cache = aCache({ l1Bytes: 100_000 })
    for (let index = 0; index < 300; index++) await cache.set('analysis', `${index}`, 'x'.repeat(1000))
    const full = (await cache.statistics()).l1
    expect(full.bytes).toBeLessThanOrEqual(100_000)
    expect(full.evictions).toBeGreaterThan(200)
    cache.l1Bytes = 10_000
    expect((await cache.statistics()).l1.bytes).toBeLessThanOrEqual(10_000)
    expect((await cache.get('analysis', '0'))?.tier).toBe('l2')
  })

  it('work without memory', async () => {
    const cache = aCache({ l1Bytes: 0 })
    await cache.set('probe', 'key', 1)
    expect(await cache.get('probe', 'key')).toEqual({ value: 1, tier: 'l2' })
  })
})

describe('trim', () => {
  const artifact = (name: string) => ({ id: name.repeat(64), bytes: 1000 })

  it('holds each category to its budget, least recently used first, artifacts counted', async () => {
    const cache = aCache({ traits: traits({ budgetBytes: 2500 }) })
    for (const key of ['a', 'b', 'c']) {
      await cache.set('thumbnail', key, {}, [artifact(key)])
      await sleep(2)
    }
    await cache.set('probe', 'small', {})
    // Memory answers this one, and the file has to learn of it.
    await cache.get('thumbnail', 'a')
    await sleep(2)
    expect(await cache.heldArtifacts()).toEqual(new Set(['a'.repeat(64), 'b'.repeat(64), 'c'.repeat(64)]))
    expect(await cache.trim()).toEqual({ expired: 0, evicted: 1 })
    expect(await cache.heldArtifacts()).toEqual(new Set(['a'.repeat(64), 'c'.repeat(64)]))
    expect(await cache.get('thumbnail', 'b')).toBeUndefined()
    expect(await cache.get('thumbnail', 'a')).toBeDefined()
    expect(await cache.get('probe', 'small')).toBeDefined()
    expect((await cache.statistics()).categories.thumbnail).toMatchObject({ entries: 2, evictions: 1 })
  })

  it('removes what has expired', async () => {
    const cache = aCache({ traits: traits({ l2Ms: 5 }) })
    await cache.set('probe', 'key', 1)
    await sleep(10)
    expect(await cache.trim()).toEqual({ expired: 1, evicted: 0 })
    expect((await cache.statistics()).categories.probe.entries).toBe(0)
  })

  it('finds nothing to do in an empty cache', async () => {
    expect(await aCache().trim()).toEqual({ expired: 0, evicted: 0 })
  })
})

describe('starting and closing', () => {
  it('touches no file before the first use', () => {
    aCache()
    expect(existsSync(join(folder, 'cache'))).toBe(false)
  })

  it('answers one question from disk without loading bentocache', async () => {
    await aCache().set('probe', 'key', 'remembered')
    const script = fileURLToPath(new URL('../../test/contracts/cache-one-read.ts', import.meta.url))
    const read = async (times: string) => {
      const { stdout } = await promisify(execFile)(process.execPath, [script, file, times])
      return JSON.parse(stdout) as { values: unknown[]; hasLoadedBentocache: boolean }
    }
    expect(await read('1')).toEqual({ values: ['remembered'], hasLoadedBentocache: false })
    // The proof that the probe can see it.
    expect((await read('20')).hasLoadedBentocache).toBe(true)
  })

  it('finds nothing once it is closed, and fails nobody', async () => {
    const cache = aCache()
    await cache.set('probe', 'key', 1)
    await cache.close()
    await cache.close()
    expect(await cache.get('probe', 'key')).toBeUndefined()
    await cache.set('probe', 'key', 2)
  })
})
