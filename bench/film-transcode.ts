import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunAnswer } from '../src/executor/run.ts'
import { withApp } from './app.ts'
import type { Figure } from './bench.ts'
import { run } from './commands.ts'
import { ask, describe, type FilmBenchContext } from './film-answers.ts'
import { drawFilm } from './film-files.ts'
import { compareTimes, interleave, pick } from './measure.ts'

const seconds = 10
const [speed, crf, bitRate] = ['veryfast', 23, 128_000]
// What the preset `web` has as the most between two key frames, in frames of the drawn film.
const keyFrames = 150
/** One has to be as good as equal where one encoder does the work of both. */
const equal = 0.95

/** A film in H.264 and AAC with the same settings, by ours and by one ffmpeg command. */
export async function* transcoding({ folder, runs, note, material }: FilmBenchContext): AsyncGenerator<Figure> {
  note(`drawing a film of ${seconds} s to convert`)
  const film = await drawFilm(join(folder, 'original.mkv'), {
    size: '1920x1080',
    seconds,
    codec: ['-c:v', 'mpeg4', '-q:v', '4', '-g', '30'],
  })
  const out = join(folder, 'converted.mp4')
  const versions = new Set<string>()
  const { ours, ffmpeg } = await interleave(
    {
      ours: {
        run: () =>
          withApp(folder, 1, async (app) => {
            await describe(app, join(folder, 'long.mp4'))
            const params = { video: 'h264', audio: 'aac', crf, speed, audioBitRate: bitRate }
            const startedAt = performance.now()
            const answer = await ask(app, { path: film, operation: 'convert', params })
            const wholeMs = performance.now() - startedAt
            if (!answer) throw new Error('the film was not converted')
            versions.add(`ours ${x264Of(answer.artifacts[0]?.path ?? '')}`)
            return { wholeMs, ...measuresOf(answer) }
          }),
      },
      ffmpeg: {
        async run() {
          const picture = ['-c:v', 'libx264', '-preset', speed, '-crf', String(crf), '-g', String(keyFrames)]
          const rest = ['-pix_fmt', 'yuv420p', '-c:a', 'aac', '-b:a', String(bitRate), '-movflags', '+faststart']
          const { wholeMs } = await run('ffmpeg', ['-v', 'error', '-y', '-i', film, ...picture, ...rest, out])
          versions.add(`FFmpeg's ${x264Of(out)}`)
          return { wholeMs, bytes: readFileSync(out).length }
        },
      },
    },
    runs,
    (text) => note(`convert: ${text}`),
  )
  material(`convert: 1080p, ${seconds} s of MPEG-4, to x264 ${speed} with CRF ${crf}; ${[...versions].join(', ')}`)
  const theirs = pick(ffmpeg, 'wholeMs')
  const against = 'ffmpeg with the same settings'
  yield {
    figure: 'convert: writing',
    unit: 'ms',
    against,
    target: equal,
    ...compareTimes(pick(ours, 'encodeMs'), theirs),
  }
  yield {
    figure: 'convert: with verifying what was written',
    unit: 'ms',
    against,
    target: null,
    ...compareTimes(pick(ours, 'wholeMs'), theirs),
  }
  const sizes = compareTimes(pick(ours, 'bytes', 1e6), pick(ffmpeg, 'bytes', 1e6))
  yield { figure: 'convert: size', unit: 'MB', against, target: equal, ...sizes }
}

function measuresOf({ result, artifacts }: RunAnswer): { encodeMs: number; bytes: number } {
  const { encodeMs = Number.NaN } = result as { encodeMs?: number }
  return { encodeMs, bytes: artifacts[0]?.bytes ?? Number.NaN }
}

/** Which x264 wrote a film, by its own word in it. */
function x264Of(path: string): string {
  const start = readFileSync(path).toString('latin1')
  return /x264 - core \d+/.exec(start)?.[0] ?? 'x264 that does not tell'
}
