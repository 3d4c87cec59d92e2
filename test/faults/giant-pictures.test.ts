import { rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { runOperation } from '../../src/executor/run.ts'
import { anApp, dataIn } from '../support/app.ts'
import { writeGiantPng, writeGiantTiff } from '../support/giants.ts'
import { aFolder, aLibrary } from '../support/library.ts'
import { tellsMemory, watchMemory } from '../support/memory.ts'

const [side, MiB, GiB] = [20_000, 2 ** 20, 2 ** 30]
const folder = aFolder()
const giants = { png: join(folder.path, 'giant.png'), tiff: join(folder.path, 'giant.tiff') }

afterAll(() => folder[Symbol.dispose]())

function aGiant(format: 'png' | 'tiff'): string {
  const path = giants[format]
  const write = format === 'png' ? writeGiantPng : writeGiantTiff
  write(path, side, side)
  utimesSync(path, 1_600_000_000, 1_600_000_000)
  return path
}

describe('a picture of 400 megapixels', () => {
  it.each(['png', 'tiff'] as const)(
    'gets its thumbnail within the memory allowed, as a %s',
    { timeout: 300_000 },
    async (format) => {
      const path = aGiant(format)
      expect(statSync(path).size).toBeLessThan(64 * MiB)
      const budget = 768 * MiB
      await using app = anApp(dataIn(join(folder.path, format)), {
        'workers.budgetBytes': budget,
        'workers.memoryBytes': budget,
      })
      const memory = watchMemory(() => app.executor.pool.workers().map(({ pid }) => pid))

      const answer = await runOperation(app, { path, operation: 'thumbnail', params: { edge: 200, format: 'png' } })

      if (tellsMemory) expect(memory.stop()).toBeLessThan(budget)
      expect(answer.result).toMatchObject({ width: 200, height: 200 })
      const [made] = answer.artifacts
      const { data, info } = await sharp(made?.path).removeAlpha().raw().toBuffer({ resolveWithObject: true })
      const colourAt = (x: number) => [...data.subarray((100 * info.width + x) * 3, (100 * info.width + x) * 3 + 3)]
      // From red to blue, and green all over.
      const [left, right] = [colourAt(2), colourAt(197)]
      expect([left[0] ?? 0, right[2] ?? 0].every((value) => value > 245)).toBe(true)
      expect([left[2] ?? 255, right[0] ?? 255].every((value) => value < 10)).toBe(true)
      expect(app.executor.admission.usedBytes).toBe(0)
      rmSync(path)
    },
  )

  it('counts as a giant, and is worked on while ordinary pictures go by', { timeout: 300_000 }, async () => {
    const path = aGiant('png')
    const [one = '', other = '', ...paths] = await aLibrary(join(folder.path, 'library'), 26)
    await using app = anApp(dataIn(join(folder.path, 'both')), { 'workers.budgetBytes': 4 * GiB })
    const ended: string[] = []
    const ask = (of: string) =>
      runOperation(app, { path: of, operation: 'thumbnail', params: { edge: 60 } }).then((answer) => {
        ended.push(of)
        return answer
      })
    // Both workers are started, as they are in a server.
    await Promise.all([one, other].map(ask))
    ended.length = 0
    const giant = ask(path)
    // It is in its worker's hands, its memory granted.
    while (app.executor.admission.usedBytes === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(app.executor.admission.isGiant(app.executor.admission.usedBytes)).toBe(true)

    const answers = await Promise.all([...paths.map(ask), giant])

    expect(answers).toHaveLength(25)
    // On a busy machine a few may come later.
    expect(ended.indexOf(path)).toBeGreaterThan(8)
    rmSync(path)
  })

  it('is refused by the limit that was set, before anything is decoded', async () => {
    const path = aGiant('tiff')
    await using app = anApp(dataIn(join(folder.path, 'refused')), { 'workers.maxPixels': side * side - 1 })
    const run = runOperation(app, { path, operation: 'thumbnail', params: {} })
    await expect(run).rejects.toMatchObject({ code: 'INPUT_TOO_LARGE' })
    rmSync(path)
  })
})
