import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type BenchContext, defineBench, type Figure } from './bench.ts'
import { cores, eachWithShell, findProgram } from './commands.ts'
import { answering, atOnce, type FilmBenchContext } from './film-answers.ts'
import { corpusFilms, drawFilm, repeatFilm } from './film-files.ts'
import { oneFrame } from './film-frames.ts'
import { results } from './film-results.ts'
import { transcoding } from './film-transcode.ts'
import { compareTimes, interleave, pick } from './measure.ts'

const hlg = ['-color_primaries', 'bt2020', '-color_trc', 'arib-std-b67', '-colorspace', 'bt2020nc']

/** Films against ffprobe and ffmpeg: facts, one frame, all that an import makes of one, and a conversion. */
export const filmsBench = defineBench({
  name: 'films',
  summary: 'facts about films, frames, sheets and conversions',
  sizes: { seconds: 60, repeated: 4, frames: 16 },

  async *run(context) {
    if (!findProgram('ffprobe') || !findProgram('ffmpeg')) {
      yield { figure: 'films', skipped: 'ffprobe and ffmpeg are not installed' }
      return
    }
    const { films, long, longer, others } = await makeFilms(context)
    for (const lanes of cores > 1 ? [1, cores] : [1])
      yield await probing({ films, others, lanes }, atOnce(lanes), context)
    // Large: to read all of it would take longer than its facts do.
    yield await probing({ films: [long], others, lanes: 1 }, `of 1080p, ${context.sizes.seconds} s`, context)
    const step = Math.max(1, Math.floor(films.length / context.sizes.frames))
    const some = films.filter((_, at) => at % step === 0)
    yield* oneFrame({ films: some, others }, undefined, context)
    yield* oneFrame({ films: [long], others }, `of 1080p, ${context.sizes.seconds} s`, context)
    yield* results(longer, others, context)
    yield* transcoding(context)
  },
})

async function makeFilms({
  folder,
  note,
  material,
  sizes,
}: BenchContext<{ seconds: number; repeated: number; frames: number }>) {
  note(`drawing a film of ${sizes.seconds} s`)
  const long = await drawFilm(join(folder, 'long.mp4'), { size: '1920x1080', seconds: sizes.seconds })
  const longer = await repeatFilm(long, sizes.repeated, join(folder, 'longer.mp4'))
  material(`one of 1920×1080, ${sizes.seconds} s, drawn by code, and the same ${sizes.repeated} times in one`)
  const others = await variedFilms(join(folder, 'others'))
  material(`workers warmed by the same request with ${others.length} other films, in the codecs of most films`)
  material(
    'films of which one frame, the sheet alone or a conversion is asked are known: described before, not touched since',
  )
  const real = corpusFilms()
  if (real.length > 0) {
    material(`${real.length} films and sounds of the corpus`)
    return { films: real, long, longer, others }
  }
  material('short films drawn by code (no corpus here)')
  return { films: await shortFilms(join(folder, 'short'), 6), long, longer, others }
}

/** What workers have seen before: most codecs, and a file that is too large to be held. */
async function variedFilms(folder: string): Promise<string[]> {
  mkdirSync(folder, { recursive: true })
  const drawn: string[] = []
  for (const [name, codec] of Object.entries(variedCodecs)) {
    // High dynamic range comes from telephones, and never smaller than this.
    const size = name.startsWith('hlg') ? { size: '1920x1080', seconds: 1 } : { size: '640x360', seconds: 4 }
    drawn.push(await drawFilm(join(folder, name), { ...size, codec }))
  }
  return [...drawn, await drawFilm(join(folder, 'large.mp4'), { size: '1920x1080', seconds: 30 })]
}

const variedCodecs: Readonly<Record<string, readonly string[]>> = {
  'h264.mp4': ['-c:v', 'libx264', '-pix_fmt', 'yuv420p'],
  'hlg.mp4': ['-c:v', 'libx265', '-x265-params', 'log-level=error', '-pix_fmt', 'yuv420p10le', ...hlg],
  'vp9.mkv': ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8'],
  'mpeg2.ts': ['-c:v', 'mpeg2video'],
  'mpeg4.mov': ['-c:v', 'mpeg4'],
  'hevc.ts': ['-c:v', 'libx265', '-x265-params', 'log-level=error', '-pix_fmt', 'yuv420p'],
}

/** Films of so many seconds, and of more, in several containers. */
async function shortFilms(folder: string, seconds: number): Promise<string[]> {
  mkdirSync(folder, { recursive: true })
  const drawn: string[] = []
  for (const [at, ending] of ['mp4', 'mkv', 'mov', 'ts', 'mp4', 'mkv', 'mov', 'ts'].entries()) {
    drawn.push(await drawFilm(join(folder, `${at}.${ending}`), { size: '640x360', seconds: seconds + 2 * at }))
  }
  return drawn
}

async function probing(
  { films, others, lanes }: { films: readonly string[]; others: readonly string[]; lanes: number },
  name: string,
  { folder, runs, note }: FilmBenchContext,
): Promise<Figure> {
  const asking = (paths: readonly string[]) => paths.map((path) => ({ path, operation: 'probe', params: {} }))
  const { ours, ffprobe } = await interleave(
    {
      ours: { run: () => answering(folder, { requests: asking(films), lanes, warmUps: asking(others) }) },
      ffprobe: {
        async run() {
          // Some of the corpus is no film to ffprobe either; what it takes to say so counts on both sides.
          const line = 'ffprobe -v error -show_streams -show_format -of json "$1" > /dev/null 2>&1 || true'
          return { wholeMs: (await eachWithShell(line, films, { parallel: lanes })).wholeMs }
        },
      },
    },
    runs,
    (text) => note(`probe, ${name}: ${text}`),
  )
  return {
    figure: `probe a film, ${name}`,
    unit: 'ms a file',
    against: 'ffprobe per file',
    target: 10,
    ...compareTimes(pick(ours, 'wholeMs', films.length), pick(ffprobe, 'wholeMs', films.length)),
  }
}
