import { join } from 'node:path'
import { formatCount } from '../src/units.ts'
import type { BenchContext } from './bench.ts'
import { inRepository, run } from './commands.ts'
import { memoryFigure } from './import-cold.ts'
import { compareTimes, interleave, pick } from './measure.ts'
import { importFolder } from './mediamill.ts'
import { makeSmallFiles } from './photos.ts'

/** Importing once more what is known already, against a bare walk that stats each file. */
export async function* importAgain({ sizes, runs, folder, note, material }: BenchContext<{ known: number }>) {
  const { known } = sizes
  const [library, data] = [join(folder, 'small'), join(folder, 'data-known')]
  note(`making ${formatCount(known)} small files and importing them once`)
  await makeSmallFiles(library, known)
  const first = await importFolder(library, data, { done: known })
  note(`imported in ${((first.wholeMs ?? 0) / 1000).toFixed(0)} s`)
  material(`again: ${formatCount(known)} small JPEGs in folders of 500, all imported before`)

  const { ours, floor } = await interleave(
    {
      ours: { run: () => importFolder(library, data, { cached: known }) },
      floor: {
        async run() {
          const { stdout, wholeMs } = await run(process.execPath, [inRepository('bench/peers/walk.ts'), library])
          const { workMs, files } = JSON.parse(stdout)
          if (files !== known) throw new Error(`the bare walk found ${files} files`)
          return { wholeMs, workMs }
        },
      },
    },
    runs,
    note,
  )
  const against = 'bare walk with stat'
  for (const [name, measure] of [
    ['', 'wholeMs'],
    [', without start-up', 'workMs'],
  ] as const) {
    const figure = `import again, nothing changed${name}`
    yield { figure, unit: 'ms', against, target: 0.5, ...compareTimes(pick(ours, measure), pick(floor, measure)) }
  }
  yield memoryFigure('import again: peak memory of the main process', pick(ours, 'peakBytes', 1e6))
}
