/** Child process of the cache tests: reads `key` of FILE some TIMES and tells whether bentocache was loaded for it. */
import { registerHooks } from 'node:module'

let hasLoadedBentocache = false
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'bentocache') hasLoadedBentocache = true
    return next(specifier, context)
  },
})

const [file = '', times = '1'] = process.argv.slice(2)
const { createCache } = await import('../../src/cache/cache.ts')
const cache = createCache({
  file,
  l1Bytes: 1_000_000,
  onError: (error) => {
    throw error
  },
})
const values: unknown[] = []
for (let index = 0; index < Number(times); index++) values.push((await cache.get('probe', 'key'))?.value)
await cache.close()
console.log(JSON.stringify({ values, hasLoadedBentocache }))
