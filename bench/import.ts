import { defineBench } from './bench.ts'
import { importAgain } from './import-again.ts'
import { importCold } from './import-cold.ts'

/** Importing a folder: the first time, and again when nothing changed. */
export const importBench = defineBench({
  name: 'import',
  summary: 'a first import of photos, and one where nothing changed',
  sizes: { files: 60, known: 20_000 },
  async *run(context) {
    yield* importCold(context)
    yield* importAgain(context)
  },
})
