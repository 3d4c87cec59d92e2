import { basename, join } from 'node:path'
import type { App } from '../src/app.ts'
import type { Probe } from '../src/media/probe.ts'
import { inLanes, withApp } from './app.ts'
import type { Figure } from './bench.ts'
import { run } from './commands.ts'
import { answering, ask, type FilmBenchContext } from './film-answers.ts'
import { compareTimes, interleave, pick } from './measure.ts'

/** A film and half of its length, in seconds. */
interface Timed {
  readonly path: string
  readonly middle: number
}

/**
 * One frame out of the middle of each film that has a picture, as a small WebP: the nearest key frame, and the very moment. Where
 * the films have no name of their own they are called by their number.
 */
export async function* oneFrame(
  { films, others }: { films: readonly string[]; others: readonly string[] },
  named: string | undefined,
  { folder, runs, note }: FilmBenchContext,
): AsyncGenerator<Figure> {
  const timed = (await withApp(folder, 1, (app) => inLanes(films, 1, middleOf(app)))).filter(
    (film) => film !== undefined,
  )
  const name = named ?? `${timed.length} films`
  const paths = timed.map(({ path }) => path)
  const middles = new Map(timed.map(({ path, middle }) => [path, middle]))
  const ours = (paramsOf: (path: string) => Record<string, unknown>, known = paths) => {
    const warmUps = warmingParts.flatMap((at) =>
      others.map((path) => ({ path, operation: 'thumbnail', params: { ...paramsOf(path), at } })),
    )
    const requests = paths.map((path) => ({ path, operation: 'thumbnail', params: paramsOf(path) }))
    return { run: () => answering(folder, { requests, lanes: 1, warmUps, known }) }
  }
  const results = await interleave(
    {
      'key frame': ours(() => nearest),
      'key frame, never seen': ours(() => nearest, []),
      moment: ours((path) => ({ at: middles.get(path) ?? 1, exact: true })),
      'ffmpeg, key frame': { run: () => byFfmpeg(timed, folder, ['-noaccurate_seek']) },
      'ffmpeg, moment': { run: () => byFfmpeg(timed, folder, []) },
    },
    runs,
    (text) => note(`one frame, ${name}: ${text}`),
  )
  const times = (of: keyof typeof results) => pick(results[of], 'wholeMs', timed.length)
  const figure = (of: keyof typeof results, peer: 'ffmpeg, key frame' | 'ffmpeg, moment', target: number | null) => ({
    figure: `one frame of a film, ${name}: ${of}`,
    unit: 'ms a file',
    against: peer === 'ffmpeg, moment' ? 'ffmpeg -ss per file' : 'ffmpeg -noaccurate_seek -ss per file',
    target,
    ...compareTimes(times(of), times(peer)),
  })
  yield figure('key frame', 'ffmpeg, key frame', 10)
  yield figure('key frame', 'ffmpeg, moment', 10)
  // Its streams are looked at first, and up to 4 MiB its content is hashed.
  yield figure('key frame, never seen', 'ffmpeg, key frame', null)
  // All frames from the key frame on have to be decoded by both, which takes nearly all of the time.
  yield figure('moment', 'ffmpeg, moment', null)
}

const nearest = { at: '50%', exact: false }

/** Where workers take frames of other films before. */
const warmingParts = ['10%', '50%', '90%']

async function byFfmpeg(films: readonly Timed[], folder: string, seeking: readonly string[]) {
  const startedAt = performance.now()
  for (const { path, middle } of films) {
    // Same quality and effort as ours.
    const webp = ['-frames:v', '1', '-vf', 'scale=250:-1', '-quality', '80', '-compression_level', '2']
    const args = [...seeking, '-ss', String(middle), '-i', path, ...webp, join(folder, `frame-${basename(path)}.webp`)]
    await run('ffmpeg', ['-v', 'error', '-y', ...args]).catch(() => undefined)
  }
  return { wholeMs: performance.now() - startedAt }
}

/** Its middle; undefined when it has no picture, or the same one as a film before it, whose result would be remembered. */
const middleOf =
  (app: App) =>
  async (path: string): Promise<Timed | undefined> => {
    const probed = await ask(app, { path, operation: 'probe', params: {} })
    const { container, video } = (probed?.result ?? {}) as Partial<Probe>
    if (!container?.durationMs || !video?.length) return undefined
    const shown = await ask(app, { path, operation: 'thumbnail', params: nearest })
    return shown?.cached === false ? { path, middle: container.durationMs / 2000 } : undefined
  }
