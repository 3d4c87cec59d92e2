import { join } from 'node:path'
import { type RunAnswer, runOperation } from '../src/executor/run.ts'
import { inLanes, withApp } from './app.ts'
import { type BenchContext, defineBench, type Figure, type Skipped } from './bench.ts'
import { cores, eachWithShell, findProgram, inRepository, run } from './commands.ts'
import { freshFolder } from './fresh-folder.ts'
import { type Contestant, compareTimes, interleave, type Measures, pick } from './measure.ts'
import { makePhotos } from './photos.ts'

/** An operation, what scripts would call for it, and how its answer is held against the floor's. */
interface Trial {
  readonly operation: string
  readonly params: Readonly<Record<string, unknown>>
  /** A number of the answer that the floor of the same work answers too. */
  readonly number: (answer: RunAnswer) => number
  /** How much it may differ from the floor's, as a share. */
  readonly tolerance: number
  /** Photos that each process works on before the time is taken: code that runs for the first time is slow. */
  readonly warmUps: number
  /** What the floor does; a bare sharp loop of the same work when left out. */
  readonly floor?: string
  /** The photos were never seen before, and each is hashed first. Else they are known, as those of a collection are. */
  readonly isNew?: boolean
  /** By program: a line of shell for each file, `$1`, with `$OUT` as a folder; and the ratio to reach, where one is. */
  readonly scripts: Readonly<Record<string, { readonly line: string; readonly target: number | null }>>
}

const bytesOf = ({ artifacts }: RunAnswer): number => artifacts[0]?.bytes ?? 0
const byImageMagick = (rest: string, target: number | null = 3) => ({
  line: `$CONVERT "$1" -auto-orient ${rest}`,
  target,
})
// Where one and the same encoder takes nearly all of the time, nobody can be several times as fast.
const byEncoder = null

const trials: readonly Trial[] = [
  {
    operation: 'thumbnail',
    params: {},
    number: bytesOf,
    tolerance: 0.02,
    warmUps: 8,
    scripts: {
      ImageMagick: byImageMagick('-resize 250x250 -quality 80 "$OUT/$$.webp"'),
      vipsthumbnail: { line: 'vipsthumbnail "$1" --size 250x250 -o "$OUT/$$.webp[Q=80]"', target: null },
    },
  },
  {
    operation: 'thumbnail',
    params: {},
    number: bytesOf,
    tolerance: 0.02,
    warmUps: 8,
    isNew: true,
    scripts: {},
  },
  {
    operation: 'convert',
    params: { format: 'webp', metadata: 'strip' },
    number: bytesOf,
    tolerance: 0.02,
    warmUps: 1,
    scripts: {
      ImageMagick: byImageMagick('-quality 80 "$OUT/$$.webp"', byEncoder),
      cwebp: { line: 'cwebp -quiet -q 80 -m 4 "$1" -o "$OUT/$$.webp"', target: null },
    },
  },
  {
    operation: 'optimize',
    params: {},
    // Which of the files is alike enough the floor does not know.
    number: (answer) => Math.min(...triedBy(answer).map(({ bytes }) => bytes)),
    tolerance: 0.02,
    warmUps: 1,
    scripts: {
      // To one quality for all, and without looking what became of it.
      ImageMagick: byImageMagick('-strip -interlace Plane -quality 85 "$OUT/$$.jpg"', null),
      jpegoptim: { line: 'jpegoptim -q -m85 -s --all-progressive --stdout "$1" > "$OUT/$$.jpg"', target: null },
    },
  },
  {
    operation: 'analyze',
    params: {},
    number: ({ result }) => (result as { exposure: { mean: number } }).exposure.mean,
    tolerance: 0.02,
    warmUps: 4,
    floor: "bare loop of sharp's stats()",
    scripts: { ImageMagick: byImageMagick('-resize 1440x1440 -verbose info: > "$OUT/$$.txt"') },
  },
  {
    operation: 'quality-issues',
    params: {},
    number: ({ result }) => (result as { score: number }).score,
    // The floor does not know with which tables the file was compressed.
    tolerance: 0.05,
    warmUps: 4,
    floor: 'bare sharp loop with the same measuring',
    scripts: {},
  },
]

const mostWarmUps = Math.max(...trials.map(({ warmUps }) => warmUps))

const programs: Readonly<Record<string, readonly string[]>> = {
  // Debian's own name first: "convert" may be another program.
  ImageMagick: ['magick', 'convert-im6.q16', 'convert'],
}

/** Operations on pictures in bulk, against bare sharp loops on the same cores and against scripts. */
export const imagesBench = defineBench({
  name: 'images',
  summary: 'operations on photos in bulk, per second',
  sizes: { photos: 40 },

  async *run(context) {
    const spare = cores * mostWarmUps
    context.note(`making ${context.sizes.photos + spare} photos`)
    const made = await makePhotos(join(context.folder, 'photos'), context.sizes.photos + spare)
    context.material(`${made.description}; ${spare} of them only warm up`)
    context.material('known as those of a collection are: described before, and not touched since')
    const photos = { paths: made.paths.slice(spare), others: made.paths.slice(0, spare) }
    for (const trial of trials) yield* compete(trial, photos, context)
  },
})

