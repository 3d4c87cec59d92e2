/** Child process of the cache tests: fills the disk of the given folder below a cache in use, and makes room again. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createCache } from '../../src/cache/cache.ts'

const folder = process.argv[2] ?? ''
const file = join(folder, 'cache', 'results.db')
const ballast = join(folder, 'ballast')
const errors: Error[] = []
const open = () => createCache({ file, l1Bytes: 1_000_000, onError: (error) => errors.push(error) })

const cache = open()
await cache.set('probe', 'first', 'first')
writeFileSync(ballast, Buffer.alloc(400_000))
for (let index = 0; index < 1000 && cache.health().l2 === 'ok'; index++) {
  await cache.set('analysis', `${index}`, 'x'.repeat(4000))
}
await cache.set('probe', 'last', 'last')
const health = cache.health()
const inMemory = await cache.get('probe', 'last')
cache.l1Bytes = 0
const onDisk = await cache.get('probe', 'first')
console.log(JSON.stringify({ event: 'full', health, inMemory, onDisk, errors: errors.length }))

rmSync(ballast)
for (let index = 0; index < 200 && cache.health().l2 === 'down'; index++) await sleep(100)
await cache.set('probe', 'later', 'later')
const healthAfter = cache.health()
await cache.close()
const afterRestart = await open().get('probe', 'later')
console.log(JSON.stringify({ event: 'room again', health: healthAfter, afterRestart }))
