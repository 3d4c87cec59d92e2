import {
  AV_FRAME_FLAG_CORRUPT,
  AV_NOPTS_VALUE,
  AV_PKT_FLAG_CORRUPT,
  AV_PKT_FLAG_DISCARD,
  AVERROR_EOF,
  AVMEDIA_TYPE_VIDEO,
} from 'node-av/constants'
import { type CodecContext, Frame, type Packet, type Stream } from 'node-av/lib'
import { again } from '../ffmpeg.ts'
import { codecNameOf } from '../names.ts'
import { msOf, stampIn } from '../time.ts'
import type { Finding, Sign } from './signs.ts'

/** A packet that was read, or a frame that came out, on the film's own clock. */
export interface Moment {
  readonly ms: number
  readonly endMs: number
}

/** A packet of a picture, as the decoder got it. */
export interface SentPacket extends Moment {
  readonly isKeyframe: boolean
}

/** Decoders of sound are right again after a jump when so many frames came out. */
const framesToSettle = 3
/** From so many packets of sound something must have come out. */
const packetsToSettle = 8

/** Less is rounding. */
const leastHoleMs = 15

/** Decodes all packets of one track and remembers what went wrong, and when. */
export class TrackCheck {
  readonly stream: Stream
  readonly isPicture: boolean
  readonly codec: string
  /** Packets that were read, whether or not they could be decoded, and frames; of a picture. Sound has too many. */
  readonly packets: SentPacket[] = []
  readonly frames: Moment[] = []
  /** Where no sound was read. */
  readonly quiet: Moment[] = []
  frameCount = 0
  /** The packet that was read last. */
  last: Moment | undefined
  /** Each packet lasts until the next one is decoded, as in an MP4: no time is without one, however far they lie apart. */
  isSeamless = true
  /** Where the last packet ends in the file, in bytes. */
  endByte = 0
  /** When the last packet or frame is over; undefined when nothing was read. */
  endMs: number | undefined
  readonly #decoder: CodecContext
  readonly #originMs: number
  readonly #frame = new Frame()
  /** By sign and moment: the quick check may come by the same place twice. */
  readonly #findings = new Map<string, Finding & { readonly packet: number }>()
  /** When the first key frame is shown. */
  #keyMs: number | undefined
  #dts: bigint | undefined
  /** Up to when the packet before lasts, as it is decoded. */
  #decodedUntil: bigint | undefined
  /** Sound frames that still have to come out before damage counts. */
  #toSettle = 0
  #packetCount = 0
  /** The latest begin of a packet. */
  #latestMs = 0
  /** The first packet after a jump, and how many were read since. */
  #piece: Moment | undefined
  #pieceCount = 0
  readonly #usualMs: number

  constructor(stream: Stream, decoder: CodecContext, originMs: number) {
    this.stream = stream
    this.isPicture = stream.codecpar.codecType === AVMEDIA_TYPE_VIDEO
    this.codec = codecNameOf(stream.codecpar) ?? ''
    this.#decoder = decoder
    this.#originMs = originMs
    const rate = stream.avgFrameRate.toDouble()
    this.#usualMs = this.isPicture ? 1000 / (rate > 0 && rate < 1000 ? rate : 25) : 25
    this.#frame.alloc()
  }

  /** Decodes one packet of this track. */
  async take(packet: Packet): Promise<void> {
    const moment = this.#momentOf(packet)
    this.#compareStamps(packet, moment)
    this.endByte = Number(packet.pos) + packet.size
    // What an edit leaves out is decoded because other frames need it, and never shown.
    if (!packet.hasFlags(AV_PKT_FLAG_DISCARD)) this.#note(moment, packet.isKeyframe)
    if (this.#keyMs === undefined && packet.isKeyframe) this.#keyMs = moment.ms
    const isPartial = packet.hasFlags(AV_PKT_FLAG_CORRUPT)
    // Sound is decoded faster than work is handed to another thread.
    const code = this.isPicture ? await this.#decoder.sendPacket(packet) : this.#decoder.sendPacketSync(packet)
    const isLost = code < 0 && code !== again
    if (isLost) this.#find(this.isPicture ? 'picture-undecodable' : 'sound-undecodable', moment)
    else if (isPartial) this.#find(this.isPicture ? 'picture-guessed' : 'sound-undecodable', moment)
    this.#drain(moment)
  }

  /** To be called when the reading place has moved: what the first packets lack is no damage. */
  restart(): void {
    this.#endPiece()
    this.#decoder.flushBuffers()
    this.#dts = undefined
    this.#toSettle = framesToSettle
    this.#piece = undefined
    this.#pieceCount = 0
  }

  /** Takes what the decoder still holds, and gives all that was found. */
  async finish(): Promise<Finding[]> {
    this.#endPiece()
    await this.#decoder.sendPacket(null)
    this.#drain(this.last ?? { ms: 0, endMs: 0 })
    return [...this.#findings.values()].map(({ packet, sign, ...finding }) => {
      if (sign !== 'sound-undecodable')
        return { ...finding, sign: this.isLeading(finding.fromMs) ? leading(sign) : sign }
      // After a jump, times may be off by a packet.
      const isLast = finding.toMs >= this.#latestMs - 0.5
      return { ...finding, sign: isLast ? 'sound-last' : packet <= 1 ? 'sound-first' : sign }
    })
  }

