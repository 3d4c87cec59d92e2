import { AV_NOPTS_VALUE, AVMEDIA_TYPE_SUBTITLE, AVMEDIA_TYPE_VIDEO } from 'node-av/constants'
import type { Packet, Stream } from 'node-av/lib'
import { cloned } from '../cloned.ts'
import { displayOf } from '../display.ts'
import { expectDone } from '../ffmpeg.ts'
import { pictureEndOf } from '../last-picture.ts'
import { sarOf, squareWidth } from '../probe.ts'
import { msOf, stampOf } from '../time.ts'
import type { Line, Shared } from './shared.ts'
import type { WriterTrack } from './writer.ts'

/** A track that is taken over as it is coded. */
export class CopyLine implements Line {
  readonly stream: Stream
  readonly isPicture: boolean
  isOver: boolean
  packets = 0
  /** When the packet that was read last is shown, from the beginning of what is kept. */
  ms = 0
  readonly #shared: Shared
  readonly #track: WriterTrack
  #shift: bigint
  #nextDts: bigint | undefined
  #firstPts: bigint | undefined
  /** A picture that comes after what is kept was read. */
  #isCut = false
  /** The last packet of a picture, until it is known whether another one follows. */
  #held: Packet | undefined

  constructor(shared: Shared, stream: Stream, track: WriterTrack, tag: string | number) {
    this.#shared = shared
    this.stream = stream
    this.#track = track
    this.isPicture = stream.codecpar.codecType === AVMEDIA_TYPE_VIDEO
    this.isOver = stream.codecpar.codecType === AVMEDIA_TYPE_SUBTITLE
    this.#shift = stampOf(shared.film.length.originMs + shared.fromMs, stream.timeBase)
    track.become({
      timeBase: stream.timeBase,
      describe: (made) => {
        expectDone(stream.codecpar.copy(made.codecpar), 'describing a track')
        made.codecpar.codecTag = tag
        made.avgFrameRate = stream.avgFrameRate
        made.rFrameRate = stream.rFrameRate
        made.sampleAspectRatio = stream.sampleAspectRatio
      },
    })
  }

  async take(packet: Packet): Promise<void> {
    const { fromMs, toMs } = this.#shared
    const dts = packet.dts === AV_NOPTS_VALUE ? (this.#nextDts ?? packet.pts) : packet.dts
    if (dts === AV_NOPTS_VALUE) return
    const pts = packet.pts === AV_NOPTS_VALUE ? dts : packet.pts
    this.#nextDts = dts + packet.duration
    const atMs = msOf(pts - this.#shift, this.stream.timeBase) ?? 0
    if ((msOf(dts - this.#shift, this.stream.timeBase) ?? 0) >= toMs - fromMs) this.isOver = true
    if (atMs >= toMs - fromMs - 0.5) {
      this.#isCut = true
      return
    }
    if (this.#firstPts === undefined) {
      if (this.isPicture && !packet.isKeyframe) return
      if (fromMs > 0 && !this.isPicture && atMs < -0.5) return
      this.#firstPts = pts
    }
    // Pictures that refer to what lies before the first key frame can not be shown.
    if (fromMs > 0 && pts < this.#firstPts) return
    packet.pts = pts - this.#shift
    packet.dts = dts - this.#shift
    this.ms = Math.max(this.ms, atMs)
    this.packets++
    if (!this.isPicture) return await this.#track.write(packet)
    await this.#writeHeld()
    this.#held = cloned(packet)
  }

  /** As players show it; absent for other tracks than pictures. */
  get seen(): { width: number; height: number } | undefined {
    const { width, height } = this.stream.codecpar
    if (!this.isPicture || width <= 0 || height <= 0) return undefined
    const wide = squareWidth(width, sarOf(this.stream))
    return displayOf(this.stream.codecpar).transpose ? { width: height, height: wide } : { width: wide, height }
  }

  /** Writes the last picture, which is shown up to the end. */
  async end(): Promise<void> {
    if (this.#held === undefined) return
    const { film, fromMs, toMs, endByte } = this.#shared
    const { pts, duration } = this.#held
    const toldMs = fromMs + (msOf(pts + duration, this.stream.timeBase) ?? 0)
    const reach = { ms: fromMs + this.ms, byte: endByte }
    this.#held.duration = this.#leftOf(this.#held, this.#isCut ? toMs : await pictureEndOf(film, reach, toldMs))
    await this.#writeHeld()
  }

  async close(): Promise<void> {
    this.#held?.free()
    this.#held = undefined
  }

  async #writeHeld(): Promise<void> {
    const held = this.#held
    if (held === undefined) return
    const { film, toMs } = this.#shared
    const left = this.#leftOf(held, Math.min(toMs, film.length.durationMs ?? toMs))
    // What a packet of an MP4 tells may reach beyond the end, to which the writer would lengthen the film.
    if (left > 0n && left < held.duration) held.duration = left
    this.#held = undefined
    try {
      await this.#track.write(held)
    } finally {
      held.free()
    }
  }

  /** How long a packet can be shown up to a moment of the film. */
  #leftOf({ pts, duration }: Packet, ms: number): bigint {
    return ms === Number.POSITIVE_INFINITY ? duration : stampOf(ms - this.#shared.fromMs, this.stream.timeBase) - pts
  }
}