/** What is measured on, and other photos to warm up with. */
interface Photos {
  readonly paths: readonly string[]
  readonly others: readonly string[]
}

async function* compete(trial: Trial, photos: Photos, context: BenchContext<unknown>) {
  const { runs, note } = context
  const { operation, scripts, isNew } = trial
  const { paths } = photos
  const others = photos.others.slice(0, trial.warmUps * cores)
  let answers: readonly RunAnswer[] = []
  let floor: readonly number[] = []
  const contestants: Record<string, Contestant | undefined> = {
    ours: {
      async run() {
        const done = await ours(trial, { paths, others }, context.folder)
        answers = done.answers
        return done.measures
      },
    },
    floor: {
      async run() {
        const known = paths.map((path, at) => ({ path, qualities: qualitiesTried(answers[at]) }))
        const lines = [...others.map((path) => ({ path, qualities: known[0]?.qualities })), ...known]
        const args = [inRepository('bench/peers/images.ts'), operation, String(others.length)]
        const input = lines.map((line) => JSON.stringify(line)).join('\n')
        const { stdout } = await run(process.execPath, args, { input })
        const { workMs, answers: told } = JSON.parse(stdout) as { workMs: number; answers: number[] }
        floor = told
        return { workMs }
      },
    },
  }
  for (const [program, { line }] of Object.entries(scripts))
    contestants[program] = byScript(program, line, paths, context)
  const results = await interleave(contestants, runs, (text) => note(`${operation}: ${text}`))
  assertSameWork(trial, answers, floor)

  const times = (of: string): readonly number[] => pick(results[of] ?? [], 'workMs', paths.length)
  const perSecond = (against: string, peer: string, target: number | null): Figure => {
    const { value, againstValue, ...rest } = compareTimes(times('ours'), times(peer))
    const figure = peer === 'floor' ? `${operation}${isNew ? ', never seen before' : ''}` : `${operation} (${peer})`
    return { figure, unit: 'per s', against, target, value: 1000 / value, againstValue: 1000 / againstValue, ...rest }
  }
  // What is never seen before is hashed twice first, which nobody else does.
  yield perSecond(trial.floor ?? 'bare sharp loop', 'floor', isNew ? null : 0.9)
  for (const [program, { target }] of Object.entries(scripts)) {
    yield contestants[program]
      ? perSecond(`${program} per file`, program, target)
      : ({ figure: `${operation} (${program})`, skipped: 'it is not installed' } satisfies Skipped)
  }
}

/** All photos asked of real parts whose workers are warm, and which are never left without the next one. */
function ours(
  { operation, params, isNew }: Trial,
  { paths, others }: Photos,
  folder: string,
): Promise<{ measures: Measures; answers: RunAnswer[] }> {
  return withApp(folder, cores, async (app) => {
    const lanes = 2 * cores
    const ask = (path: string) => runOperation(app, { path, operation, params })
    if (!isNew) await inLanes(paths, lanes, (path) => runOperation(app, { path, operation: 'metadata', params: {} }))
    await inLanes(others, lanes, ask)
    const startedAt = performance.now()
    const answers = await inLanes(paths, lanes, ask)
    const workMs = performance.now() - startedAt
    if (answers.some(({ cached }) => cached)) throw new Error('something was remembered')
    return { measures: { workMs }, answers }
  })
}

/** The qualities that were encoded as a whole. */
const qualitiesTried = (answer: RunAnswer | undefined): number[] =>
  triedBy(answer).flatMap(({ quality }) => quality ?? [])

interface Tried {
  readonly quality?: number
  readonly bytes: number
  readonly estimated?: boolean
}

/** The files that were made to choose from. */
const triedBy = (answer: RunAnswer | undefined): Tried[] =>
  ((answer?.result ?? {}) as { tried?: Tried[] }).tried?.filter(({ estimated }) => !estimated) ?? []

function byScript(
  program: string,
  line: string,
  paths: readonly string[],
  { folder, runs }: BenchContext<unknown>,
): Contestant | undefined {
  const found = findProgram(...(programs[program] ?? [program]))
  if (!found) return undefined
  return {
    rounds: Math.min(runs, 3),
    async run() {
      const OUT = freshFolder(folder, 'script')
      // One thread a process: there are as many processes as cores.
      const env = { OUT, CONVERT: found, VIPS_CONCURRENCY: '1', MAGICK_THREAD_LIMIT: '1' }
      return { workMs: (await eachWithShell(line, paths, { parallel: cores, env })).wholeMs }
    },
  }
}

/** A floor that did less, or something else, would prove nothing. */
function assertSameWork(
  { operation, number, tolerance }: Trial,
  answers: readonly RunAnswer[],
  floor: readonly number[],
) {
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  const [mine, bare] = [sum(answers.map(number)), sum(floor)]
  if (floor.length !== answers.length || Math.abs(mine - bare) > tolerance * bare) {
    throw new Error(`the bare loop no longer does the work of ${operation}: ${bare}, ours ${mine}`)
  }
}
