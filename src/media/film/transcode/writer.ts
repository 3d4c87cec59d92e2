import { Dictionary, FormatContext, type IRational, type Packet, type Stream } from 'node-av/lib'
import { MediaError } from '../../../errors.ts'
import { cloned } from '../cloned.ts'
import { expectDone } from '../ffmpeg.ts'
import { codecNameOf } from '../names.ts'

/** What a track is, told when it is known. */
export interface TrackStart {
  /** Of the time stamps of its packets, in seconds. */
  readonly timeBase: IRational
  /** Fills in the new stream. */
  describe(stream: Stream): void
}

/** Writes tracks into one file, in the order of time. The file begins when every track has said what it is. */
export class FilmWriter {
  readonly #context: FormatContext
  readonly #tracks: WriterTrack[] = []
  readonly #early: { track: WriterTrack; packet: Packet }[] = []
  #last: Promise<void> = Promise.resolve()
  #hasBegun = false
  #isClosed = false

  private constructor(context: FormatContext) {
    this.#context = context
  }

  /** Prepares a file; nothing is written yet. */
  static create(muxer: string, path: string, tags: Readonly<Record<string, string>>): FilmWriter {
    const context = new FormatContext()
    try {
      expectDone(context.allocOutputContext2(null, muxer, `file:${path}`), 'muxing')
    } catch (error) {
      context.freeContext()
      throw error
    }
    // Else what says that a track is Dolby Vision is not written.
    context.strictStdCompliance = unofficial
    context.metadata = Dictionary.fromObject({ ...tags })
    return new FilmWriter(context)
  }

  /** When the last of what was written is over, in milliseconds. */
  get endMs(): number {
    return Math.max(0, ...this.#tracks.map(({ endMs }) => endMs))
  }

  /** Reserves a place for a track, in the order of the calls; `mark` adds what is said of it. */
  track(mark?: (stream: Stream) => void): WriterTrack {
    const track: WriterTrack = new WriterTrack((packet) => this.#write(track, packet), mark)
    this.#tracks.push(track)
    return track
  }

  /** Begins the file if all tracks are known; to be called when one has become so. Tracks without a word are left out with `isLast`. */
  begin(isLast = false): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#hasBegun || this.#isClosed) return
      if (!isLast && this.#tracks.some(({ isKnown }) => !isKnown)) return
      const tracks = this.#tracks.filter(({ start }) => start !== undefined)
      if (tracks.length === 0) throw new MediaError('MEDIA_DAMAGED', ['nothing of it can be decoded'])
      for (const track of tracks) track.describe(this.#context.newStream())
      expectDone(await this.#context.openOutput(), 'creating a file')
      // The same film gives the same bytes.
      using options = Dictionary.fromObject({ fflags: '+bitexact' })
      expectDone(await this.#context.writeHeader(options), 'beginning a file')
      this.#hasBegun = true
      for (const { track, packet } of this.#early.splice(0)) await this.#mux(track, packet)
    })
  }

  /** Completes the file. */
  async end(): Promise<void> {
    await this.begin(true)
    await this.#inTurn(async () => expectDone(await this.#context.writeTrailer(), 'ending a file'))
  }

  /** Waits for what is being written and frees all; the file stays as far as it was written. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#last
    for (const { packet } of this.#early.splice(0)) packet.free()
    await this.#context.closeOutput()
    this.#context.freeContext()
  }

  /** Keeps a packet for its turn; what is given stays the caller's. */
  async #write(track: WriterTrack, given: Packet): Promise<void> {
    const packet = cloned(given)
    if (!this.#hasBegun) {
      this.#early.push({ track, packet })
      return
    }
    await this.#inTurn(() => this.#mux(track, packet))
  }

  async #mux(track: WriterTrack, packet: Packet): Promise<void> {
    try {
      if (this.#isClosed || !track.prepare(packet)) return
      // Packets are small and the system writes them later: to hand them to another thread would take longer.
      expectDone(this.#context.interleavedWriteFrameSync(packet), 'writing a packet')
    } finally {
      packet.free()
    }
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => {})
    return done
  }
}

const unofficial = -1

/** The place of a track in a file. */
export class WriterTrack {
  readonly #write: (packet: Packet) => Promise<void>
  readonly #mark: ((stream: Stream) => void) | undefined
  start: TrackStart | undefined
  isKnown = false
  /** When the last of what was written is over, in milliseconds. */
  endMs = 0
  packets = 0
  bytes = 0
  readonly keyFrames = { count: 0, bytes: 0, atMs: [] as number[] }
  #stream: Stream | undefined
  #lastDts: bigint | undefined

  constructor(write: (packet: Packet) => Promise<void>, mark?: (stream: Stream) => void) {
    this.#write = write
    this.#mark = mark
  }

  /** FFmpeg's name of what it is written in, once the file has begun. */
  get codec(): string | undefined {
    return this.#stream && codecNameOf(this.#stream.codecpar)
  }

  /** Says what it is. The writer's `begin` must be called afterwards. */
  become(start: TrackStart): void {
    this.start = start
    this.isKnown = true
  }

  /** Says that there will be nothing. */
  leaveOut(): void {
    this.isKnown = true
  }

  /** Adds a packet, which stays the caller's, with its time in the track's base from the beginning of the new film. */
  async write(packet: Packet): Promise<void> {
    const { num, den } = this.start?.timeBase ?? { num: 0, den: 1 }
    const msOf = (stamp: bigint) => (Number(stamp) * 1000 * num) / den
    this.endMs = Math.max(this.endMs, msOf(packet.pts + packet.duration))
    this.packets++
    this.bytes += packet.size
    if (packet.isKeyframe) {
      this.keyFrames.count++
      this.keyFrames.bytes += packet.size
      this.keyFrames.atMs.push(msOf(packet.pts))
    }
    await this.#write(packet)
  }

  /** Makes it a stream of the file. */
  describe(stream: Stream): void {
    if (this.start === undefined) return
    this.#stream = stream
    stream.timeBase = this.start.timeBase as Stream['timeBase']
    this.start.describe(stream)
    this.#mark?.(stream)
  }

  /** Puts a packet on the file's clock; false when it can not be written because a later one was. */
  prepare(packet: Packet): boolean {
    const stream = this.#stream
    if (stream === undefined || this.start === undefined) return false
    packet.streamIndex = stream.index
    packet.rescaleTs(this.start.timeBase, stream.timeBase)
    // A clock that is coarser than the film's can make two stamps one.
    if (this.#lastDts !== undefined && packet.dts <= this.#lastDts) packet.dts = this.#lastDts + 1n
    if (packet.pts < packet.dts) packet.pts = packet.dts
    this.#lastDts = packet.dts
    return true
  }
}
