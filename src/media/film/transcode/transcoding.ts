import { AVDISCARD_ALL, AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_VIDEO } from 'node-av/constants'
import { type FormatContext, Packet, type Stream } from 'node-av/lib'
import type { FilmIo } from '../../film.ts'
import { containerRows } from '../containers.ts'
import type { FilmFile } from '../film-file.ts'
import { mainTrack } from '../probe.ts'
import { Telling } from '../telling.ts'
import { rounded } from '../time.ts'
import type { TranscodePlan, WrittenFilm } from '../transcode.ts'
import { chaptersWithin } from './chapters.ts'
import { CopyLine } from './copy-line.ts'
import { finishMovie } from './finish-movie.ts'
import { addMatroskaChapters } from './matroska-chapters.ts'
import { Notes } from './notes.ts'
import { openLines } from './open-lines.ts'
import { PictureLine } from './picture-line.ts'
import { goBefore } from './reading.ts'
import type { Line, Shared } from './shared.ts'
import { type FilmTags, filmTags } from './tags.ts'
import { ToldTracks } from './told-tracks.ts'
import { FilmWriter } from './writer.ts'

/** One film on its way into another file. */
export class Transcoding {
  readonly #film: FilmFile
  readonly #plan: TranscodePlan
  readonly #io: FilmIo
  readonly #shared: Shared
  readonly #to: string
  readonly #tags: FilmTags
  #lines: Line[] = []
  readonly #telling: Telling
  #isClosed = false

  constructor(film: FilmFile, plan: TranscodePlan, to: string, io: FilmIo) {
    this.#film = film
    this.#plan = plan
    this.#to = to
    this.#io = io
    this.#telling = new Telling(io)
    const { hasBoxes, muxer } = containerRows[plan.container]
    this.#tags = filmTags(film.probe.tags, plan.metadata, containerRows[plan.container])
    this.#shared = {
      film,
      writer: FilmWriter.create(muxer, to, this.#tags.own),
      signal: io.signal,
      fromMs: plan.stretch?.fromMs ?? 0,
      toMs: plan.stretch?.toMs ?? Number.POSITIVE_INFINITY,
      endByte: 0,
      hasBoxes,
      notes: new Notes(),
      told: new ToldTracks(),
    }
  }

  /** Opens what the tracks need and goes to where reading begins. */
  async open(context: FormatContext): Promise<void> {
    const lead = mainTrack(context) ?? context.streams.find(({ codecpar }) => codecpar.codecType === AVMEDIA_TYPE_AUDIO)
    await this.#begin(context, lead)
    this.#lines = await openLines(this.#shared, this.#plan, context)
    const used = new Set(this.#lines.map(({ stream }) => stream.index))
    for (const stream of context.streams) if (!used.has(stream.index)) stream.discard = AVDISCARD_ALL
  }

  /** Goes to the key frame before what is kept. A picture that is copied can not begin elsewhere, nor can what goes with it. */
  async #begin(context: FormatContext, lead: Stream | undefined): Promise<void> {
    const { fromMs, notes } = this.#shared
    if (fromMs <= 0 || lead === undefined) return
    const { originMs } = this.#film.length
    const keyMs = await goBefore(context, lead, fromMs + originMs)
    if (this.#plan.video !== 'copy' || lead.codecpar.codecType !== AVMEDIA_TYPE_VIDEO) return
    const startMs = Math.max(0, (keyMs ?? originMs) - originMs)
    if (startMs > fromMs - 0.5) return
    this.#shared.fromMs = startMs
    notes.add(
      `The part begins ${seconds(fromMs - startMs)} earlier, at a key frame: what is copied can not begin elsewhere.`,
    )
  }

  /** Sends every packet on its way. */
  async read(context: FormatContext): Promise<void> {
    const lines = new Map(this.#lines.map((line) => [line.stream.index, line]))
    await this.#shared.writer.begin()
    const packet = new Packet()
    packet.alloc()
    try {
      while (this.#lines.some(({ isOver }) => !isOver) && (await context.readFrame(packet)) >= 0) {
        this.#io.signal.throwIfAborted()
        this.#shared.endByte = Number(packet.pos) + packet.size
        await lines.get(packet.streamIndex)?.take(packet)
        this.#tell(Number(packet.pos) / this.#film.bytes)
        packet.unref()
      }
    } finally {
      packet.free()
    }
  }

  /** Writes what is left and completes the file. */
  async end(context: FormatContext): Promise<Omit<WrittenFilm, 'bytes'>> {
    for (const line of this.#lines) await line.end()
    await this.#shared.writer.end()
    await this.#finish()
    this.#noteDamage()
    this.#telling.end(this.#frames, this.#ms)
    const size = this.#picture?.geometry.seen ?? this.#copied?.seen
    return {
      durationMs: rounded(this.#shared.writer.endMs),
      ...size,
      frames: this.#frames,
      ...(this.#picture && { encoder: this.#picture.encoder.name }),
      tracks: this.#shared.told.all(context),
      notes: this.#shared.notes.all,
    }
  }

  /** Waits for what is being done and frees all. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const line of this.#lines) await line.close()
    await this.#shared.writer.close()
  }

  /** Frees the encoder of the picture, which may take long to stop. */
  closeEncoder(): void {
    this.#picture?.encoder.close()
  }

  /** Adds what FFmpeg does not. */
  async #finish(): Promise<void> {
    const { chapters, container } = this.#plan
    const kept =
      chapters === 'keep' ? chaptersWithin(this.#film.probe.chapters, this.#film.length.originMs, this.#shared) : []
    if (containerRows[container].hasBoxes) {
      await finishMovie(this.#to, { chapters: kept, tags: this.#tags.other }, this.#io.signal)
    } else if (kept.length > 0) {
      await addMatroskaChapters(this.#to, kept)
    }
  }

  #noteDamage(): void {
    const damaged = this.#lines.reduce((sum, line) => sum + (line.damaged ?? 0), 0)
    if (damaged > 0) this.#shared.notes.add(`${damaged} packets can not be decoded and are missing.`)
  }

  get #picture(): PictureLine | undefined {
    return this.#lines.find((line) => line instanceof PictureLine)
  }

  get #copied(): CopyLine | undefined {
    return this.#lines.find((line): line is CopyLine => line instanceof CopyLine && line.isPicture)
  }

  get #frames(): number {
    return this.#picture?.encoder.frames ?? this.#copied?.packets ?? 0
  }

  get #ms(): number {
    return this.#picture?.ms ?? this.#copied?.ms ?? this.#shared.writer.endMs
  }

  #tell(partRead: number): void {
    const { fromMs, toMs } = this.#shared
    const endMs = Math.min(toMs, this.#film.length.durationMs ?? Number.POSITIVE_INFINITY)
    const part = Number.isFinite(endMs) ? this.#ms / (endMs - fromMs) : partRead
    this.#telling.tell(part, this.#frames, this.#ms)
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`
