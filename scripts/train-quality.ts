/**
 * Trains the detectors of `quality-issues` and measures them: makes flawed pictures from good ones, measures their features,
 * trains once for each part of the scenes held back (for the figures) and once on all (for the program), then writes
 * src/operations/quality/detectors.ts and the figures in docs/quality.md. Needs the corpus (MEDIAMILL_CORPUS, or beside
 * the clone). The same seed gives the same file. `--rows FILE` keeps the measured pictures there, and uses them if they are there.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { corpusFigures, falseAlarmsOfGoodPhotos, goodPhotos, judgeCorpus } from './train-quality/corpus-figures.ts'
import { drawnRows, photoRows, type Row } from './train-quality/dataset.ts'
import { train } from './train-quality/network.ts'
import { originals } from './train-quality/originals.ts'
import { writeDetectors, writeFigures } from './train-quality/report.ts'
import {
  calibrated,
  falseAlarmsOf,
  figuresOf,
  judgeUnseen,
  learnedKinds,
  settled,
  trainFolds,
} from './train-quality/validate.ts'

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, rows: { type: 'string' } },
})
const { seed, rows: kept } = values
const corpus = process.env.MEDIAMILL_CORPUS ?? fileURLToPath(new URL('../../shared/corpus', import.meta.url))
if (!existsSync(`${corpus}/FILES.tsv`)) {
  console.error(`There is no corpus at ${corpus}. Set MEDIAMILL_CORPUS to its folder.`)
  process.exit(2)
}

const started = performance.now()
const tell = (text: string): void =>
  console.error(`${String(Math.round((performance.now() - started) / 1000)).padStart(4)} s  ${text}`)

const rows =
  kept !== undefined && existsSync(kept)
    ? (JSON.parse(readFileSync(kept, 'utf8')) as Row[])
    : [...(await photoRows(corpus, seed, tell)), ...(await drawnRows(seed))]
if (kept !== undefined && !existsSync(kept)) writeFileSync(kept, JSON.stringify(rows))

tell(`${rows.length} pictures; training`)
const trained = trainFolds(rows, seed, tell)
const uncalibrated = judgeUnseen(rows, trained)
const folds = trained.map((fold) => ({ ...fold, detectors: calibrated(fold.detectors, uncalibrated) }))
const unseen = judgeUnseen(rows, folds).map(settled)
const detectors = calibrated(
  learnedKinds.map((kind) => train(kind, rows, seed)),
  uncalibrated,
)
writeDetectors(detectors)

tell('judging the corpus')
// The program's own module was loaded before the detectors were written: the new ones are handed over.
const judged = await judgeCorpus(corpus, detectors)
const sceneOf = new Map(originals.map(({ path, scene }) => [path, scene]))
const alarms = await falseAlarmsOfGoodPhotos(corpus, (path) => {
  const scene = sceneOf.get(path)
  return scene === undefined ? detectors : folds.find(({ scenes }) => scenes.has(scene))?.detectors
})
writeFigures({
  seed,
  pictures: rows.length,
  scenes: new Set(rows.map(({ scene }) => scene)).size,
  photos: originals.length,
  unseen: figuresOf(unseen),
  unseenFalseAlarms: falseAlarmsOf(unseen),
  corpus: corpusFigures(judged),
  goodPhotos: goodPhotos(corpus).length,
  alarms,
})
tell('wrote the detectors and the figures in docs/quality.md')
