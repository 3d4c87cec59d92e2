import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, expect, it } from 'vitest'
import { runOperation } from '../../src/executor/run.ts'
import { fileOfFrames, wandering } from '../support/animations.ts'
import { anApp, dataIn } from '../support/app.ts'
import { aFolder } from '../support/library.ts'
import { tellsMemory, watchMemory } from '../support/memory.ts'
import { fileOf } from '../support/pictures.ts'

const folder = aFolder()

afterAll(() => folder[Symbol.dispose]())

const ways = [
  ['webp', 'webp'],
  ['webp', 'gif'],
  ['webp', 'avif'],
  ['gif', 'avif'],
  ['gif', 'jxl'],
  ['png', 'webp'],
] as const

it.skipIf(!tellsMemory).each(ways)(
  'all frames of an animation are counted before they take memory, from %s to %s',
  { timeout: 120_000 },
  async (from, format) => {
    const made = wandering({ width: 800, height: 700, times: Array(50).fill(40) })
    const path = fileOf(`moving.${from}`, await fileOfFrames(made, from))
    const still = fileOf(
      'still.png',
      await sharp({ create: { width: 9, height: 9, channels: 3, background: '#123' } })
        .png()
        .toBuffer(),
    )
    await using app = anApp(dataIn(join(folder.path, `${from}-${format}`)), { 'workers.count': 1 })
    const pids = () => app.executor.pool.workers().map(({ pid }) => pid)
    const convert = (file: string) =>
      runOperation(app, { path: file, operation: 'convert', params: { format, effort: 'fast' } })
    // What a worker takes by itself, with the libraries that it needs.
    await convert(still)
    const before = watchMemory(pids).stop()
    const memory = watchMemory(pids)
    let granted = 0
    const timer = setInterval(() => {
      granted = Math.max(granted, app.executor.admission.usedBytes)
    }, 5)

    const { result } = await convert(path)

    clearInterval(timer)
    expect(result).toMatchObject({ frames: 50, width: 800, height: 700 })
    expect(memory.stop() - before).toBeLessThan(granted)
  },
)
