import { join } from 'node:path'
import { MediaError } from '../../errors.ts'
import type { Metric } from '../../media/film/difference.ts'
import type { WrittenFilm } from '../../media/film/transcode.ts'
import { inTurn, silently } from '../../media/film/work-io.ts'
import type { Film, FilmIo, Stretch } from '../../media/film.ts'
import type { Media } from '../../media/media.ts'
import type { Probe, VideoFacts } from '../../media/probe.ts'
import { meanScore } from './metrics.ts'
import { type ConvertPlan, codedVideo } from './plan.ts'
import { comparedMsOf, comparedOf } from './samples.ts'
import { shownIn } from './shown.ts'
import { mainVideoOf } from './sizes.ts'
import { losslessly } from './trials.ts'

/** Below these no coding is so bad: another picture is shown, or at another time. Of few pixels the coarsest leaves less. */
const leastDecibels = [
  { fromPixels: 10_000, decibels: 13 },
  { fromPixels: 1_000, decibels: 10 },
  { fromPixels: 0, decibels: 2 },
] as const

function leastFor({ width = 0, height = 0 }: Pick<VideoFacts, 'width' | 'height'> = {}): number {
  return leastDecibels.find(({ fromPixels }) => width * height >= fromPixels)?.decibels ?? 0
}

const metric = 'xpsnr'

/** How near a stretch of a new film is to its original. */
export interface Compared extends Stretch {
  readonly metric: Metric
  readonly score: number
}

/** Compares a new film with its original at some stretches. Throws OUTPUT_FAULTY when it does not show the same. */
export async function compared(
  media: Media,
  plan: ConvertPlan,
  { film: made, written }: { film: Film; written: WrittenFilm },
  folder: () => Promise<string>,
  io: FilmIo,
): Promise<Compared[]> {
  const source = await media.film()
  const picture = written.tracks?.find(({ keyFrames }) => keyFrames)
  const shown = await shownIn(made, { fromMs: 0, toMs: await endOf(source, plan, made, picture?.endMs, io) }, io)
  const comparedMs = comparedMsOf(mainVideoOf(made.probe))
  const stretches = comparedOf(shown, {
    frameRate: codedVideo(plan.transcode)?.frameRate,
    comparedMs,
    keysMs: picture?.keyFrames?.atMs ?? [],
  })
  // Where frames stand for long, only the first is sure to begin within its stretch.
  const first = { fromMs: shown.fromMs, toMs: Math.min(shown.toMs, shown.fromMs + comparedMs) }
  const quality: Compared[] = []
  for (const [at, stretch] of [...stretches, first].entries()) {
    if (at === stretches.length && quality.length > 0) break
    const own = inTurn(io, at, stretches.length + 1)
    const score = meanScore(await scoresAt(media, plan, made, { stretch, at, folder }, own))
    if (score !== undefined) quality.push({ ...stretch, metric, score })
    else if (await hasFrames(source, plan, stretch, own)) {
      throw new MediaError('OUTPUT_FAULTY', ['it has no frames where the original has some'])
    }
  }
  const sorted = quality.toSorted((one, other) => one.score - other.score)
  // Of uneven films a stretch may have few frames, and one of them stand on the other side of its edge.
  const told = isUneven(source.probe) ? sorted.at(-1) : sorted[0]
  if (told && told.score < leastFor(mainVideoOf(made.probe)))
    throw new MediaError('OUTPUT_FAULTY', [
      `at ${Math.round(told.fromMs)} ms it does not show what the original shows (XPSNR ${told.score.toFixed(1)} dB)`,
    ])
  return quality
}

/** When the picture ends: sound may go on for long after it, but only where it does so in the original. */
async function endOf(source: Film, plan: ConvertPlan, made: Film, endMs: number | undefined, io: FilmIo) {
  const { durationMs = 0 } = made.probe.container
  if (endMs === undefined || endMs > durationMs - 1000) return durationMs
  // What the original shows behind a part was not asked for.
  const { fromMs, toMs } = plan.transcode.stretch ?? { fromMs: 0, toMs: Number.POSITIVE_INFINITY }
  const behind = { fromMs: endMs + 500, toMs: Math.min(endMs + 1500, toMs - fromMs) }
  if (await hasFrames(source, plan, behind, io)) {
    throw new MediaError('OUTPUT_FAULTY', [
      `its picture ends at ${Math.round(endMs)} ms, and that of the original does not`,
    ])
  }
  return endMs
}

/** Whether frames of the original begin within a stretch of the new film. */
async function hasFrames(source: Film, { transcode }: ConvertPlan, { fromMs, toMs }: Stretch, io: FilmIo) {
  const movedMs = transcode.stretch?.fromMs ?? 0
  const moved = { fromMs: fromMs + movedMs, toMs: toMs + movedMs }
  return (await source.difference(source, [], silently(io), moved)).frames.length > 0
}

const isUneven = (probe: Probe): boolean => mainVideoOf(probe)?.variableFrameRate !== false

async function scoresAt(
  media: Media,
  plan: ConvertPlan,
  made: Film,
  { stretch, at, folder }: { stretch: Stretch; at: number; folder: () => Promise<string> },
  io: FilmIo,
): Promise<number[]> {
  const source = await media.film()
  const fromMs = plan.transcode.stretch?.fromMs ?? 0
  if (plan.isSamePicture && fromMs === 0) {
    const { frames } = await made.difference(source, [metric], io, stretch)
    return frames.flatMap((frame) => frame[metric] ?? [])
  }
  const path = await folder()
  const moved = { fromMs: stretch.fromMs + fromMs, toMs: stretch.toMs + fromMs }
  const reference = await losslessly(media, source, plan, moved, join(path, `original-${at}.mkv`), inTurn(io, 0, 3))
  const plain = withoutChanges(plan)
  const own = await losslessly(media, made, plain, stretch, join(path, `made-${at}.mkv`), inTurn(io, 1, 3))
  const { frames } = await own.difference(reference, [metric], inTurn(io, 2, 3))
  return frames.flatMap((frame) => frame[metric] ?? [])
}

/** The new film has been changed already. */
function withoutChanges(plan: ConvertPlan): ConvertPlan {
  const video = codedVideo(plan.transcode)
  if (video === undefined) return plan
  const { width: _, height: __, crop: ___, frameRate: ____, ...rest } = video
  return { ...plan, transcode: { ...plan.transcode, video: { ...rest, range: 'keep', deinterlace: false } } }
}
