import { type CodecContext, Frame, Packet, type Stream } from 'node-av/lib'
import { openDecoder } from '../decoder.ts'
import { expectDone } from '../ffmpeg.ts'
import type { FilmFile } from '../film-file.ts'
import { FilterChain, type Step } from '../graph.ts'
import { openSoundEncoder } from '../open-encoder.ts'
import type { PackagePlan } from '../package.ts'
import { msOf } from '../time.ts'
import { aacName } from './encoders.ts'
import type { Rendition } from './playlists.ts'
import { Track } from './track.ts'

/** Samples of a packet of AAC. */
const packetSamples = 1024

/** The sound track on its way: decoded, without gaps from the origin on, mono or stereo, in AAC. */
export class SoundLine {
  readonly stream: Stream
  readonly track: Track
  /** When what was decoded last is over. */
  ms = 0
  readonly #film: FilmFile
  readonly #segmentMs: number
  readonly #sampleRate: number
  readonly #channels: number
  readonly #decoder: CodecContext
  readonly #encoder: CodecContext
  readonly #frame = new Frame()
  readonly #even = new Frame()
  readonly #packet = new Packet()
  #chain: FilterChain | undefined
  #samplesGiven = 0
  #nextSegment = 0

  private constructor(
    film: FilmFile,
    stream: Stream,
    segmentMs: number,
    decoder: CodecContext,
    encoder: CodecContext,
    track: Track,
  ) {
    this.#film = film
    this.stream = stream
    this.track = track
    this.#segmentMs = segmentMs
    this.#sampleRate = encoder.sampleRate
    this.#channels = encoder.channelLayout.nbChannels
    this.#decoder = decoder
    this.#encoder = encoder
    for (const one of [this.#frame, this.#even, this.#packet]) one.alloc()
  }

  /** Opens decoder and encoder. Throws UNSUPPORTED_CONTENT when there is no decoder. */
  static async open(film: FilmFile, stream: Stream, plan: PackagePlan, folder: string): Promise<SoundLine> {
    const { path, limits } = film
    const { codecpar } = stream
    const decoder = openDecoder(stream, { path, maxPixels: limits.maxPixels })
    let encoder: CodecContext | undefined
    try {
      const sampleRate = codecpar.sampleRate === 44_100 ? 44_100 : 48_000
      const channels = codecpar.channels === 1 ? 1 : 2
      encoder = await openSoundEncoder({ codec: 'aac', sampleRate, channels, bitRate: plan.audioBitRate })
      const longestMs = plan.segmentMs + (packetSamples * 1000) / sampleRate
      const track = await Track.create({ folder, name: 'sound', longestMs }, encoder)
      return new SoundLine(film, stream, plan.segmentMs, decoder, encoder, track)
    } catch (error) {
      decoder.freeContext()
      encoder?.freeContext()
      throw error
    }
  }

  /** When the sound of the film is over, as far as it was decoded. */
  get endMs(): number {
    return Math.min(this.ms, this.#givenMs)
  }

  /** As the master playlist names it. */
  rendition(bitRate: number, isComplete: boolean): Rendition {
    const { playlist, bits } = this.track
    const language = this.stream.metadata?.get('language') ?? 'und'
    return {
      playlist,
      codec: aacName,
      channels: this.#channels,
      ...(/^[a-z]{2,3}$/.test(language) && language !== 'und' ? { language } : {}),
      bits: isComplete ? bits : { peak: Math.max(bitRate * 1.2, bits.peak), average: Math.max(bitRate, bits.average) },
    }
  }

  /** Decodes a packet of the track, or with null what decoder and filters still hold. */
  async take(packet: Packet | null): Promise<void> {
    // A packet that can not be decoded leaves a gap, which is filled with silence.
    await this.#decoder.sendPacket(packet)
    while ((await this.#decoder.receiveFrame(this.#frame)) >= 0) {
      await this.#hear(this.#frame)
      this.#frame.unref()
    }
    if (packet === null) await this.#endChain()
  }

  /** Ends the track, with silence until the moment where it ends earlier. */
  async end(ms: number, signal: AbortSignal): Promise<void> {
    while (this.#givenMs + (packetSamples * 1000) / this.#sampleRate <= ms) {
      signal.throwIfAborted()
      using silence = this.#silence()
      await this.#encode(silence)
    }
    expectDone(await this.#encoder.sendFrame(null), 'ending the sound')
    await this.#writePackets()
    await this.track.end(this.#givenMs)
  }

  async close(): Promise<void> {
    this.#chain?.close()
    for (const one of [this.#frame, this.#even, this.#packet]) one.free()
    this.#decoder.freeContext()
    this.#encoder.freeContext()
    await this.track.close()
  }

  get #givenMs(): number {
    return (this.#samplesGiven * 1000) / this.#sampleRate
  }

  async #hear(frame: Frame): Promise<void> {
    if (frame.nbSamples === 0 || frame.sampleRate === 0) return
    const told = msOf(frame.bestEffortTimestamp, this.stream.timeBase)
    const at = told === undefined ? this.ms : told - this.#film.length.originMs
    this.ms = at + (frame.nbSamples * 1000) / frame.sampleRate
    if (this.ms <= 0) return
    if (this.#chain?.takes(frame) === false) await this.#endChain()
    this.#chain ??= FilterChain.open(frame, this.#steps(), { num: 1, den: frame.sampleRate })
    frame.pts = BigInt(Math.round((at * frame.sampleRate) / 1000))
    this.#chain.push(frame)
    await this.#drain()
  }

  /** Gaps are filled and overlaps cut, as from the first sample that was not given yet. */
  #steps(): Step[] {
    const layout = this.#channels === 1 ? 'mono' : 'stereo'
    const form = `osr=${this.#sampleRate}:ochl=${layout}:osf=fltp`
    return [
      ['aresample', `${form}:async=1:first_pts=${this.#samplesGiven}`],
      ['asetnsamples', `n=${packetSamples}`],
    ]
  }

  async #endChain(): Promise<void> {
    if (this.#chain === undefined) return
    this.#chain.push(null)
    await this.#drain()
    this.#chain.close()
    this.#chain = undefined
  }

  async #drain(): Promise<void> {
    while (this.#chain !== undefined && (await this.#chain.pull(this.#even)) >= 0) {
      await this.#encode(this.#even)
      this.#even.unref()
    }
  }

  #silence(): Frame {
    const frame = new Frame()
    frame.alloc()
    frame.format = this.#encoder.sampleFormat
    frame.nbSamples = packetSamples
    frame.sampleRate = this.#sampleRate
    frame.channelLayout = this.#encoder.channelLayout
    expectDone(frame.allocBuffer(), 'making silence')
    for (const plane of frame.extendedData ?? []) plane.fill(0)
    return frame
  }

  async #encode(frame: Frame): Promise<void> {
    frame.pts = BigInt(this.#samplesGiven)
    this.#samplesGiven += frame.nbSamples
    expectDone(await this.#encoder.sendFrame(frame), 'encoding sound')
    await this.#writePackets()
  }

  async #writePackets(): Promise<void> {
    while ((await this.#encoder.receivePacket(this.#packet)) >= 0) {
      const ms = (Number(this.#packet.pts) * 1000) / this.#sampleRate
      // The first one only warms a decoder up and comes before the origin; leaving it out spares an edit list.
      if (ms < 0) {
        this.#packet.unref()
        continue
      }
      if (ms + 1e-6 >= this.#nextSegment * this.#segmentMs) {
        await this.track.cut('segment', ms)
        this.#nextSegment = Math.floor((ms + 1e-6) / this.#segmentMs) + 1
      }
      this.#packet.duration = BigInt(packetSamples)
      await this.track.write(this.#packet)
    }
  }
}
