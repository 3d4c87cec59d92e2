import { type CodecContext, Frame, Packet, type Stream } from 'node-av/lib'
import { openDecoder } from '../decoder.ts'
import { expectDone } from '../ffmpeg.ts'
import { FilterChain, type Step } from '../graph.ts'
import { openSoundEncoder, type SoundForm } from '../open-encoder.ts'
import { msOf } from '../time.ts'
import type { AudioPlan } from '../transcode.ts'
import type { Line, Shared } from './shared.ts'
import type { WriterTrack } from './writer.ts'

/** A sound track on its way: decoded, without gaps from the beginning on, and coded anew. */
export class SoundLine implements Line {
  readonly stream: Stream
  isOver = false
  damaged = 0
  readonly #shared: Shared
  readonly #form: SoundForm
  readonly #track: WriterTrack
  readonly #decoder: CodecContext
  readonly #encoder: CodecContext
  readonly #frame = new Frame()
  readonly #even = new Frame()
  readonly #packet = new Packet()
  #chain: FilterChain | undefined
  #samplesGiven = 0
  /** When what was decoded last is over, from the beginning of what is kept. */
  #ms = 0

  private constructor(shared: Shared, stream: Stream, form: SoundForm, codecs: Codecs, track: WriterTrack) {
    this.#shared = shared
    this.stream = stream
    this.#form = form
    this.#decoder = codecs.decoder
    this.#encoder = codecs.encoder
    this.#track = track
    for (const one of [this.#frame, this.#even, this.#packet]) one.alloc()
  }

  /** Opens decoder and encoder. Throws UNSUPPORTED_CONTENT when there is no decoder. */
  static async open(shared: Shared, stream: Stream, plan: AudioPlan, track: WriterTrack): Promise<SoundLine> {
    const { path, limits } = shared.film
    const decoder = openDecoder(stream, { path, maxPixels: limits.maxPixels })
    try {
      const form = formOf(stream, plan)
      const encoder = await openSoundEncoder(form)
      track.become({
        timeBase: { num: 1, den: form.sampleRate },
        describe: ({ codecpar }) => expectDone(codecpar.fromContext(encoder), 'describing a track'),
      })
      return new SoundLine(shared, stream, form, { decoder, encoder }, track)
    } catch (error) {
      decoder.freeContext()
      throw error
    }
  }

  async take(packet: Packet | null): Promise<void> {
    if (this.isOver && packet !== null) return
    // Sound is decoded faster than work is handed to another thread. A packet that can not be decoded leaves a gap, which is
    // filled with silence.
    if (this.#decoder.sendPacketSync(packet) < 0 && packet !== null) this.damaged++
    while (this.#decoder.receiveFrameSync(this.#frame) >= 0) {
      await this.#hear(this.#frame)
      this.#frame.unref()
    }
  }

  async end(): Promise<void> {
    await this.take(null)
    await this.#endChain(true)
    expectDone(await this.#encoder.sendFrame(null), 'ending the sound')
    await this.#writePackets()
  }

  async close(): Promise<void> {
    this.#chain?.close()
    for (const one of [this.#frame, this.#even, this.#packet]) one.free()
    this.#decoder.freeContext()
    this.#encoder.freeContext()
  }

  async #hear(frame: Frame): Promise<void> {
    if (frame.nbSamples === 0 || frame.sampleRate === 0) return
    const { film, fromMs, toMs } = this.#shared
    const told = msOf(frame.bestEffortTimestamp, this.stream.timeBase)
    const at = told === undefined ? this.#ms : told - film.length.originMs - fromMs
    this.#ms = at + (frame.nbSamples * 1000) / frame.sampleRate
    if (at >= toMs - fromMs) this.isOver = true
    if (this.isOver || this.#ms <= 0) return
    if (this.#chain?.takes(frame) === false) await this.#endChain(false)
    this.#chain ??= FilterChain.open(frame, this.#steps(), { num: 1, den: frame.sampleRate })
    frame.pts = BigInt(Math.round((at * frame.sampleRate) / 1000))
    this.#chain.push(frame)
    await this.#drain()
  }

  /** Gaps are filled and overlaps cut, as from the first sample that was not given yet. */
  #steps(): Step[] {
    const { sampleRate, channels } = this.#form
    const { fromMs, toMs } = this.#shared
    const format = this.#form.codec === 'aac' ? 'fltp' : 'flt'
    const end = Math.round(((toMs - fromMs) * sampleRate) / 1000)
    return [
      [
        'aresample',
        `osr=${sampleRate}:ochl=${layouts[channels]}:osf=${format}:async=1:first_pts=${this.#samplesGiven}`,
      ],
      ...(Number.isFinite(end) ? ([['atrim', `end_pts=${end}`]] as const) : []),
      ['asetnsamples', `n=${this.#encoder.frameSize}:p=0`],
    ]
  }

  async #endChain(isEnd: boolean): Promise<void> {
    if (this.#chain === undefined) return
    this.#chain.push(null)
    await this.#drain(isEnd)
    this.#chain.close()
    this.#chain = undefined
  }

  async #drain(isEnd = false): Promise<void> {
    while (this.#chain !== undefined && (await this.#chain.pull(this.#even)) >= 0) {
      // Only the last one may be short; what is left at a change of form is filled with silence by what follows.
      if (isEnd || this.#even.nbSamples === this.#encoder.frameSize) await this.#encode(this.#even)
      this.#even.unref()
    }
  }

  async #encode(frame: Frame): Promise<void> {
    frame.pts = BigInt(this.#samplesGiven)
    frame.duration = BigInt(frame.nbSamples)
    this.#samplesGiven += frame.nbSamples
    expectDone(await this.#encoder.sendFrame(frame), 'encoding sound')
    await this.#writePackets()
  }

  async #writePackets(): Promise<void> {
    while (this.#encoder.receivePacketSync(this.#packet) >= 0) {
      await this.#track.write(this.#packet)
      this.#packet.unref()
    }
  }
}

interface Codecs {
  readonly decoder: CodecContext
  readonly encoder: CodecContext
}

/** FFmpeg's usual places for so many channels. */
const layouts: Readonly<Record<number, string>> = {
  1: 'mono',
  2: 'stereo',
  3: '2.1',
  4: '4.0',
  5: '5.0',
  6: '5.1',
  7: '6.1',
  8: '7.1',
}

const aacRates = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350]

function formOf({ codecpar }: Stream, { codec, bitRate, channels: most = 8 }: AudioPlan): SoundForm {
  const given = codecpar.channels
  const channels = given > most || given > 8 ? Math.min(most, 2) : Math.max(1, given)
  const sampleRate = codec === 'aac' && aacRates.includes(codecpar.sampleRate) ? codecpar.sampleRate : 48_000
  const usual = channels * (codec === 'aac' ? 80_000 : 56_000)
  return { codec, sampleRate, channels, bitRate: bitRate ?? usual }
}
