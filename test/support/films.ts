import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_CODEC_ID_PNG,
  AV_DISPOSITION_ATTACHED_PIC,
  AV_PIX_FMT_RGBA,
  AV_PKT_DATA_DISPLAYMATRIX,
  AV_PKT_FLAG_KEY,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVFMT_GLOBALHEADER,
  AVMEDIA_TYPE_VIDEO,
  type AVPixelFormat,
} from 'node-av/constants'
import {
  avChannelLayoutDefault,
  avGetPixFmtFromName,
  avGetSampleFmtName,
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  FormatContext,
  Frame,
  Packet,
  Rational,
  type Stream,
} from 'node-av/lib'
import sharp from 'sharp'
import { filterFrame } from '../../src/media/film/graph.ts'

/** A colour of sRGB, with transparency when four. */
export type Colour = readonly [red: number, green: number, blue: number, alpha?: number]

/** What a made film looks and sounds like; everything has a small default. */
export interface FilmRecipe {
  /** Draws one pixel; `x` and `y` are 0–1, `second` is the time. */
  readonly paint?: (x: number, y: number, second: number) => Colour
  readonly width?: number
  readonly height?: number
  readonly seconds?: number
  readonly frameRate?: number
  /** Frames from one key frame to the next. */
  readonly gop?: number
  /** FFmpeg's name of the encoder; `libx264` when left out, `null` for no picture at all. */
  readonly video?: string | null
  readonly pixelFormat?: string
  /** Bits a second of the picture; the encoder's own when left out. */
  readonly bitRate?: number
  /** Nine numbers as fractions: `[a, b, 0, c, d, 0, 0, 0, 1]`. */
  readonly displayMatrix?: readonly number[]
  readonly sar?: readonly [width: number, height: number]
  /** H.273 numbers, written into the stream. */
  readonly colour?: { readonly primaries: number; readonly transfer: number; readonly matrix: number }
  readonly isFullRange?: boolean
  /** Matrix that the pixels are really coded with: `bt601`, `bt709`, `bt2020`. */
  readonly codedMatrix?: 'bt601' | 'bt709' | 'bt2020'
  /** FFmpeg's name of the encoder of a sound track; none when left out. */
  readonly audio?: string
  /** What is heard at a second, −1…1; silence when left out. For encoders that take floats or 16 bits. */
  readonly tone?: (second: number) => number
  /** A picture to attach as a cover. */
  readonly cover?: Colour
  /** A further picture track, of which only what its encoder needs counts. */
  readonly beside?: FilmRecipe
  /** Options of the muxer. */
  readonly muxer?: Record<string, string>
  readonly tags?: Record<string, string>
  /** Seconds of a frame's time stamp by its number, for uneven films. */
  readonly timeOf?: (frame: number) => number
  /** Seconds that the packet of a frame claims to be shown for, by its number; the encoder's own claim when left out. */
  readonly lengthOf?: (frame: number) => number
}

/** Eight upright bars: white, yellow, cyan, green, magenta, red, blue, black. */
export const colourBars = (x: number): Colour => {
  const bar = 7 - Math.min(7, Math.floor(x * 8))
  return [bar & 2 ? 255 : 0, bar & 4 ? 255 : 0, bar & 1 ? 255 : 0]
}

/** A picture with much to see that moves a little: worth being a film's face. */
export const lively = (x: number, y: number, second: number): Colour => [
  128 + 100 * Math.sin(12 * x + second / 4),
  128 + 100 * Math.sin(9 * y + 4 * x),
  128 + 100 * Math.cos(15 * (x - y)),
]

const clock = 90_000

/** MPEG-2 knows no clock but that of its frames; uneven films need a finer one. */
const ticksOf = ({ timeOf, frameRate = 25 }: FilmRecipe): number => (timeOf === undefined ? frameRate : clock)

