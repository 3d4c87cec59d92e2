import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

// Most tests start processes of their own, of which each would compile the same files again.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/compiled')

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Most of them wait for processes of their own; one core must not stay idle meanwhile.
    maxWorkers: '100%',
  },
})
