import type { FormatContext, Stream } from 'node-av/lib'
import { MediaError } from '../../errors.ts'
import type { Film, FilmIo, FilmShot, FrameAt, Stretch } from '../film.ts'
import { checkPixels } from '../limits.ts'
import type { Picture } from '../picture.ts'
import type { Probe } from '../probe.ts'
import { bestShot } from './best.ts'
import type { CheckDepth, FilmCheck } from './check.ts'
import type { ClipsPlan } from './clips.ts'
import { decodeCover } from './cover.ts'
import type { FilmDifference, Metric } from './difference.ts'
import type { FilmFile } from './film-file.ts'
import { type KeptShot, pictureIn, shownAs } from './kept-shot.ts'
import { endOf } from './length.ts'
import { momentShot } from './moment-shot.ts'
import type { PackagePlan, WrittenPackage } from './package.ts'
import { isAttachedPicture, mainTrack, sarOf, videoTracks } from './probe.ts'
import { FilmReader } from './reader.ts'
import { lookOf } from './render.ts'
import { Shots } from './shots.ts'
import type { Seen, Survey, SurveyDepth, SurveySource } from './survey.ts'
import { rounded } from './time.ts'
import type { TranscodePlan, WrittenFilm } from './transcode.ts'
import { within } from './work-io.ts'

/** What a film is made of once it is opened. */
export interface FilmParts extends Omit<FilmFile, 'onFrame'> {
  readonly context: FormatContext
}

/** An opened film: one demuxer with one reading place, and what was taken from it so far. */
export class OneFilm implements Film {
  readonly probe: Probe
  readonly counts = { demuxes: 1, framesDecoded: 0 }
  readonly #parts: FilmParts
  #reader: FilmReader | undefined
  #shots: Shots | undefined
  readonly #seen = new Map<SurveyDepth, Seen>()
  readonly #surveys = new Map<SurveyDepth, Survey>()
  /** The best frame, and the last of the others. */
  readonly #kept = new Map<'best' | 'other', { key: string; shot: KeptShot }>()
  #expected = 0
  #queue: Promise<unknown> = Promise.resolve()

  constructor(parts: FilmParts) {
    this.#parts = parts
    this.probe = parts.probe
  }

  expect(edge: number): void {
    this.#expected = Math.max(this.#expected, edge)
  }

