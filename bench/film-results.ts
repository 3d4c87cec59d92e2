import { join } from 'node:path'
import sharp from 'sharp'
import type { App } from '../src/app.ts'
import { stepOf, stepsFor } from '../src/executor/steps.ts'
import type { Outcome } from '../src/executor/task.ts'
import { withApp } from './app.ts'
import type { Figure } from './bench.ts'
import { run } from './commands.ts'
import { ask, describe, type FilmBenchContext } from './film-answers.ts'
import { compareTimes, interleave, pick } from './measure.ts'

const all = ['sprite', 'thumbnail', 'preview', 'fingerprint']
const sheetParams = { format: 'jpeg' }
/** A start of ffmpeg for each frame is measured for so many frames, evenly spread, and told for all. */
const framesMeasured = 12

/** What a sprite tells of itself. */
interface Sheet {
  readonly intervalMs: number
  readonly tiles: number
  readonly columns: number
  readonly tileWidth: number
  readonly width: number
  readonly height: number
}

/** Sheet, poster, preview and fingerprint of a film from one opening, and its sheet alone, against scripts with ffmpeg. */
export async function* results(
  film: string,
  others: readonly string[],
  context: FilmBenchContext,
): AsyncGenerator<Figure> {
  const { folder, runs, note } = context
  const sheet = await withApp(folder, 1, (app) => sheetOf(app, film))
  const frames = sheet.tiles + 1
  const measured = await interleave(
    {
      all: { run: () => withApp(folder, 1, (app) => allOf(app, film, others)) },
      'a start for each frame': { run: async () => ({ wholeMs: (await byFrames(film, sheet, folder)) * frames }) },
      sheet: { run: () => withApp(folder, 1, (app) => sheetAlone(app, film, others)) },
      'one ffmpeg': { run: () => byOneCommand(film, sheet, folder) },
    },
    runs,
    (text) => note(`sheet and more: ${text}`),
  )
  const times = (of: keyof typeof measured) => pick(measured[of], 'wholeMs')
  const length = `${Math.round((sheet.tiles * sheet.intervalMs) / 60_000)} min of 1080p`
  yield {
    figure: `sheet of ${sheet.tiles}, poster, preview, fingerprint (${length})`,
    unit: 'ms',
    // Neither the preview nor the frames of the fingerprint are counted on the other side.
    against: `an ffmpeg for each of ${frames} frames (from ${framesMeasured})`,
    target: 10,
    ...compareTimes(times('all'), times('a start for each frame')),
  }
  yield {
    figure: `sheet of ${sheet.tiles} alone (${length})`,
    unit: 'ms',
    against: 'one ffmpeg -skip_frame nokey',
    target: 2,
    ...compareTimes(times('sheet'), times('one ffmpeg')),
  }
}

/** Starts the worker and lets it load what it needs, on other films than the one that is measured. */
async function warm(app: App, others: readonly string[], operations: readonly string[]): Promise<void> {
  for (const path of others) {
    for (const operation of operations) await ask(app, { path, operation, params: paramsOf(operation) })
  }
}

const paramsOf = (operation: string) => (operation === 'sprite' ? sheetParams : {})

async function sheetOf(app: App, film: string): Promise<Sheet> {
  const answer = await ask(app, { path: film, operation: 'sprite', params: sheetParams })
  const [picture] = answer?.artifacts.filter(({ role }) => role === 'sheet') ?? []
  if (!answer || !picture) throw new Error('the film has no sheet')
  const { width = 0, height = 0 } = picture
  return { ...(answer.result as Omit<Sheet, 'width' | 'height'>), width, height }
}

async function allOf(app: App, film: string, others: readonly string[]) {
  await warm(app, others, all)
  const asked = await Promise.all(all.map((operation) => stepsFor(app, { operation, params: paramsOf(operation) })))
  const startedAt = performance.now()
  const processed = await app.executor.process({
    path: film,
    steps: () => asked.map((steps) => stepOf(steps, 'film')),
    priority: 'interactive',
    keepIn: 'cache',
  })
  const wholeMs = performance.now() - startedAt
  if ('failure' in processed) throw processed.failure
  assertDone(processed.outcomes)
  const took = processed.outcomes.map(({ step, durationMs }) => [`${step.operation.name}Ms`, durationMs] as const)
  return { wholeMs, demuxes: processed.counts.demuxes, ...Object.fromEntries(took) }
}

function assertDone(outcomes: readonly Outcome[]): void {
  for (const outcome of outcomes) {
    if (outcome.state !== 'done') throw new Error(`${outcome.step.operation.name} ended as ${JSON.stringify(outcome)}`)
  }
}

async function sheetAlone(app: App, film: string, others: readonly string[]) {
  await describe(app, film)
  await warm(app, others, ['sprite'])
  const startedAt = performance.now()
  await sheetOf(app, film)
  return { wholeMs: performance.now() - startedAt }
}

/** Milliseconds a frame: what a script does that knows nothing better. */
async function byFrames(film: string, { tiles, intervalMs, tileWidth }: Sheet, folder: string): Promise<number> {
  const startedAt = performance.now()
  for (let at = 0; at < framesMeasured; at++) {
    const second = (Math.floor((at * tiles) / framesMeasured) * intervalMs) / 1000
    const to = ['-frames:v', '1', '-vf', `scale=${tileWidth}:-2`, join(folder, `tile-${at}.jpg`)]
    // The key frame before is enough for ours too.
    await run('ffmpeg', ['-v', 'error', '-y', '-noaccurate_seek', '-ss', String(second), '-i', film, ...to])
  }
  return (performance.now() - startedAt) / framesMeasured
}

/** The same tiles by one command: only key frames are decoded, each is scaled once, and stands until the next one. */
async function byOneCommand(film: string, sheet: Sheet, folder: string) {
  const { intervalMs, tiles, columns, tileWidth, width, height } = sheet
  const to = join(folder, 'sheet.jpg')
  const steps = [
    `scale=${tileWidth}:-2`,
    'tpad=stop=-1:stop_mode=clone',
    `fps=1000/${intervalMs}:round=up`,
    `tile=${columns}x${Math.ceil(tiles / columns)}`,
  ]
  const reading = ['-skip_frame', 'nokey', '-an', '-sn', '-i', film]
  const writing = ['-vf', steps.join(','), '-frames:v', '1', '-q:v', '3', to]
  const { wholeMs } = await run('ffmpeg', ['-v', 'error', '-y', ...reading, ...writing])
  const made = await sharp(to).metadata()
  if (made.width !== width || made.height !== height) {
    throw new Error(`ffmpeg made a sheet of ${made.width}×${made.height}, ours has ${width}×${height}`)
  }
  return { wholeMs }
}
