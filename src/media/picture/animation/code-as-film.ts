import '../../quiet-ffmpeg.ts'
import '../../film/svt-log.ts'
import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PIX_FMT_RGBA,
  AV_PIX_FMT_RGBA64LE,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV420P10LE,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_RGB,
  AVCOL_SPC_SMPTE170M,
  AVCOL_TRC_IEC61966_2_1,
} from 'node-av/constants'
import {
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  Frame,
  Packet,
  Rational,
  SoftwareScaleContext,
} from 'node-av/lib'
import { av1Setup, av1TraitsOf, withoutDelimiters } from './av1-units.ts'
import type { Drawn } from './drawn.ts'
import type { CodedSample, CodedTrack } from './sequence-parts.ts'

/** How frames are coded as a film. */
export interface FilmCoding {
  /** 0 (best) to 63. */
  readonly crf: number
  readonly effort: 'fast' | 'usual' | 'best'
}

const name = 'libsvtav1'

/** What the encoder takes. */
const [leastSide, mostHeight] = [4, 8704]

/** Whether frames can be coded by what changes between them: this FFmpeg has the encoder, and it takes such sizes. */
export const canCodeAsFilm = ({ width, height }: Pick<Drawn, 'width' | 'height'>): boolean =>
  Math.min(width, height) >= leastSide && height <= mostHeight && Codec.findEncoderByName(name as never) !== null

/**
 * The colours of such films, by the numbers of ITU-T H.273: of sRGB, in the narrow range of films. Some browsers take every
 * AVIF that moves for one of those.
 */
export const filmColours = { primaries: 1, transfer: 13, matrix: 6, isFullRange: false }

/** Codes the colours of frames as a film: of each what has changed, and of the colour a quarter of the samples. Alpha is left out. */
export async function codeAsFilm(drawn: Drawn, coding: FilmCoding): Promise<CodedTrack> {
  using coder = new FilmCoder(drawn)
  await coder.open(coding)
  for await (const frame of drawn.frames()) await coder.add(frame)
  return await coder.end()
}

const presets = { fast: '10', usual: '8', best: '5' } as const

/** A frame that all later ones build on comes as often as this, for readers that do not begin at the start. */
const mostBetweenKeys = 240

class FilmCoder {
  readonly #drawn: Drawn
  readonly #isDeep: boolean
  readonly #context = new CodecContext()
  readonly #scaler = new SoftwareScaleContext()
  readonly #given = new Frame()
  readonly #packet = new Packet()
  readonly #samples: CodedSample[] = []
  #count = 0

  constructor(drawn: Drawn) {
    this.#drawn = drawn
    this.#isDeep = drawn.depth > 8
    this.#packet.alloc()
    this.#given.alloc()
    this.#scaler.allocContext()
    this.#scaler.setOption('sws_flags', 'area+accurate_rnd+full_chroma_int')
  }

  async open({ crf, effort }: FilmCoding): Promise<void> {
    const codec = Codec.findEncoderByName(name as never)
    if (!codec) throw new Error(`this build has no ${name}`)
    const context = this.#context
    context.allocContext3(codec)
    context.width = this.#drawn.width
    context.height = this.#drawn.height
    context.pixelFormat = this.#isDeep ? AV_PIX_FMT_YUV420P10LE : AV_PIX_FMT_YUV420P
    context.timeBase = new Rational(1, 25)
    context.threadCount = 1
    context.gopSize = mostBetweenKeys
    context.colorPrimaries = AVCOL_PRI_BT709
    context.colorTrc = AVCOL_TRC_IEC61966_2_1
    context.colorSpace = AVCOL_SPC_SMPTE170M
    context.colorRange = AVCOL_RANGE_MPEG
    context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER)
    using settings = Dictionary.fromObject({ crf: String(crf), preset: presets[effort], 'svtav1-params': 'lp=1' })
    FFmpegError.throwIfError(await context.open2(codec, settings), 'open the encoder')
    this.#describe(this.#given, this.#isDeep ? AV_PIX_FMT_RGBA64LE : AV_PIX_FMT_RGBA)
    this.#given.colorSpace = AVCOL_SPC_RGB
    this.#given.colorRange = AVCOL_RANGE_JPEG
    FFmpegError.throwIfError(this.#given.allocBuffer(), 'take memory')
  }

  async add(frame: Buffer): Promise<void> {
    const { width, height } = this.#drawn
    const given = this.#given
    const [plane, stride] = [given.data?.[0], given.linesize[0]]
    if (!plane || stride === undefined) throw new Error('there is no memory in the frame')
    const row = width * (this.#isDeep ? 8 : 4)
    for (let y = 0; y < height; y++) frame.copy(plane, y * stride, y * row, (y + 1) * row)
    using coded = new Frame()
    coded.alloc()
    this.#describe(coded, this.#context.pixelFormat)
    coded.colorSpace = AVCOL_SPC_SMPTE170M
    coded.colorRange = AVCOL_RANGE_MPEG
    FFmpegError.throwIfError(await this.#scaler.scaleFrame(coded, given), 'convert the colours')
    coded.pts = BigInt(this.#count++)
    FFmpegError.throwIfError(await this.#context.sendFrame(coded), 'encode')
    await this.#receive()
  }

  async end(): Promise<CodedTrack> {
    FFmpegError.throwIfError(await this.#context.sendFrame(null), 'encode')
    await this.#receive()
    const traits = this.#samples[0] && av1TraitsOf(this.#samples[0].data)
    if (!traits || this.#samples.length !== this.#count) throw new Error('not every frame came out of the encoder')
    const depth = this.#isDeep ? 10 : 8
    const setup = av1Setup(traits, { depth, isGrey: false, isHalved: true })
    return { samples: this.#samples, setup, depth, isIntra: false }
  }

  [Symbol.dispose](): void {
    this.#packet.free()
    this.#given.free()
    this.#scaler.freeContext()
    this.#context.freeContext()
  }

  #describe(frame: Frame, format: CodecContext['pixelFormat']): void {
    frame.width = this.#drawn.width
    frame.height = this.#drawn.height
    frame.format = format
    frame.colorPrimaries = AVCOL_PRI_BT709
    frame.colorTrc = AVCOL_TRC_IEC61966_2_1
  }

  async #receive(): Promise<void> {
    while ((await this.#context.receivePacket(this.#packet)) >= 0) {
      const { data, isKeyframe } = this.#packet
      if (data) this.#samples.push({ data: withoutDelimiters(data), isKey: isKeyframe })
      this.#packet.unref()
    }
  }
}
