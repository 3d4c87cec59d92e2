import '../quiet-ffmpeg.ts'
import {
  AV_CODEC_ID_AV1,
  AV_CODEC_ID_BMP,
  AV_CODEC_ID_EXR,
  AV_CODEC_ID_HEVC,
  AV_CODEC_ID_JPEG2000,
  AV_CODEC_ID_JPEGXL,
  AV_FRAME_DATA_ICC_PROFILE,
  AV_PIX_FMT_GBRAP16LE,
  AV_PIX_FMT_GBRP16LE,
  AV_PIX_FMT_GRAY8,
  AV_PIX_FMT_GRAY16LE,
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_RGBA,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV422P,
  AV_PIX_FMT_YUV444P,
  AV_PIX_FMT_YUVJ420P,
  AV_PIX_FMT_YUVJ422P,
  AV_PIX_FMT_YUVJ444P,
  AVCOL_RANGE_JPEG,
  AVCOL_SPC_RGB,
  AVCOL_SPC_SMPTE170M,
  AVCOL_SPC_UNSPECIFIED,
  AVERROR_EAGAIN,
  AVERROR_EOF,
} from 'node-av/constants'
import {
  avGetPixFmtName,
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  Frame,
  Packet,
  Rational,
  SoftwareScaleContext,
} from 'node-av/lib'
import type { CodedColour } from './heif-boxes.ts'

/** The still picture coders that sharp's build lacks. */
export type StillCodec = 'hevc' | 'av1' | 'jxl' | 'jp2' | 'bmp' | 'exr'

const ids = {
  hevc: AV_CODEC_ID_HEVC,
  av1: AV_CODEC_ID_AV1,
  jxl: AV_CODEC_ID_JPEGXL,
  jp2: AV_CODEC_ID_JPEG2000,
  bmp: AV_CODEC_ID_BMP,
  exr: AV_CODEC_ID_EXR,
} as const

/** How coded pictures are decoded. */
export interface CodedOptions {
  readonly setup?: Buffer
  readonly isStrict: boolean
  readonly settings?: Readonly<Record<string, string>>
  /** One picture holds many frames, which are given their times in milliseconds. */
  readonly isMoving?: boolean
}

/**
 * Decodes coded pictures with one decoder, giving each frame with its picture's number, without any demuxer: what a file says
 * can so never make FFmpeg open another file. The frames given to `take` are freed afterwards. Throws when the decoder finds
 * no picture in one of them.
 */
export async function decodeStills(
  codec: StillCodec,
  pictures: readonly Buffer[],
  options: CodedOptions,
  take: (frame: Frame, index: number) => Promise<void>,
): Promise<void> {
  for await (const { frame, index } of decodedFrames(codec, pictures, options)) await take(frame, index)
}

/** The same one by one: a frame is freed when the next one is asked for, or none any more. */
export async function* decodedFrames(
  codec: StillCodec,
  pictures: Iterable<Buffer>,
  { setup, isStrict, settings, isMoving }: CodedOptions,
): AsyncGenerator<{ readonly frame: Frame; readonly index: number }, void, undefined> {
  const decoder = Codec.findDecoder(ids[codec])
  if (!decoder) throw new Error(`this build has no decoder for ${codec}`)
  using context = new CodecContext()
  context.allocContext3(decoder)
  context.threadCount = 1
  if (setup) context.extraData = setup
  if (isMoving) context.pktTimebase = new Rational(1, 1000)
  const strictly = isStrict ? { err_detect: 'crccheck+bitstream+buffer+explode', ...settings } : settings
  FFmpegError.throwIfError(await context.open2(decoder, Dictionary.fromObject({ ...strictly })), 'open the decoder')
  using frame = new Frame()
  frame.alloc()
  let [given, taken] = [0, 0]
  for (const picture of pictures) {
    using packet = new Packet()
    packet.alloc()
    packet.data = picture
    // The time is the picture's number, so that one that fails does not shift those after it.
    packet.pts = BigInt(given++)
    const sent = await context.sendPacket(packet)
    if (isStrict) FFmpegError.throwIfError(sent, 'decode')
    let got = await context.receiveFrame(frame)
    for (; got >= 0; got = await context.receiveFrame(frame)) {
      taken++
      yield { frame, index: Number(frame.pts) }
      frame.unref()
    }
    // After an error the decoder of JPEG XL says that this was all.
    if (isMoving && isStrict && got !== AVERROR_EAGAIN && got !== AVERROR_EOF)
      throw new Error('decoding failed: frames are missing')
  }
  await context.sendPacket(null)
  let end = await context.receiveFrame(frame)
  for (; end >= 0; end = await context.receiveFrame(frame)) {
    taken++
    yield { frame, index: Number(frame.pts) }
    frame.unref()
  }
  // How many frames there should be nobody knows but the decoder.
  if (isMoving && isStrict && end !== AVERROR_EOF) throw new Error('unexpected end of stream: frames are missing')
  if (taken < (isStrict ? given : 1)) throw new Error('unexpected end of stream: no picture came out')
}

/** What a frame says of its colour, and the profile it carries. */
export interface FrameTraits {
  readonly colour: CodedColour
  readonly icc?: Buffer
  readonly hasAlpha: boolean
  readonly isDeep: boolean
  /** Bits of a sample, 16 for all that is above 12. */
  readonly bits: 8 | 10 | 12 | 16
}

