import { AVDISCARD_ALL, AVDISCARD_DEFAULT, AVERROR_EOF, AVSEEK_FLAG_BACKWARD } from 'node-av/constants'
import { type CodecContext, type FormatContext, Frame, Packet, type Stream } from 'node-av/lib'
import type { Stretch } from '../../film.ts'
import { Breather } from '../breather.ts'
import { openDecoder } from '../decoder.ts'
import { FilterChain, type Step } from '../graph.ts'
import type { SoundFacts } from '../survey.ts'
import { msOf, stampOf } from '../time.ts'
import { SampleMeter } from './samples.ts'

/** What is listened to. */
export interface Hearing {
  readonly path: string
  readonly context: FormatContext
  readonly stream: Stream
  readonly originMs: number
  readonly maxPixels: number
  /** In the order of time; absent: all of it. */
  readonly stretches?: readonly Stretch[]
  readonly signal: AbortSignal
  /** Tells up to which moment of the film it has listened. */
  onHeard(ms: number): void
}

/** Loudness by EBU R128, then samples as numbers. */
const steps: readonly Step[] = [
  ['ebur128', 'metadata=1:peak=true'],
  ['aformat', 'sample_fmts=flt'],
]

/** Decodes a sound track, all of it or stretches, and measures it. Moves the reading place. */
export async function listen(hearing: Hearing): Promise<{ sound: SoundFacts; packetsRead: number }> {
  const { context, stream } = hearing
  const decoder = openDecoder(stream, hearing)
  const before = context.streams.map(({ discard }) => discard)
  for (const one of context.streams) one.discard = one.index === stream.index ? AVDISCARD_DEFAULT : AVDISCARD_ALL
  const ear = new Ear()
  const reader = new SoundReader(hearing, decoder, ear)
  try {
    for (const stretch of hearing.stretches ?? [{ fromMs: 0, toMs: Number.POSITIVE_INFINITY }]) {
      await reader.read(stretch)
    }
    ear.end()
    return { sound: ear.result(), packetsRead: reader.packetsRead }
  } finally {
    for (const [at, one] of context.streams.entries()) one.discard = before[at] ?? AVDISCARD_DEFAULT
    reader.close()
    ear.close()
    decoder.freeContext()
  }
}

/** Reads and decodes one track. */
class SoundReader {
  packetsRead = 0
  readonly #hearing: Hearing
  readonly #decoder: CodecContext
  readonly #ear: Ear
  readonly #packet = new Packet()
  readonly #frame = new Frame()
  readonly #breather = new Breather()

  constructor(hearing: Hearing, decoder: CodecContext, ear: Ear) {
    this.#hearing = hearing
    this.#decoder = decoder
    this.#ear = ear
    this.#packet.alloc()
    this.#frame.alloc()
  }