/** Makes a film file; the format is guessed from the file's ending. */
export async function makeFilm(path: string, recipe: FilmRecipe = {}): Promise<void> {
  const output = new FormatContext()
  check(output.allocOutputContext2(null, null, path))
  const encoders: { encoder: CodecContext; stream: Stream; frames: () => AsyncGenerator<Frame> }[] = []
  const needsHeader = output.oformat?.hasFlags(AVFMT_GLOBALHEADER) ?? false
  try {
    if (recipe.video !== null) {
      const encoder = await videoEncoder(recipe, needsHeader)
      const stream = streamOf(output, encoder)
      if (recipe.displayMatrix !== undefined) {
        stream.codecpar.addCodedSideData(AV_PKT_DATA_DISPLAYMATRIX, matrixBytes(recipe.displayMatrix))
      }
      if (recipe.sar !== undefined) stream.sampleAspectRatio = new Rational(...recipe.sar)
      encoders.push({ encoder, stream, frames: () => paintedFrames(recipe, encoder) })
    }
    if (recipe.beside !== undefined) {
      const { beside } = recipe
      const encoder = await videoEncoder(beside, needsHeader)
      encoders.push({ encoder, stream: streamOf(output, encoder), frames: () => paintedFrames(beside, encoder) })
    }
    if (recipe.audio !== undefined) {
      const encoder = await audioEncoder(recipe.audio, needsHeader)
      encoders.push({ encoder, stream: streamOf(output, encoder), frames: () => toneFrames(recipe, encoder) })
    }
    const cover = recipe.cover === undefined ? undefined : await addCover(output, recipe.cover)
    if (recipe.tags !== undefined) output.metadata = Dictionary.fromObject(recipe.tags)
    check(await output.openOutput())
    check(await output.writeHeader(Dictionary.fromObject(recipe.muxer ?? {})))
    if (cover !== undefined) check(await output.interleavedWriteFrame(cover))
    for (const { encoder, stream, frames } of encoders) {
      const lengths = stream.codecpar.codecType === AVMEDIA_TYPE_VIDEO ? lengthsOf(recipe) : new Map()
      for await (const frame of frames()) await encode(output, stream, encoder, frame, lengths)
      await encode(output, stream, encoder, null, lengths)
    }
    check(await output.writeTrailer())
    await output.closeOutput()
  } finally {
    for (const { encoder } of encoders) encoder.freeContext()
    output.freeContext()
  }
}

async function videoEncoder(recipe: FilmRecipe, needsHeader: boolean): Promise<CodecContext> {
  const name = recipe.video ?? 'libx264'
  const codec = Codec.findEncoderByName(name as never)
  if (codec === null) throw new Error(`no encoder ${name}`)
  const encoder = new CodecContext()
  encoder.allocContext3(codec)
  encoder.width = recipe.width ?? 160
  encoder.height = recipe.height ?? 96
  encoder.timeBase = new Rational(1, ticksOf(recipe))
  encoder.framerate = new Rational(recipe.frameRate ?? 25, 1)
  encoder.pixelFormat = avGetPixFmtFromName(recipe.pixelFormat ?? 'yuv420p')
  encoder.gopSize = recipe.gop ?? 25
  encoder.threadCount = 1
  if (recipe.bitRate !== undefined) encoder.bitRate = BigInt(recipe.bitRate)
  encoder.colorRange = recipe.isFullRange === true ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG
  if (recipe.sar !== undefined) encoder.sampleAspectRatio = new Rational(...recipe.sar)
  if (recipe.colour !== undefined) {
    encoder.colorPrimaries = recipe.colour.primaries as never
    encoder.colorTrc = recipe.colour.transfer as never
    encoder.colorSpace = recipe.colour.matrix as never
  }
  if (needsHeader) encoder.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER)
  const options = Dictionary.fromObject(encoderOptions[name] ?? {})
  check(await encoder.open2(codec, options))
  return encoder
}

const encoderOptions: Readonly<Record<string, Record<string, string>>> = {
  libx264: { preset: 'veryfast', crf: '10', 'x264-params': 'scenecut=0:bframes=2:b-adapt=0:b-pyramid=none' },
  libx265: { preset: 'ultrafast', 'x265-params': 'log-level=none' },
  'libvpx-vp9': { deadline: 'realtime', 'cpu-used': '8', crf: '10', 'auto-alt-ref': '0' },
  mpeg1video: { bf: '2' },
  mpeg2video: { qscale: '2' },
}

async function audioEncoder(name: string, needsHeader: boolean): Promise<CodecContext> {
  const codec = Codec.findEncoderByName(name as never)
  const [sampleFormat] = codec?.sampleFormats ?? []
  if (codec === null || sampleFormat === undefined) throw new Error(`no encoder ${name}`)
  const encoder = new CodecContext()
  encoder.allocContext3(codec)
  encoder.sampleFormat = sampleFormat
  encoder.sampleRate = 48_000
  encoder.channelLayout = avChannelLayoutDefault(1)
  encoder.timeBase = new Rational(1, 48_000)
  if (needsHeader) encoder.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER)
  check(await encoder.open2(codec, null))
  return encoder
}

function streamOf(output: FormatContext, encoder: CodecContext): Stream {
  const stream = output.newStream()
  check(stream.codecpar.fromContext(encoder))
  stream.timeBase = encoder.timeBase
  stream.avgFrameRate = encoder.framerate
  return stream
}