/** Pixel formats with an alpha plane or channel, by FFmpeg's naming of them. */
const alphaNames = /^(yuva|gbrap|rgba|bgra|argb|abgr|ya8|ya16)|a64|pal8/
const deepNames = /(9|10|12|14|16|32|48|64)(le|be)?$|f32|f16|p010/

/** Reads the traits of a decoded frame. */
export function traitsOf(frame: Frame): FrameTraits {
  const name = avGetPixFmtName(frame.format as typeof AV_PIX_FMT_RGB24) ?? ''
  const icc = frame.getSideData(AV_FRAME_DATA_ICC_PROFILE)
  return {
    colour: {
      primaries: frame.colorPrimaries,
      transfer: frame.colorTrc,
      matrix: frame.colorSpace,
      isFullRange: frame.colorRange === AVCOL_RANGE_JPEG,
    },
    ...(icc ? { icc: Buffer.from(icc) } : {}),
    hasAlpha: alphaNames.test(name),
    isDeep: deepNames.test(name),
    bits: !deepNames.test(name) ? 8 : /10(le|be)?$/.test(name) ? 10 : /12(le|be)?$/.test(name) ? 12 : 16,
  }
}

const layouts = {
  grey: [AV_PIX_FMT_GRAY8, 1],
  grey16: [AV_PIX_FMT_GRAY16LE, 2],
  rgb: [AV_PIX_FMT_RGB24, 3],
  rgba: [AV_PIX_FMT_RGBA, 4],
  // Straight to interleaved ones of 16 bits FFmpeg lets strong colours run over where chroma is halved.
  rgb16: [AV_PIX_FMT_GBRP16LE, 6],
  rgba16: [AV_PIX_FMT_GBRAP16LE, 8],
} as const

/** Full-range formats of old, and what FFmpeg calls them now with the range told apart. */
const oldFullRange = new Map<number, typeof AV_PIX_FMT_YUV420P>([
  [AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUV420P],
  [AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUV422P],
  [AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUV444P],
])

/**
 * Converts a frame to interleaved samples without gaps between the rows, at a size, in the primaries and tones of the frame.
 * Frames that do not name their matrix are read with that of BT.601, as HEIF and JPEG readers do.
 */
export async function samplesOf(
  frame: Frame,
  layout: keyof typeof layouts,
  size: { readonly width: number; readonly height: number },
  colour?: CodedColour,
): Promise<Buffer> {
  const [format, pixelBytes] = layouts[layout]
  const modern = oldFullRange.get(frame.format)
  if (modern !== undefined) {
    frame.format = modern
    frame.colorRange = AVCOL_RANGE_JPEG
  }
  if (colour && colour.matrix !== AVCOL_SPC_UNSPECIFIED) frame.colorSpace = colour.matrix as typeof AVCOL_SPC_RGB
  if (frame.colorSpace === AVCOL_SPC_UNSPECIFIED) frame.colorSpace = AVCOL_SPC_SMPTE170M
  if (colour) frame.colorRange = colour.isFullRange ? AVCOL_RANGE_JPEG : frame.colorRange
  using scaler = new SoftwareScaleContext()
  scaler.allocContext()
  scaler.setOption('sws_flags', 'area+accurate_rnd+full_chroma_int')
  using target = new Frame()
  target.alloc()
  target.format = format
  target.width = size.width
  target.height = size.height
  target.colorPrimaries = frame.colorPrimaries
  target.colorTrc = frame.colorTrc
  target.colorSpace = AVCOL_SPC_RGB
  target.colorRange = AVCOL_RANGE_JPEG
  FFmpegError.throwIfError(await scaler.scaleFrame(target, frame), 'convert the colours')
  const plane = target.data?.[0]
  const stride = target.linesize[0]
  if (!plane || stride === undefined) throw new Error('the converted frame is empty')
  if (layout === 'rgb16' || layout === 'rgba16') return interleaved(target, pixelBytes / 2)
  const row = size.width * pixelBytes
  const samples = Buffer.allocUnsafe(row * size.height)
  for (let y = 0; y < size.height; y++) plane.copy(samples, y * row, y * stride, y * stride + row)
  return samples
}

/** Where red, green, blue and alpha lie in a frame of planes. */
const planesOfRgb = [2, 0, 1, 3]

function interleaved(frame: Frame, channels: number): Buffer {
  const { width, height } = frame
  const samples = Buffer.alloc(width * height * channels * 2)
  const to = new Uint16Array(samples.buffer, samples.byteOffset, samples.length / 2)
  for (let channel = 0; channel < channels; channel++) {
    const place = planesOfRgb[channel] ?? 0
    const [plane, stride] = [frame.data?.[place], frame.linesize[place]]
    if (!plane || stride === undefined) throw new Error('the converted frame is empty')
    for (let y = 0, at = channel; y < height; y++) {
      const row = new Uint16Array(plane.buffer, plane.byteOffset + y * stride, width)
      for (let x = 0; x < width; x++, at += channels) to[at] = row[x] ?? 0
    }
  }
  return samples
}
