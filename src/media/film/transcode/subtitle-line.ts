import { AV_CODEC_ID_MOV_TEXT, AV_CODEC_ID_SUBRIP, AV_CODEC_ID_WEBVTT, AVMEDIA_TYPE_SUBTITLE } from 'node-av/constants'
import { Packet, type Stream } from 'node-av/lib'
import { msOf, stampIn } from '../time.ts'
import type { Line, Shared } from './shared.ts'
import { textAs, timedTextStyle, type WrittenText } from './subtitle-text.ts'
import type { WriterTrack } from './writer.ts'

const codecIds = { subrip: AV_CODEC_ID_SUBRIP, webvtt: AV_CODEC_ID_WEBVTT, mov_text: AV_CODEC_ID_MOV_TEXT }

/** A track of text subtitles that is made into another kind. */
export class SubtitleLine implements Line {
  readonly stream: Stream
  readonly isOver = true
  readonly #shared: Shared
  readonly #track: WriterTrack
  readonly #from: string
  readonly #to: WrittenText
  readonly #packet = new Packet()

  constructor(shared: Shared, stream: Stream, track: WriterTrack, from: string, to: WrittenText) {
    this.#shared = shared
    this.stream = stream
    this.#track = track
    this.#from = from
    this.#to = to
    track.become({
      timeBase: { num: 1, den: 1000 },
      describe: ({ codecpar }) => {
        codecpar.codecType = AVMEDIA_TYPE_SUBTITLE
        codecpar.codecId = codecIds[to]
        if (to === 'mov_text') codecpar.extradata = timedTextStyle
      },
    })
  }

  async take(packet: Packet): Promise<void> {
    const { film, fromMs, toMs } = this.#shared
    const { timeBase } = this.stream
    const at = msOf(stampIn(packet), timeBase)
    const data = packet.data && textAs(packet.data, this.#from, this.#to)
    if (at === undefined || !data) return
    const startMs = at - film.length.originMs - fromMs
    const endMs = Math.min(startMs + (msOf(packet.duration, timeBase) ?? 0), toMs - fromMs)
    if (endMs <= 0 || startMs >= toMs - fromMs) return
    this.#packet.alloc()
    this.#packet.data = data
    this.#packet.pts = BigInt(Math.max(0, Math.round(startMs)))
    this.#packet.dts = this.#packet.pts
    this.#packet.duration = BigInt(Math.round(endMs)) - this.#packet.pts
    this.#packet.isKeyframe = true
    await this.#track.write(this.#packet)
  }

  async end(): Promise<void> {}

  async close(): Promise<void> {
    this.#packet.free()
  }
}
