import { stat } from 'node:fs/promises'
import {
  AV_CODEC_FLAG_BITEXACT,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
  AVFMT_GLOBALHEADER,
} from 'node-av/constants'
import { Codec, CodecContext, Dictionary, FormatContext, Frame, Packet, Rational, type Stream } from 'node-av/lib'
import { MediaError } from '../../../errors.ts'
import type { FrameRate } from '../even-frames.ts'
import { expectDone } from '../ffmpeg.ts'
import { FilterChain } from '../graph.ts'
import type { ClipKind } from './kinds.ts'

/** What a file of clips is opened for. */
export interface ClipFileOptions {
  readonly kind: ClipKind
  readonly to: string
  readonly width: number
  readonly height: number
  readonly rate: FrameRate
}

/** Bits for a pixel of a frame at most; quiet films need a tenth of it. */
const bitsPerPixel = 0.25
const leastBitRate = 150_000

/** A silent film that is being written, frame by frame. */
export class ClipFile {
  readonly #options: ClipFileOptions
  readonly #context: FormatContext
  readonly #encoder: CodecContext
  readonly #packet = new Packet()
  readonly #converted = new Frame()
  #stream: Stream | undefined
  #chain: FilterChain | undefined

  private constructor(options: ClipFileOptions, context: FormatContext, encoder: CodecContext) {
    this.#options = options
    this.#context = context
    this.#encoder = encoder
    this.#packet.alloc()
    this.#converted.alloc()
  }

  /** Creates the file; whoever opened it closes it. */
  static async create(options: ClipFileOptions): Promise<ClipFile> {
    const { kind, to } = options
    const codec = Codec.findEncoderByName(kind.encoder as never)
    if (codec === null) throw new MediaError('TOOL_MISSING', [`an FFmpeg with ${kind.encoder}`])
    const file = new ClipFile(options, new FormatContext(), new CodecContext())
    try {
      expectDone(file.#context.allocOutputContext2(null, kind.muxer, `file:${to}`), 'muxing')
      await file.#begin(codec)
      return file
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** Takes a frame of BT.709, which stays the caller's, to be shown from a tick on; `isNew` begins another moment. */
  async add(frame: Frame, tick: number, isNew: boolean): Promise<void> {
    frame.pts = BigInt(tick)
    if (this.#options.kind.matrix === 'bt709') return await this.#encode(frame, isNew)
    const { num, den } = this.#options.rate
    const steps = [['scale', `in_color_matrix=bt709:out_color_matrix=${this.#options.kind.matrix}`]] as const
    this.#chain ??= FilterChain.open(frame, steps, { num: den, den: num })
    this.#chain.push(frame)
    expectDone(await this.#chain.pull(this.#converted), 'converting colours')
    await this.#encode(this.#converted, isNew)
    this.#converted.unref()
  }

  /** Completes the file; tells its size. */
  async end(): Promise<number> {
    expectDone(await this.#encoder.sendFrame(null), 'ending the picture')
    await this.#writePackets()
    expectDone(await this.#context.writeTrailer(), 'ending a film')
    await this.#context.closeOutput()
    return (await stat(this.#options.to)).size
  }

  async close(): Promise<void> {
    this.#chain?.close()
    this.#packet.free()
    this.#converted.free()
    this.#encoder.freeContext()
    await this.#context.closeOutput()
    this.#context.freeContext()
  }

  async #begin(codec: Codec): Promise<void> {
    const { kind, rate } = this.#options
    this.#encoder.allocContext3(codec)
    this.#describe()
    if (this.#context.oformat?.hasFlags(AVFMT_GLOBALHEADER)) this.#encoder.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER)
    using encoderOptions = Dictionary.fromObject({ ...kind.encoderOptions })
    expectDone(await this.#encoder.open2(codec, encoderOptions), `opening ${kind.encoder}`)
    const stream = this.#context.newStream()
    expectDone(stream.codecpar.fromContext(this.#encoder), 'describing a film')
    stream.timeBase = this.#encoder.timeBase
    stream.avgFrameRate = new Rational(rate.num, rate.den)
    this.#stream = stream
    expectDone(await this.#context.openOutput(), 'creating a file')
    // The same film gives the same bytes.
    using muxerOptions = Dictionary.fromObject({ ...kind.muxerOptions, fflags: '+bitexact' })
    expectDone(await this.#context.writeHeader(muxerOptions), 'beginning a film')
  }

  #describe(): void {
    const { kind, width, height, rate } = this.#options
    const encoder = this.#encoder
    encoder.width = width
    encoder.height = height
    encoder.pixelFormat = AV_PIX_FMT_YUV420P
    encoder.timeBase = new Rational(rate.den, rate.num)
    encoder.framerate = new Rational(rate.num, rate.den)
    encoder.sampleAspectRatio = new Rational(1, 1)
    encoder.threadCount = 1
    encoder.setFlags(AV_CODEC_FLAG_BITEXACT)
    if (kind.capsBits) {
      const bits = Math.max(leastBitRate, Math.round((width * height * rate.num * bitsPerPixel) / rate.den))
      encoder.rcMaxRate = BigInt(bits)
      encoder.rcBufferSize = bits
      // VP9 is held by the rate itself, up to which its quality counts.
      if (kind.muxer === 'webm') encoder.bitRate = BigInt(bits)
    }
    if (kind.matrix !== 'bt709') return
    encoder.colorRange = AVCOL_RANGE_MPEG
    encoder.colorPrimaries = AVCOL_PRI_BT709
    encoder.colorTrc = AVCOL_TRC_BT709
    encoder.colorSpace = AVCOL_SPC_BT709
  }

  async #encode(frame: Frame, isNew: boolean): Promise<void> {
    // What a frame was in its film is no order to the encoder.
    frame.pictType = isNew ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE
    frame.duration = 1n
    expectDone(await this.#encoder.sendFrame(frame), 'encoding a frame')
    await this.#writePackets()
  }

  async #writePackets(): Promise<void> {
    while ((await this.#encoder.receivePacket(this.#packet)) >= 0) {
      const { timeBase = this.#encoder.timeBase, index = 0 } = this.#stream ?? {}
      this.#packet.streamIndex = index
      if (this.#packet.duration === 0n) this.#packet.duration = 1n
      this.#packet.rescaleTs(this.#encoder.timeBase, timeBase)
      expectDone(await this.#context.writeFrame(this.#packet), 'writing a packet')
      this.#packet.unref()
    }
  }
}
