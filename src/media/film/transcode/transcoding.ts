import { AVDISCARD_ALL, AVMEDIA_TYPE_AUDIO } from 'node-av/constants'
import { type FormatContext, Packet, type Stream } from 'node-av/lib'
import { MediaError } from '../../../errors.ts'
import type { FilmIo } from '../../film.ts'
import type { FilmFile } from '../film-file.ts'
import { mainTrack, videoTracks } from '../probe.ts'
import { rounded } from '../time.ts'
import type { TranscodePlan, WrittenFilm } from '../transcode.ts'
import { CopyLine } from './copy-line.ts'
import { PictureLine } from './picture-line.ts'
import { goBefore } from './reading.ts'
import type { Line, Shared } from './shared.ts'
import { SoundLine } from './sound-line.ts'
import { FilmWriter } from './writer.ts'

/** How often progress is told. */
const toldEveryMs = 200

/** One film on its way into another file. */
export class Transcoding {
  readonly #film: FilmFile
  readonly #plan: TranscodePlan
  readonly #io: FilmIo
  readonly #shared: Shared
  readonly #lines: Line[] = []
  readonly #startedAt = performance.now()
  #picture: PictureLine | undefined
  #copied: CopyLine | undefined
  #toldAt = 0

  constructor(film: FilmFile, plan: TranscodePlan, to: string, io: FilmIo) {
    this.#film = film
    this.#plan = plan
    this.#io = io
    this.#shared = {
      film,
      container: plan.container,
      writer: FilmWriter.create(plan.container, to, {}),
      signal: io.signal,
      fromMs: plan.stretch?.fromMs ?? 0,
      toMs: plan.stretch?.toMs ?? Number.POSITIVE_INFINITY,
      hasFourLetters: plan.container === 'mp4' || plan.container === 'mov',
      notes: [],
      factsOf: () => undefined,
    }
  }

  /** Opens what the tracks need and goes to where reading begins. */
  async open(context: FormatContext): Promise<void> {
    const { video, audio } = this.#plan
    const main = mainTrack(context)
    const shared = { ...this.#shared, factsOf: (stream: Stream) => this.#factsOf(context, stream) }
    if (main !== undefined && video !== 'drop') {
      const track = shared.writer.track()
      if (video === 'copy') this.#copied = new CopyLine(shared, main, track, 0)
      else this.#picture = await PictureLine.open(shared, main, video, track)
      this.#lines.push(...[this.#picture, this.#copied].filter((line) => line !== undefined))
    }
    for (const stream of context.streams) {
      if (stream.codecpar.codecType !== AVMEDIA_TYPE_AUDIO || audio === 'drop') continue
      const track = shared.writer.track()
      if (audio === 'copy') this.#lines.push(new CopyLine(shared, stream, track, 0))
      else this.#lines.push(await SoundLine.open(shared, stream, audio, track))
    }
    const used = new Set(this.#lines.map(({ stream }) => stream.index))
    for (const stream of context.streams) if (!used.has(stream.index)) stream.discard = AVDISCARD_ALL
    const [lead] = this.#lines
    if (lead === undefined) throw new MediaError('UNSUPPORTED_CONTENT', ['it has neither picture nor sound'])
    if (shared.fromMs > 0) await goBefore(context, lead.stream, shared.fromMs + this.#film.length.originMs)
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
        const line = lines.get(packet.streamIndex)
        if (line !== undefined && !line.isOver) await line.take(packet)
        this.#tell(Number(packet.pos) / this.#film.bytes)
        packet.unref()
      }
    } finally {
      packet.free()
    }
  }

  /** Writes what is left and completes the file. */
  async end(): Promise<Omit<WrittenFilm, 'bytes'>> {
    for (const line of this.#lines) await line.end()
    await this.#shared.writer.end()
    this.#io.progress(1, this.#pace)
    const size = this.#picture?.geometry.seen
    return {
      durationMs: rounded(this.#shared.writer.endMs),
      ...size,
      frames: this.#picture?.encoder.frames ?? this.#copied?.packets ?? 0,
      ...(this.#picture && { encoder: this.#picture.encoder.name }),
      notes: this.#shared.notes,
    }
  }

  /** Waits for what is being done and frees all. */
  async close(): Promise<void> {
    for (const line of this.#lines) await line.close()
    await this.#shared.writer.close()
    this.#picture?.encoder.close()
  }

  #factsOf(context: FormatContext, stream: Stream) {
    return this.#film.probe.video[videoTracks(context).findIndex(({ index }) => index === stream.index)]
  }

  get #pace() {
    const frames = this.#picture?.encoder.frames ?? this.#copied?.packets ?? 0
    const seconds = Math.max(0.001, (performance.now() - this.#startedAt) / 1000)
    return { frames, framesPerSecond: frames / seconds, speed: Math.max(0, this.#ms) / 1000 / seconds }
  }

  get #ms(): number {
    return this.#picture?.ms ?? this.#copied?.ms ?? this.#shared.writer.endMs
  }

  #tell(partRead: number): void {
    const now = performance.now()
    if (now - this.#toldAt < toldEveryMs) return
    this.#toldAt = now
    const { fromMs, toMs } = this.#shared
    const endMs = Math.min(toMs, this.#film.length.durationMs ?? Number.POSITIVE_INFINITY)
    const part = Number.isFinite(endMs) ? this.#ms / (endMs - fromMs) : partRead
    this.#io.progress(Math.min(0.99, Math.max(0, part)), this.#pace)
  }
}
