import { join } from 'node:path'
import { MediaError } from '../../errors.ts'
import type { Metric } from '../../media/film/difference.ts'
import type { WrittenFilm } from '../../media/film/transcode.ts'
import { inTurn, silently } from '../../media/film/work-io.ts'
import type { Film, FilmIo, Stretch } from '../../media/film.ts'
import type { Media } from '../../media/media.ts'
import type { Probe, VideoFacts } from '../../media/probe.ts'
import { beside } from './beside.ts'
import { faultsOf } from './faults-made.ts'
import { meanScore } from './metrics.ts'
import { type ConvertPlan, codedVideo } from './plan.ts'
import { comparedMsOf, comparedOf } from './samples.ts'
import { shownIn } from './shown.ts'
import { mainVideoOf } from './sizes.ts'
import { losslessly } from './trials.ts'

/** How a new film was tried before anything was told of it. */
export interface Verification {
  /** `all`: every packet and frame; `ends`: container, index, both ends and key frames between. */
  readonly decoded: 'all' | 'ends'
  readonly framesDecoded: number
  readonly durationMs?: number
  /** What is wrong with a copy, when the original has the same fault. */
  readonly damage?: string
  /** Likeness to the original at some stretches, by the time of the new film; empty when the picture was copied. */
  readonly quality: readonly (Stretch & { readonly metric: Metric; readonly score: number })[]
}

/** A film that lies in its file. */
export interface Made {
  readonly path: string
  readonly written: WrittenFilm
}

/**
 * Opens a new film, decodes it, and holds it against its plan and its original. What was coded anew is decoded whole, which
 * costs little beside the coding; what was only copied is looked at here and there. Throws OUTPUT_FAULTY.
 */
export async function verify(
  media: Media,
  plan: ConvertPlan,
  { path, written }: Made,
  folder: () => Promise<string>,
  io: FilmIo,
): Promise<Verification> {
  const source = await media.film()
  const made = await opened(media, path)
  const faults = faultsOf(plan, source.probe, made.probe, written)
  if (faults.length > 0) throw await faultError(source, faults.join('; '), io)
  const isCoded = codedVideo(plan.transcode) !== undefined || typeof plan.transcode.audio !== 'string'
  // The encoder has ended and left all cores.
  const [{ framesDecoded, worst }, quality] = await beside(
    io,
    (own) => decoded(source, made, isCoded, own),
    async (own) =>
      codedVideo(plan.transcode) ? await compared(media, plan, { film: made, written }, folder, own) : [],
  )
  io.progress(1)
  const { durationMs } = made.probe.container
  return {
    decoded: isCoded ? 'all' : 'ends',
    framesDecoded,
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(worst ? { damage: worst.message } : {}),
    quality,
  }
}

/** Decodes it; what is wrong with it is given back where the original has the same fault, else thrown. */
async function decoded(source: Film, made: Film, isCoded: boolean, io: FilmIo) {
  const { verdict, damage, framesDecoded } = await made.check(isCoded ? 'thorough' : 'quick', io)
  const [worst] = verdict === 'damaged' ? damage.filter(({ isHarmless }) => !isHarmless) : []
  if (worst && (isCoded || (await isWhole(source, io)))) throw new MediaError('OUTPUT_FAULTY', [worst.message])
  return { framesDecoded, worst }
}

async function opened(media: Media, path: string): Promise<Film> {
  try {
    return await (await media.other(path)).film()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/\.$/, '') : String(cause)
    throw new MediaError('OUTPUT_FAULTY', [`it can not be opened (${reason})`], { cause })
  }
}

/** Of a damaged original nothing whole can be made, which is its own fault. */
async function faultError(source: Film, faults: string, io: FilmIo): Promise<MediaError> {
  const { damage, verdict } = await source.check('quick', silently(io))
  const [worst] = damage.filter(({ isHarmless }) => !isHarmless)
  if (verdict === 'ok' || worst === undefined) return new MediaError('OUTPUT_FAULTY', [faults])
  return new MediaError('MEDIA_DAMAGED', [`${worst.message}; of what was made of it, ${faults}`])
}

/** A copy of what is damaged is damaged as well. */
const isWhole = async (source: Film, io: FilmIo): Promise<boolean> =>
  (await source.check('quick', silently(io))).verdict === 'ok'

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

async function compared(
  media: Media,
  plan: ConvertPlan,
  { film: made, written }: { film: Film; written: WrittenFilm },
  folder: () => Promise<string>,
  io: FilmIo,
): Promise<Verification['quality']> {
  const source = await media.film()
  const picture = written.tracks?.find(({ keyFrames }) => keyFrames)
  const { durationMs = 0 } = made.probe.container
  // Sound may go on for long after the picture.
  const whole = { fromMs: 0, toMs: Math.min(durationMs, picture?.endMs ?? durationMs) }
  const shown = await shownIn(made, whole, io)
  const comparedMs = comparedMsOf(mainVideoOf(made.probe))
  const stretches = comparedOf(shown, {
    frameRate: codedVideo(plan.transcode)?.frameRate,
    comparedMs,
    keysMs: picture?.keyFrames?.atMs ?? [],
  })
  // Where frames stand for long, only the first is sure to begin within its stretch.
  const first = { fromMs: shown.fromMs, toMs: Math.min(shown.toMs, shown.fromMs + comparedMs) }
  const quality: (Stretch & { metric: Metric; score: number })[] = []
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