  async read({ fromMs, toMs }: Stretch): Promise<void> {
    const { context, stream, originMs, onHeard } = this.#hearing
    this.#decoder.flushBuffers()
    const stamp = stampOf(fromMs + originMs, stream.timeBase)
    if ((await context.seekFrame(stream.index, stamp, AVSEEK_FLAG_BACKWARD)) < 0) {
      await context.seekFrame(-1, 0n, AVSEEK_FLAG_BACKWARD)
    }
    let ms: number | undefined
    let hasMore = true
    while (hasMore) {
      // A packet of sound is worked on in less time than it would take to hand it to another thread.
      hasMore = await this.#nextPacket()
      // A packet that can not be decoded is left out; the rest is heard nevertheless.
      this.#decoder.sendPacketSync(hasMore ? this.#packet : null)
      while (true) {
        const code = this.#decoder.receiveFrameSync(this.#frame)
        if (code === AVERROR_EOF || code < 0) break
        const told = msOf(this.#frame.bestEffortTimestamp, stream.timeBase)
        const at: number = told === undefined ? (ms ?? fromMs) : told - originMs
        const lasts = (this.#frame.nbSamples / Math.max(1, this.#frame.sampleRate)) * 1000
        ms = at + lasts
        if (at >= toMs) {
          this.#frame.unref()
          return
        }
        if (ms > fromMs) await this.#ear.hear(this.#frame, at)
        this.#frame.unref()
        onHeard(ms)
      }
    }
  }

  close(): void {
    this.#packet.free()
    this.#frame.free()
  }

  async #nextPacket(): Promise<boolean> {
    const { context, stream, signal } = this.#hearing
    while (true) {
      // Between two packets of a sound there can be a whole film.
      await this.#breather.breathe()
      signal.throwIfAborted()
      this.#packet.unref()
      if (context.readFrameSync(this.#packet) < 0) return false
      if (this.#packet.streamIndex !== stream.index) continue
      this.packetsRead++
      return true
    }
  }
}

/** Measures frames of sound as if they followed each other. */
class Ear {
  readonly #meter = new SampleMeter()
  readonly #output = new Frame()
  #chain: FilterChain | undefined
  #rate = 1
  #heardSeconds = 0
  #expectedMs: number | undefined
  #samples = 0
  #loudness: Omit<SoundFacts, 'silent' | 'clippedShare' | 'heardMs'> = {}

  constructor() {
    this.#output.alloc()
  }

  async hear(frame: Frame, ms: number): Promise<void> {
    if (frame.nbSamples === 0 || frame.sampleRate === 0) return
    if (this.#chain !== undefined && !this.#chain.takes(frame)) this.end()
    if (this.#chain === undefined) {
      this.#rate = frame.sampleRate
      this.#samples = 0
      this.#chain = FilterChain.open(frame, steps, { num: 1, den: this.#rate })
    }
    // Time stamps stray a little; a gap or a jump is more.
    if (this.#expectedMs === undefined || Math.abs(ms - this.#expectedMs) > 100)
      this.#meter.piece(this.#heardSeconds, ms)
    const seconds = frame.nbSamples / this.#rate
    this.#expectedMs = ms + seconds * 1000
    this.#heardSeconds += seconds
    frame.pts = BigInt(this.#samples)
    this.#samples += frame.nbSamples
    this.#chain.push(frame)
    this.#drain()
  }

  /** Takes what the filters still hold. */
  end(): void {
    if (this.#chain === undefined) return
    this.#chain.push(null)
    this.#drain()
    this.#chain.close()
    this.#chain = undefined
  }

  result(): SoundFacts {
    return { ...this.#loudness, ...this.#meter.result() }
  }

  close(): void {
    this.#chain?.close()
    this.#output.free()
  }

  #drain(): void {
    const output = this.#output
    while (this.#chain !== undefined && this.#chain.pullSync(output) >= 0) {
      const plane = output.data?.[0]
      const { nbChannels } = output.channelLayout
      if (plane !== undefined) {
        const samples = new Float32Array(plane.buffer, plane.byteOffset, output.nbSamples * nbChannels)
        this.#meter.measure(samples, nbChannels, output.sampleRate)
      }
      this.#readLoudness(output)
      output.unref()
    }
  }

  /** Each frame tells what all up to it amount to. */
  #readLoudness(frame: Frame): void {
    using notes = frame.getMetadata()
    const told = notes.getAll()
    const integrated = Number(told['lavfi.r128.I'])
    if (told['lavfi.r128.I'] === undefined) return
    const range = Number(told['lavfi.r128.LRA'])
    const peaks = Object.entries(told)
      .filter(([name]) => name.startsWith('lavfi.r128.true_peaks_ch'))
      .map(([, value]) => Number(value))
    const peak = Math.max(0, ...peaks)
    this.#loudness = {
      // The gate lies at −70: what is below is silence.
      ...(Number.isFinite(integrated) && integrated > -70 ? { integratedLufs: integrated } : {}),
      ...(Number.isFinite(range) && integrated > -70 ? { rangeLu: range } : {}),
      ...(peak > 0 ? { truePeakDb: Math.round(2000 * Math.log10(peak)) / 100 } : {}),
    }
  }
}
