import { join } from 'node:path'
import type { TranscodePlan, VideoPlan, WrittenFilm } from '../../media/film/transcode.ts'
import { inTurn, within } from '../../media/film/work-io.ts'
import type { Film, FilmIo, Stretch } from '../../media/film.ts'
import type { Media } from '../../media/media.ts'
import { meanScore, type TargetQuality } from './metrics.ts'
import { type ConvertPlan, codedVideo } from './plan.ts'
import type { Trial } from './predict.ts'

/** What is measured against, and which part of it. */
interface Reference {
  readonly film: Film
  readonly stretch?: Stretch
}

/** Codes samples of a film the way it shall be coded, and measures them. Files stay in the folder. */
export class Trials {
  readonly #media: Media
  readonly #plan: ConvertPlan
  readonly #folder: string
  readonly #samples: readonly Stretch[]
  readonly #references: Reference[] = []
  #files = 0

  constructor(media: Media, plan: ConvertPlan, samples: readonly Stretch[], folder: string) {
    this.#media = media
    this.#plan = plan
    this.#samples = samples
    this.#folder = folder
  }

  /** Codes all samples with a rate; with a target each frame is measured. */
  async run(rate: VideoPlan['rate'], target: TargetQuality | undefined, io: FilmIo): Promise<Trial> {
    const film = await this.#media.film()
    const video = codedVideo(this.#plan.transcode)
    if (video === undefined) throw new Error('only what is coded anew is tried on samples')
    const scores: number[][] = []
    const sum = { bytes: 0, count: 0, keyBytes: 0, tookMs: 0, sampleMs: 0 }
    for (const [at, sample] of this.#samples.entries()) {
      const turn = inTurn(io, at, this.#samples.length)
      const path = join(this.#folder, `sample-${this.#files++}.mkv`)
      const startedAt = performance.now()
      const written = await film.transcode(
        pictureAlone(this.#plan.transcode, { ...video, rate }, sample),
        path,
        within(turn, 0, 0.7),
      )
      sum.tookMs += performance.now() - startedAt
      sum.sampleMs += sample.toMs - sample.fromMs
      const { bytes, keyFrames } = pictureIn(written)
      sum.bytes += bytes
      sum.count += keyFrames.count
      sum.keyBytes += keyFrames.bytes
      if (target) scores.push(await this.#scoresOf(path, at, target, within(turn, 0.7, 1)))
    }
    const score = meanScore(scores.flat())
    return {
      ...('crf' in rate ? { crf: rate.crf } : {}),
      ...(score === undefined ? {} : { score }),
      sampleMs: sum.sampleMs,
      samples: this.#samples.length,
      bytes: sum.bytes,
      keyFrames: { count: sum.count, bytes: sum.keyBytes },
      tookMs: Math.round(sum.tookMs),
    }
  }

  async #scoresOf(path: string, at: number, { metric }: TargetQuality, io: FilmIo): Promise<number[]> {
    const made = await (await this.#media.other(path)).film()
    const { film, stretch } = await this.#reference(at, io)
    const { frames } = await made.difference(film, [metric], io, stretch)
    return frames.flatMap((frame) => frame[metric] ?? [])
  }

  /** The original itself where only the coding differs; else a sample with every change but the loss. */
  async #reference(at: number, io: FilmIo): Promise<Reference> {
    const known = this.#references[at]
    if (known) return known
    const stretch = this.#samples[at] ?? { fromMs: 0, toMs: 0 }
    const film = await this.#media.film()
    const reference = this.#plan.isSamePicture
      ? { film, stretch }
      : {
          film: await losslessly(this.#media, film, this.#plan, stretch, join(this.#folder, `reference-${at}.mkv`), io),
        }
    this.#references[at] = reference
    return reference
  }
}

/** Writes a stretch of a film with every change of a plan but its loss, and opens it. */
export async function losslessly(
  media: Media,
  film: Film,
  { transcode }: ConvertPlan,
  stretch: Stretch,
  path: string,
  io: FilmIo,
): Promise<Film> {
  const video = codedVideo(transcode)
  if (video === undefined) throw new Error('what is copied needs no reference')
  const { keyFrameMs: _, ...rest } = video
  // Of 8 bit x264 loses nothing at 0; of 10 bit x265 next to nothing.
  const codec = video.bitDepth === 10 ? 'hevc' : 'h264'
  const plan = { ...rest, codec, hardware: false, rate: { crf: 0 }, speed: 'ultrafast' } as const
  await film.transcode(pictureAlone(transcode, plan, stretch), path, io)
  return (await media.other(path)).film()
}

const pictureAlone = (plan: TranscodePlan, video: VideoPlan, stretch: Stretch): TranscodePlan => ({
  ...plan,
  container: 'mkv',
  video,
  audio: 'drop',
  subtitles: 'drop',
  chapters: 'drop',
  metadata: 'strip',
  stretch,
})

function pictureIn({ tracks, bytes }: WrittenFilm): { bytes: number; keyFrames: { count: number; bytes: number } } {
  const picture = tracks?.find(({ kind, done }) => kind === 'video' && done === 'encoded')
  return { bytes: picture?.bytes ?? bytes, keyFrames: picture?.keyFrames ?? { count: 0, bytes: 0 } }
}
