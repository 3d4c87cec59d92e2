/**
 * Runs bentocache's own suite for drivers over one of ours, named by the first argument, and prints a line of JSON for
 * each case. It is made for japa, so it runs in a process of its own; cache-drivers.test.ts shows its cases in vitest.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assert } from '@japa/assert'
import { configure, run, test } from '@japa/runner'
import { registerCacheDriverTestSuite } from 'bentocache/test_suite'
import type { CacheDriverOptions } from 'bentocache/types'
import { MemoryDriver, MemoryShelf } from '../../src/cache/memory-driver.ts'
import { SqliteDriver } from '../../src/cache/sqlite-driver.ts'
import { SqliteGuard } from '../../src/cache/sqlite-guard.ts'

const folder = mkdtempSync(join(tmpdir(), 'mediamill-driver-'))
const shelf = new MemoryShelf(1024 * 1024)

/** All drivers of a suite share their file or memory, as it asks that one's `clear` leaves the others alone. */
const drivers = {
  memory: ({ prefix = 'suite' }: CacheDriverOptions = {}) => new MemoryDriver({ shelf, prefix }),
  sqlite: ({ prefix = 'suite' }: CacheDriverOptions = {}) =>
    new SqliteDriver({ guard: new SqliteGuard(join(folder, 'cache.db')), prefix }),
}

const name = process.argv[2] === 'memory' ? 'memory' : 'sqlite'

configure({
  files: () => [new URL(import.meta.url)],
  importer: () => {
    test.group(name, (group) => {
      registerCacheDriverTestSuite({ test, group, createDriver: drivers[name] })
    })
  },
  plugins: [assert()],
  reporters: {
    activated: ['lines'],
    list: [
      {
        name: 'lines',
        handler: (_runner, emitter) => {
          emitter.on('test:end', ({ title, errors }) => {
            const messages = errors.map(({ error }) => String(error.message))
            console.log(JSON.stringify({ title: title.expanded, errors: messages }))
          })
        },
      },
    ],
  },
  teardown: [() => rmSync(folder, { recursive: true, force: true })],
})

await run()
