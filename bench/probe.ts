import { basename, join } from 'node:path'
import type { App } from '../src/app.ts'
import { type RunAnswer, runOperation } from '../src/executor/run.ts'
import type { Probe } from '../src/media/probe.ts'
import { inLanes, withApp } from './app.ts'
import { type BenchContext, defineBench, type Figure } from './bench.ts'
import { cores, eachWithShell, findProgram, run } from './commands.ts'
import { corpusFilms, drawFilm } from './films.ts'
import { compareTimes, interleave, type Measures, pick } from './measure.ts'

/** Probing films and taking one frame of each, against one start of ffprobe and ffmpeg a file. */
export const probeBench = defineBench({
  name: 'probe',
  summary: 'facts about films, and one frame of each',
  sizes: { seconds: 60 },

  async *run(context) {
    if (!findProgram('ffprobe') || !findProgram('ffmpeg')) {
      yield { figure: 'probe a film', skipped: 'ffprobe and ffmpeg are not installed' }
      yield { figure: 'one frame of a film', skipped: 'ffprobe and ffmpeg are not installed' }
      return
    }
    const { films, long } = await makeFilms(context)
    for (const lanes of cores > 1 ? [1, cores] : [1]) yield await probing(films, lanes, context)
    const timed = (await withApp(context.folder, 1, (app) => inLanes([...films, long], 1, middleOf(app)))).filter(
      (film) => film !== undefined,
    )
    const isLong = (film: Timed) => film.path === long
    for (const lanes of cores > 1 ? [1, cores] : [1]) {
      yield await oneFrame(
        timed.filter((film) => !isLong(film)),
        lanes,
        `${atOnce(lanes)}`,
        context,
      )
    }
    yield await oneFrame(timed.filter(isLong), 1, `of 1080p, ${context.sizes.seconds} s`, context)
  },
})

interface Timed {
  readonly path: string
  /** Half of its length, in seconds. */
  readonly middle: number
}

const atOnce = (lanes: number): string => (lanes === 1 ? 'one after the other' : `${lanes} at once`)

async function makeFilms({ folder, note, material, sizes }: BenchContext<{ seconds: number }>) {
  note(`drawing a film of ${sizes.seconds} s`)
  const long = await drawFilm(join(folder, 'long.mp4'), { size: '1920x1080', seconds: sizes.seconds })
  const real = corpusFilms()
  if (real.length > 0) {
    material(`${real.length} films and sounds of the corpus; one of 1920×1080, ${sizes.seconds} s, drawn by code`)
    return { films: real, long }
  }
  const drawn = ['mp4', 'mkv', 'mov', 'ts'].map((ending) =>
    drawFilm(join(folder, `short.${ending}`), { size: '640x360', seconds: 5 }),
  )
  material('films drawn by code (no corpus here)')
  return { films: await Promise.all(drawn), long }
}

async function probing(films: readonly string[], lanes: number, { folder, runs, note }: Rest): Promise<Figure> {
  const { ours, ffprobe } = await interleave(
    {
      ours: { run: () => answering(folder, lanes, films, (path) => ({ path, operation: 'probe', params: {} })) },
      ffprobe: {
        async run() {
          // Some of the corpus is no film to ffprobe either; what it takes to say so counts on both sides.
          const line = 'ffprobe -v error -show_streams -show_format -of json "$1" > /dev/null 2>&1 || true'
          return { wholeMs: (await eachWithShell(line, films, { parallel: lanes })).wholeMs }
        },
      },
    },
    runs,
    note,
  )
  return {
    figure: `probe a film, ${atOnce(lanes)}`,
    unit: 'ms a file',
    against: 'ffprobe per file',
    target: 10,
    ...compareTimes(pick(ours, 'wholeMs', films.length), pick(ffprobe, 'wholeMs', films.length)),
  }
}

async function oneFrame(
  films: readonly Timed[],
  lanes: number,
  name: string,
  { folder, runs, note }: Rest,
): Promise<Figure> {
  const out = join(folder, 'frame')
  const request = (path: string) => ({ path, operation: 'thumbnail', params: middle })
  const { ours, ffmpeg } = await interleave(
    {
      ours: {
        run: () =>
          answering(
            folder,
            lanes,
            films.map(({ path }) => path),
            request,
          ),
      },
      ffmpeg: {
        async run() {
          const startedAt = performance.now()
          await inLanes(films, lanes, async ({ path, middle }) => {
            // Same quality and effort as ours.
            const webp = ['-vf', 'scale=250:-1', '-quality', '80', '-compression_level', '2']
            const args = ['-ss', String(middle), '-i', path, '-frames:v', '1', ...webp, `${out}-${basename(path)}.webp`]
            await run('ffmpeg', ['-v', 'error', '-y', ...args]).catch(() => undefined)
          })
          return { wholeMs: performance.now() - startedAt }
        },
      },
    },
    runs,
    note,
  )
  return {
    figure: `one frame of a film, ${name}`,
    unit: 'ms a file',
    against: 'ffmpeg -ss per file',
    target: 10,
    ...compareTimes(pick(ours, 'wholeMs', films.length), pick(ffmpeg, 'wholeMs', films.length)),
  }
}

type Rest = Pick<BenchContext<unknown>, 'folder' | 'runs' | 'note'>

/** Asks for all files on parts that remember nothing, their workers started and their libraries loaded, as in a server. */
function answering(
  folder: string,
  lanes: number,
  paths: readonly string[],
  requestOf: (path: string) => Parameters<typeof runOperation>[1],
): Promise<Measures> {
  return withApp(folder, lanes, async (app) => {
    await inLanes(paths.slice(0, 8 * lanes), lanes, (path) => ask(app, { path, operation: 'metadata', params: {} }))
    const startedAt = performance.now()
    const answers = await inLanes(paths, lanes, (path) => ask(app, requestOf(path)))
    const wholeMs = performance.now() - startedAt
    if (answers.some((answer) => answer?.cached)) throw new Error('something was remembered')
    return { wholeMs, failed: answers.filter((answer) => answer === undefined).length }
  })
}

/** The answer; undefined when the file is none that can be read. */
const ask = (app: App, request: Parameters<typeof runOperation>[1]): Promise<RunAnswer | undefined> =>
  runOperation(app, request).catch(() => undefined)

/** Its middle; undefined when it has no picture, or the same one as a film before it, whose result would be remembered. */
const middleOf =
  (app: App) =>
  async (path: string): Promise<Timed | undefined> => {
    const probed = await ask(app, { path, operation: 'probe', params: {} })
    const { container, video } = (probed?.result ?? {}) as Partial<Probe>
    if (!container?.durationMs || !video?.length) return undefined
    const shown = await ask(app, { path, operation: 'thumbnail', params: middle })
    return shown?.cached ? undefined : { path, middle: container.durationMs / 2000 }
  }

const middle = { at: '50%' }