  frame(at: FrameAt, want: { edge?: number } = {}): Promise<{ picture: Picture; atMs: number }> {
    const edge = want.edge === undefined ? undefined : Math.max(want.edge, this.#expected)
    return this.#inTurn(() => this.#picture(at, edge))
  }

  shots(moments: readonly number[], want: { edge: number; exact?: boolean }, io: FilmIo): Promise<FilmShot[]> {
    return this.#inTurn(async () => {
      const stream = this.#pictureStream()
      if (!isAttachedPicture(stream)) return await this.#openPicture(stream).shots.take(moments, want, io)
      const { picture } = await this.#picture('best', want.edge)
      const { width, height } = picture
      const pixels = await picture.pixels({ width, height, fit: 'fill', as: 'rgb' })
      return moments.map(() => ({ ms: 0, picture, pixels, isDamaged: false }))
    })
  }

  look(depth: SurveyDepth, io: FilmIo): Promise<Seen> {
    return this.#inTurn(() => this.#look(depth, io))
  }

  survey(depth: SurveyDepth, io: FilmIo): Promise<Survey> {
    return this.#inTurn(async () => {
      const known = this.#surveys.get(depth)
      if (known !== undefined) return known
      const { withSound } = await import('./survey.ts')
      const hasSound = this.probe.audio.length > 0
      const seenAt = this.probe.video.length === 0 ? 0 : hasSound ? 0.8 : 1
      const seen = await this.#look(depth, within(io, 0, seenAt))
      const survey = await withSound(this.#surveySource(), seen, depth, within(io, seenAt, 1))
      this.#surveys.set(depth, survey)
      return survey
    })
  }

  async check(depth: CheckDepth, io: FilmIo): Promise<FilmCheck> {
    const { checkFilm } = await import('./check.ts')
    return checkFilm(this.#file, depth, io)
  }

  clips(plan: ClipsPlan, to: string, io: FilmIo): Promise<WrittenFilm> {
    return this.#inTurn(async () => {
      const stream = this.#pictureStream()
      if (isAttachedPicture(stream)) throw new MediaError('NO_PICTURE', ['it holds only a cover, which does not move'])
      const reader = this.#openReader(stream)
      const { writeClips } = await import('./clips.ts')
      return await writeClips({ stream, reader }, plan, to, io)
    })
  }

  async transcode(plan: TranscodePlan, to: string, io: FilmIo): Promise<WrittenFilm> {
    const { transcodeFilm } = await import('./transcode.ts')
    return transcodeFilm(this.#file, plan, to, io)
  }

  async difference(
    reference: Film,
    metrics: readonly Metric[],
    io: FilmIo,
    stretch?: Stretch,
  ): Promise<FilmDifference> {
    if (!(reference instanceof OneFilm)) throw new Error('a film is compared with another opened film')
    const { differenceOf } = await import('./difference.ts')
    return differenceOf(this.#file, reference.#file, metrics, io, stretch)
  }

  async package(plan: PackagePlan, folder: string, io: FilmIo): Promise<WrittenPackage> {
    const { packageFilm } = await import('./package.ts')
    return packageFilm(this.#file, plan, folder, io)
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      for (const { shot } of this.#kept.values()) shot.frame.free()
      this.#kept.clear()
      this.#reader?.close()
      this.#reader = undefined
      await this.#parts.context.closeInput()
    })
  }

  /** For work with a demuxer of its own. */
  get #file(): FilmFile {
    const { context: _, ...file } = this.#parts
    const onFrame = () => {
      this.counts.framesDecoded++
    }
    return { ...file, onFrame }
  }

  async #look(depth: SurveyDepth, io: FilmIo): Promise<Seen> {
    const known = this.#seen.get(depth)
    if (known !== undefined) return known
    const { lookAt } = await import('./survey.ts')
    const seen = await lookAt(this.#surveySource(), depth, io)
    this.#seen.set(depth, seen)
    return seen
  }

  #surveySource(): SurveySource {
    const { context } = this.#parts
    const stream = mainTrack(context)
    const picture = stream && { ...this.#openPicture(stream), stream }
    return { ...this.#file, context, ...(picture && { picture }) }
  }

  /** The demuxer has one reading place, so requests wait for each other. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#queue.then(work)
    this.#queue = result.catch(() => {})
    return result
  }

  async #picture(at: FrameAt, edge: number | undefined): Promise<{ picture: Picture; atMs: number }> {
    const shot = await this.#shot(at)
    const picture = await pictureIn(shot, edge)
    return { picture, atMs: Math.max(0, rounded(shot.ms)) }
  }

  async #shot(at: FrameAt): Promise<KeptShot> {
    const slot = at === 'best' ? 'best' : 'other'
    const key = JSON.stringify(at)
    const kept = this.#kept.get(slot)
    if (kept?.key === key) return kept.shot
    const shot = await this.#take(at)
    kept?.shot.frame.free()
    this.#kept.set(slot, { key, shot })
    return shot
  }

  async #take(at: FrameAt): Promise<KeptShot> {
    const { context, path, limits } = this.#parts
    const { maxPixels } = limits
    const stream = this.#pictureStream()
    const look = lookOf(stream, sarOf(stream))
    if (isAttachedPicture(stream)) {
      const frame = await decodeCover(context, stream, { path, maxPixels })
      this.counts.framesDecoded++
      return { frame, ms: 0, look, source: 'cover' }
    }
    const reader = this.#openReader(stream)
    const { length } = this.#parts
    const end = endOf(stream, length)
    const shot = at === 'best' ? await bestShot(reader, look, end) : await momentShot(reader, at, length, end)
    return shownAs(shot, look)
  }

  /** The main track; where there is no moving picture a cover. */
  #pictureStream(): Stream {
    const { context } = this.#parts
    const stream = mainTrack(context) ?? context.streams.find(isAttachedPicture)
    if (stream === undefined) throw new MediaError('NO_PICTURE', [reasonWithout(this.probe)])
    return stream
  }

  #openPicture(stream: Stream): { reader: FilmReader; shots: Shots } {
    const reader = this.#openReader(stream)
    this.#shots ??= new Shots(reader, lookOf(stream, sarOf(stream)))
    return { reader, shots: this.#shots }
  }

  #openReader(stream: Stream): FilmReader {
    const { path, context, length, isWhole, limits } = this.#parts
    const { maxPixels } = limits
    const { width, height } = stream.codecpar
    const tracks = videoTracks(context).map(({ index }) => index)
    checkPixels(width, height, { maxPixels })
    this.#reader ??= new FilmReader({
      path,
      context,
      stream,
      originMs: length.originMs,
      isWhole,
      maxPixels,
      hasEvenFrames: this.probe.video[tracks.indexOf(stream.index)]?.variableFrameRate === false,
      onFrame: () => {
        this.counts.framesDecoded++
      },
    })
    return this.#reader
  }
}

const reasonWithout = (probe: Probe): string =>
  probe.audio.length > 0 ? 'it holds only sound, without a cover' : 'it has no picture track'
