import {
  AV_NOPTS_VALUE,
  AVDISCARD_ALL,
  AVERROR_EOF,
  AVSEEK_FLAG_BACKWARD,
  AVSEEK_FLAG_BYTE,
  type AVSeekFlag,
} from 'node-av/constants'
import { type CodecContext, type FormatContext, Frame, Packet, type Stream } from 'node-av/lib'
import { Breather } from './breather.ts'
import { type DecoderOptions, openDecoder } from './decoder.ts'
import { again } from './ffmpeg.ts'
import { isDamaged, KeyDecoder } from './key-decoder.ts'
import { msOf, stampIn, stampOf } from './time.ts'

/** A decoded frame and when it is shown, counted from the film's origin. */
export interface TimedFrame {
  /** Belongs to the reader and is gone with its next frame: take a `clone()` to keep it, and free that. */
  readonly frame: Frame
  readonly ms: number
  /** Until when, where that is sure: in films with even frames. */
  readonly endMs?: number
  /** Parts of it could not be decoded and are guessed. */
  readonly isDamaged: boolean
}

/** The packet of a key frame; it belongs to the reader and is gone with the next. */
export interface KeyPacket {
  readonly packet: Packet
  readonly ms: number
}

/** What a reader is opened for. */
export interface ReaderOptions extends DecoderOptions {
  readonly context: FormatContext
  readonly stream: Stream
  readonly originMs: number
  /** The file is known to be complete, so its end need not be looked for. */
  readonly isWhole: boolean
  /** With even distances, frames that no other needs are left out on the way to the one that is wanted. */
  readonly hasEvenFrames: boolean
  readonly onFrame: () => void
}

/** To the next key frame instead of the one before. */
const forward = 0 as AVSeekFlag

/** Decodes one video track from any moment on. One at a time may read: the demuxer has one place. */
export class FilmReader {
  /** Packets that no frame could be made of, since the opening. */
  damagedPackets = 0
  /** Packets of this track that were read, since the opening. */
  packetsRead = 0
  readonly #options: ReaderOptions
  /** Opened when it is first needed: key frames have decoders of their own. */
  #opened: CodecContext | undefined
  readonly #packet = new Packet()
  readonly #frame = new Frame()
  readonly #keyDecoders: (KeyDecoder | undefined)[] = []
  readonly #breather = new Breather()

  constructor(options: ReaderOptions) {
    this.#options = options
    this.#packet.alloc()
    this.#frame.alloc()
    // What is not looked at need not be read.
    for (const other of options.context.streams) {
      if (other.index !== options.stream.index) other.discard = AVDISCARD_ALL
    }
  }