  /** Whether nothing was wrong with any packet or frame so far. */
  get isFaultless(): boolean {
    return this.#findings.size === 0
  }

  /** Whether a frame of this moment stands before the first key frame. */
  isLeading(ms: number): boolean {
    return this.#keyMs !== undefined && ms < this.#keyMs - 0.5
  }

  /** Frees the decoder. */
  close(): void {
    this.#frame.free()
    this.#decoder.freeContext()
  }

  #note(moment: Moment, isKeyframe: boolean): void {
    const { ms, endMs } = moment
    if (this.isPicture) this.packets.push({ ...moment, isKeyframe })
    else if (this.endMs !== undefined && ms - this.endMs > leastHoleMs) this.quiet.push({ ms: this.endMs, endMs: ms })
    this.#packetCount++
    this.#pieceCount++
    this.#piece ??= moment
    this.last = moment
    this.#latestMs = Math.max(this.#latestMs, ms)
    this.endMs = Math.max(endMs, this.endMs ?? endMs)
  }

  /** A piece of which many packets were read and nothing came out is damaged, however much a jump excuses. */
  #endPiece(): void {
    if (this.#toSettle < framesToSettle || this.#pieceCount < packetsToSettle) return
    this.#toSettle = 0
    this.#find('sound-undecodable', { ms: this.#piece?.ms ?? 0, endMs: this.last?.endMs ?? 0 })
  }

  #drain(moment: Moment): void {
    while (true) {
      const code = this.#decoder.receiveFrameSync(this.#frame)
      if (code === AVERROR_EOF || code === again) return
      if (code < 0) {
        this.#find(this.isPicture ? 'picture-undecodable' : 'sound-undecodable', moment)
        return
      }
      const ms = this.#msOf(this.#frame.bestEffortTimestamp) ?? this.frames.at(-1)?.endMs ?? moment.ms
      const shown = { ms, endMs: ms + this.#lengthOf(this.#frame) }
      this.frameCount++
      if (this.isPicture) {
        this.frames.push(shown)
        this.endMs = Math.max(shown.endMs, this.endMs ?? 0)
      }
      if (this.#toSettle > 0) this.#toSettle--
      const isGuessed = this.#frame.decodeErrorFlags !== 0 || this.#frame.hasFlags(AV_FRAME_FLAG_CORRUPT)
      if (isGuessed) this.#find(this.isPicture ? 'picture-guessed' : 'sound-undecodable', shown)
      this.#frame.unref()
    }
  }

  #find(sign: Sign, { ms, endMs }: Moment): void {
    if (this.#toSettle > 0) return
    this.#findings.set(`${sign} ${ms}`, { sign, fromMs: ms, toMs: endMs, packet: this.#packetCount - 1 })
  }

  #compareStamps({ dts, duration }: Packet, moment: Moment): void {
    if (dts === AV_NOPTS_VALUE || duration <= 0n) this.isSeamless = false
    if (dts === AV_NOPTS_VALUE) return
    if (this.#dts !== undefined && dts < this.#dts) this.#find('stamps', moment)
    const holeMs = this.#decodedUntil === undefined ? 0 : msOf(dts - this.#decodedUntil, this.stream.timeBase)
    if (holeMs === undefined || holeMs > leastHoleMs) this.isSeamless = false
    this.#dts = dts
    this.#decodedUntil = dts + duration
  }

  #momentOf(packet: Packet): Moment {
    // Of the first packet after a jump nobody knows; it is not told of either.
    const before = this.#piece === undefined ? undefined : this.last?.endMs
    const ms = this.#msOf(stampIn(packet)) ?? before ?? 0
    const length = msOf(packet.duration, this.stream.timeBase) ?? 0
    return { ms, endMs: ms + (length > 0 ? length : this.#usualMs) }
  }

  #lengthOf(frame: Frame): number {
    if (!this.isPicture) return (frame.nbSamples / Math.max(1, frame.sampleRate)) * 1000
    const length = msOf(frame.duration, this.stream.timeBase) ?? 0
    return length > 0 ? length : this.#usualMs
  }

  #msOf(stamp: bigint): number | undefined {
    const ms = msOf(stamp, this.stream.timeBase)
    return ms === undefined ? undefined : ms - this.#originMs
  }
}

const leading = (sign: Sign): Sign =>
  sign === 'picture-undecodable' || sign === 'picture-guessed' ? 'picture-leading' : sign
