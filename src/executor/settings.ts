import { existsSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { z } from 'zod'
import { GiB, MiB } from '../units.ts'

/** Memory this process may use at most: the container's limit where there is one, else the machine's. */
export function machineMemoryBytes(): number {
  const constrained = process.constrainedMemory()
  const total = totalmem()
  return constrained > 0 && constrained < total ? constrained : total
}

/** The executor's settings, as they stand in configuration file, environment and flags. */
export const executorSettings = z.object({
  count: z.coerce
    .number()
    .int()
    .min(1)
    .max(256)
    .default(() => availableParallelism())
    .describe('How many files are worked on at once, each in a process of its own. Default: the number of cores.'),
  budgetBytes: z.coerce
    .number()
    .int()
    .min(64 * MiB)
    .default(() => Math.floor(machineMemoryBytes() / 2))
    .describe('Estimated memory of all pictures that are decoded at once. Default: half of the memory allowed.'),
  memoryBytes: z.coerce
    .number()
    .int()
    .min(128 * MiB)
    .default(() => Math.floor(Math.min(2 * GiB, machineMemoryBytes() / 2)))
    .describe('A worker that grows beyond this, and beyond the estimate of its file, is stopped.'),
  timeoutMs: z.coerce
    .number()
    .int()
    .min(100)
    .default(60_000)
    .describe('Longest time for one operation on a small file; large ones get more.'),
  recycleBytes: z.coerce
    .number()
    .int()
    .default(768 * MiB)
    .describe('An idle worker larger than this is replaced by a fresh one.'),
  recycleFiles: z.coerce.number().int().min(1).default(2000).describe('A worker is replaced after this many files.'),
  queueLength: z.coerce
    .number()
    .int()
    .min(1)
    .default(256)
    .describe('How many interactive requests may wait; more are answered with 429.'),
  maxPixels: z.coerce
    .number()
    .int()
    .min(1_000_000)
    .default(2 ** 29)
    .describe('Pictures that declare more pixels are refused before they are decoded.'),
})

/** Effective settings of the executor. */
export type ExecutorSettings = z.output<typeof executorSettings>

const jemalloc = ['/usr/lib/x86_64-linux-gnu/libjemalloc.so.2', '/usr/lib/aarch64-linux-gnu/libjemalloc.so.2']

/**
 * Environment of a worker. glibc's many arenas fragment under libvips, so two; jemalloc where the system has it. Both take
 * huge pages: pixels are mostly fresh memory, and with pages of 4 KiB to be given out one by one a decode takes up to three
 * times as long as without.
 */
export function workerEnvironment(): Record<string, string> {
  const preload = jemalloc.find((path) => existsSync(path))
  return {
    MALLOC_ARENA_MAX: '2',
    GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
    MALLOC_CONF: 'narenas:2,thp:always',
    VIPS_CONCURRENCY: '1',
    ...(preload ? { LD_PRELOAD: preload } : {}),
  }
}