  /**
   * Frames in the order they are shown, from the key frame at or before a moment on; where there is none before, from the
   * first one behind. Ends with the film. A new call ends an earlier one. Throws UNSUPPORTED_CONTENT without a decoder.
   */
  async *framesFrom(ms: number): AsyncGenerator<TimedFrame, void> {
    const decoder = this.#decoder
    let hasPacket = await this.#goBefore(ms)
    const step = 1000 / (this.#options.stream.avgFrameRate.toDouble() || 25)
    let lastMs = -step
    while (true) {
      const isFlush = !hasPacket
      if (isFlush) await decoder.sendPacket(null)
      else await this.#send(decoder, ms)
      while (true) {
        const code = decoder.receiveFrameSync(this.#frame)
        if (code === AVERROR_EOF) return
        if (code < 0) {
          if (code === again) break
          this.damagedPackets++
          // A decoder that is being emptied and fails would be asked for ever.
          if (isFlush) return
          break
        }
        this.#options.onFrame()
        lastMs = this.#msOf(this.#frame.bestEffortTimestamp) ?? lastMs + step
        yield { frame: this.#frame, ms: lastMs, isDamaged: isDamaged(this.#frame), ...this.#endOf(lastMs) }
        this.#frame.unref()
      }
      if (isFlush) return
      hasPacket = await this.#nextPacket()
    }
  }

  /** The next key frame at or after a moment, without decoding it; absent when there is none. Only where `canSeek` says so. */
  async keyPacketAfter(ms: number): Promise<KeyPacket | undefined> {
    if (!(await this.#seek(ms, forward)) || !(await this.#nextKeyPacket())) return undefined
    const found = this.#packetMs()
    return found === undefined ? undefined : { packet: this.#packet, ms: found }
  }

  /**
   * Packets that are marked as key frames, in the order of the file: from the one at or before a moment on where that can be
   * found, without a moment from the first. Ends with the film; nothing is decoded. A new call ends an earlier one.
   */
  async *keyPackets(ms?: number): AsyncGenerator<KeyPacket, void> {
    let hasPacket: boolean
    if (ms === undefined) {
      await this.#rewind()
      hasPacket = await this.#nextKeyPacket()
    } else {
      hasPacket = await this.#goBefore(ms)
    }
    for (; hasPacket; hasPacket = await this.#nextKeyPacket()) {
      if (this.#packet.isKeyframe) yield { packet: this.#packet, ms: this.#packetMs() ?? 0 }
    }
  }

  /** Decodes a key frame without its neighbours; absent when that can not be. The reading place stays. */
  frameOf(packet: Packet, ms: number): Promise<TimedFrame | undefined> {
    return this.keyDecoder(0).frameOf(packet, ms)
  }

  /** A decoder of key frames by its number, opened once; the reader frees it. Throws UNSUPPORTED_CONTENT when there is none. */
  keyDecoder(number: number): KeyDecoder {
    this.#keyDecoders[number] ??= KeyDecoder.open(this.#options)
    return this.#keyDecoders[number]
  }

  /** Whether an index leads to the last key frame before a moment, so that seeking there is cheap and exact. */
  get canSeek(): boolean {
    return /^(?:mov|matroska|avi)/.test(this.#options.context.iformat?.name ?? '')
  }

  /** When the last packet of the film is over, without decoding; `nearMs` tells where to begin to look. */
  async lastMs(nearMs: number): Promise<number> {
    const { timeBase } = this.#options.stream
    let last = 0
    let hasPacket = await this.#goBefore(nearMs)
    while (hasPacket) {
      const { pts, duration } = this.#packet
      last = Math.max(last, (this.#msOf(pts) ?? 0) + (msOf(duration, timeBase) ?? 0))
      hasPacket = await this.#nextPacket()
    }
    return last
  }

  /** Whether the file is known to be complete. */
  get isWhole(): boolean {
    return this.#options.isWhole
  }

  /** Pixels of a frame, by the container's word. */
  get pixels(): number {
    const { width, height } = this.#options.stream.codecpar
    return width * height
  }

  /** Frees the decoders; the demuxer stays open. */
  close(): void {
    for (const decoder of this.#keyDecoders) decoder?.close()
    this.#packet.free()
    this.#frame.free()
    this.#opened?.freeContext()
  }

  /** Leaves the packet of the key frame at or before a moment in `#packet`; false when the film has no packet at all. */
  async #goBefore(ms: number): Promise<boolean> {
    this.#opened?.flushBuffers()
    // Streams without an index are searched by time stamps, and the place found may be behind the last key frame.
    for (const backMs of [0, 1000, 5000, 20_000]) {
      if (!(await this.#seek(ms - backMs))) break
      if ((await this.#nextKeyPacket()) && this.#isSurelyBefore(ms)) return true
      if (ms - backMs <= 0) break
    }
    await this.#rewind()
    if (await this.#nextKeyPacket()) return true
    // No packet is marked as a key frame: the decoder may still find a place to begin.
    await this.#rewind()
    return await this.#nextPacket()
  }

  /** Whether the packet is shown at a moment at the latest, where it tells; in program streams many tell no time at all. */
  #isSurelyBefore(ms: number): boolean {
    const { pts, dts } = this.#packet
    const decodedMs = this.#msOf(dts) ?? Number.POSITIVE_INFINITY
    return (this.#msOf(pts) ?? decodedMs + (this.canSeek ? 0 : mostReorderedMs)) <= ms + 0.5
  }

  #endOf(ms: number): { endMs?: number } {
    if (!this.#options.hasEvenFrames) return {}
    const duration = msOf(this.#frame.duration, this.#options.stream.timeBase) ?? 0
    return duration > 0 ? { endMs: ms + duration } : {}
  }

  async #seek(ms: number, flag: AVSeekFlag = AVSEEK_FLAG_BACKWARD): Promise<boolean> {
    const { context, stream, originMs } = this.#options
    const stamp = stampOf(ms + originMs, stream.timeBase)
    // With an index it takes less time than to hand it to another thread, without one all of the file may have to be read.
    const code = this.canSeek
      ? context.seekFrameSync(stream.index, stamp, flag)
      : await context.seekFrame(stream.index, stamp, flag)
    return code >= 0
  }

  async #rewind(): Promise<void> {
    const { context, stream } = this.#options
    // Transport and program streams are searched, not looked up, and the search for their very beginning ends at the end.
    const isSearched = /^mpeg(?:ts)?$/.test(context.iformat?.name ?? '')
    if (isSearched && (await context.seekFrame(-1, 0n, AVSEEK_FLAG_BYTE)) >= 0) return
    const start = stream.startTime === AV_NOPTS_VALUE ? 0n : stream.startTime
    if ((await context.seekFrame(stream.index, start, AVSEEK_FLAG_BACKWARD)) >= 0) return
    await context.seekFrame(-1, 0n, AVSEEK_FLAG_BACKWARD)
  }

  async #nextKeyPacket(): Promise<boolean> {
    while (await this.#nextPacket()) if (this.#packet.isKeyframe) return true
    return false
  }

  async #nextPacket(): Promise<boolean> {
    const { context, stream } = this.#options
    while (true) {
      await this.#breather.breathe()
      this.#packet.unref()
      // On the way to a key frame there can be hundreds, and to hand each to another thread takes longer than to read it.
      if (context.readFrameSync(this.#packet) < 0) return false
      if (this.#packet.streamIndex !== stream.index) continue
      this.packetsRead++
      return true
    }
  }

  get #decoder(): CodecContext {
    this.#opened ??= openDecoder(this.#options.stream, this.#options)
    return this.#opened
  }

  async #send(decoder: CodecContext, wantedMs: number): Promise<void> {
    const packetMs = this.#msOf(this.#packet.pts)
    const isOnTheWay = this.#options.hasEvenFrames && packetMs !== undefined && packetMs < wantedMs - nearMs
    decoder.setOption('skip_frame', isOnTheWay ? 'noref' : 'default')
    const code = await decoder.sendPacket(this.#packet)
    if (code < 0 && code !== again) this.damagedPackets++
  }

  #packetMs(): number | undefined {
    return this.#msOf(stampIn(this.#packet))
  }

  #msOf(stamp: bigint): number | undefined {
    const ms = msOf(stamp, this.#options.stream.timeBase)
    return ms === undefined ? undefined : ms - this.#options.originMs
  }
}

/** So much later than it is decoded a frame of a program stream is shown at most: three frames, in films of few a second. */
const mostReorderedMs = 300

/** No film with even frames shows one longer than this. */
const nearMs = 1100