async function* paintedFrames(recipe: FilmRecipe, encoder: CodecContext): AsyncGenerator<Frame> {
  const { paint = lively, seconds = 2, frameRate = 25, codedMatrix = 'bt601', isFullRange = false } = recipe
  const { width, height } = encoder
  const format = recipe.pixelFormat ?? 'yuv420p'
  // Frames made of a buffer point into it: one that nobody holds any more is freed under them.
  const pixels = Buffer.alloc(width * height * 4)
  for (let number = 0; number < Math.round(seconds * frameRate); number++) {
    const second = number / frameRate
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at += 4) {
        const [red, green, blue, alpha = 255] = paint((x + 0.5) / width, (y + 0.5) / height, second)
        pixels.set([red, green, blue, alpha], at)
      }
    }
    const painted = Frame.fromVideoBuffer(pixels, { width, height, format: AV_PIX_FMT_RGBA as AVPixelFormat })
    const frame = await filterFrame(painted, [
      [
        'scale',
        `flags=bicubic+accurate_rnd+full_chroma_int:out_color_matrix=${codedMatrix}:out_range=${isFullRange ? 'pc' : 'tv'}`,
      ],
      ['format', `pix_fmts=${format}`],
    ])
    painted.free()
    frame.pts = BigInt(Math.round((recipe.timeOf?.(number) ?? second) * ticksOf(recipe)))
    frame.timeBase = encoder.timeBase
    if (recipe.colour !== undefined) {
      frame.colorPrimaries = recipe.colour.primaries as never
      frame.colorTrc = recipe.colour.transfer as never
      frame.colorSpace = recipe.colour.matrix as never
    }
    yield frame
    frame.free()
  }
}

async function* toneFrames({ seconds = 2, tone }: FilmRecipe, encoder: CodecContext): AsyncGenerator<Frame> {
  const size = encoder.frameSize || 1024
  for (let sample = 0; sample < seconds * 48_000; sample += size) {
    const frame = new Frame()
    frame.alloc()
    frame.format = encoder.sampleFormat
    frame.nbSamples = size
    frame.sampleRate = 48_000
    frame.channelLayout = encoder.channelLayout
    check(frame.allocBuffer())
    for (const plane of frame.data ?? []) {
      plane.fill(0)
      if (tone === undefined) continue
      const isFloat = avGetSampleFmtName(encoder.sampleFormat) === 'fltp'
      for (let at = 0; at < size; at++) {
        const value = tone((sample + at) / 48_000)
        if (isFloat) plane.writeFloatLE(value, at * 4)
        else plane.writeInt16LE(Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768))), at * 2)
      }
    }
    frame.pts = BigInt(sample)
    yield frame
    frame.free()
  }
}

async function addCover(output: FormatContext, [r, g, b]: Colour): Promise<Packet> {
  const data = await sharp({ create: { width: 120, height: 80, channels: 3, background: { r, g, b } } })
    .png()
    .toBuffer()
  const stream = output.newStream()
  stream.codecpar.codecType = AVMEDIA_TYPE_VIDEO
  stream.codecpar.codecId = AV_CODEC_ID_PNG
  stream.codecpar.width = 120
  stream.codecpar.height = 80
  stream.disposition = AV_DISPOSITION_ATTACHED_PIC
  stream.timeBase = new Rational(1, clock)
  const packet = new Packet()
  packet.alloc()
  packet.data = data
  packet.streamIndex = stream.index
  packet.pts = 0n
  packet.dts = 0n
  packet.setFlags(AV_PKT_FLAG_KEY)
  return packet
}

/** What packets claim, by their time stamps. */
function lengthsOf(recipe: FilmRecipe): Map<bigint, bigint> {
  const { seconds = 2, frameRate = 25, lengthOf } = recipe
  if (lengthOf === undefined) return new Map()
  const ticks = (of: number): bigint => BigInt(Math.round(of * ticksOf(recipe)))
  const numbers = Array.from({ length: Math.round(seconds * frameRate) }, (_, number) => number)
  return new Map(
    numbers.map((number) => [ticks(recipe.timeOf?.(number) ?? number / frameRate), ticks(lengthOf(number))]),
  )
}

async function encode(
  output: FormatContext,
  stream: Stream,
  encoder: CodecContext,
  frame: Frame | null,
  lengths: ReadonlyMap<bigint, bigint>,
) {
  check(await encoder.sendFrame(frame))
  const packet = new Packet()
  packet.alloc()
  while ((await encoder.receivePacket(packet)) >= 0) {
    packet.streamIndex = stream.index
    packet.duration = lengths.get(packet.pts) ?? packet.duration
    packet.rescaleTs(encoder.timeBase, stream.timeBase)
    check(await output.interleavedWriteFrame(packet))
    packet.unref()
  }
  packet.free()
}

function matrixBytes(fractions: readonly number[]): Buffer {
  const bytes = Buffer.alloc(36)
  for (const [at, value] of fractions.entries())
    bytes.writeInt32LE(Math.round(value * (at % 3 === 2 ? 2 ** 30 : 2 ** 16)), at * 4)
  return bytes
}

const check = (code: number): void => FFmpegError.throwIfError(code, 'making a film')
