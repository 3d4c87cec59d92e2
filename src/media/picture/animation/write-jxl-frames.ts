import {
  AV_CODEC_FLAG_FRAME_DURATION,
  AV_FRAME_DATA_ICC_PROFILE,
  AV_LOG_QUIET,
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_RGB48LE,
  AV_PIX_FMT_RGBA,
  AV_PIX_FMT_RGBA64LE,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_JPEG,
  AVCOL_SPC_RGB,
  AVCOL_TRC_IEC61966_2_1,
} from 'node-av/constants'
import { Codec, CodecContext, Dictionary, FFmpegError, Frame, Log, Packet, Rational } from 'node-av/lib'
import { MediaError } from '../../../errors.ts'
import type { WriteOptions } from '../../picture.ts'
import { withLoop } from '../jxl-head.ts'
import { jxlSettings } from '../write-jxl.ts'
import { type Drawn, shownTimes } from './drawn.ts'

// FFmpeg writes its warnings to stderr, which belongs to people.
Log.setLevel(AV_LOG_QUIET)

/** Writes an animation as a JPEG XL codestream with FFmpeg's libjxl; throws TOOL_MISSING where that is not built in. */
export async function writeJxlFrames(
  drawn: Drawn,
  options: WriteOptions & { readonly isOpaque: boolean; readonly icc?: Buffer },
): Promise<Buffer> {
  const codec = Codec.findEncoderByName('libjxl_anim' as never)
  if (!codec) throw new MediaError('TOOL_MISSING', ["FFmpeg's encoder libjxl_anim"])
  const isDeep = drawn.depth > 8
  const { isOpaque, icc } = options
  using encoder = new CodecContext()
  encoder.allocContext3(codec)
  encoder.width = drawn.width
  encoder.height = drawn.height
  encoder.pixelFormat = isOpaque
    ? isDeep
      ? AV_PIX_FMT_RGB48LE
      : AV_PIX_FMT_RGB24
    : isDeep
      ? AV_PIX_FMT_RGBA64LE
      : AV_PIX_FMT_RGBA
  encoder.timeBase = new Rational(1, 1000)
  encoder.threadCount = 1
  encoder.setFlags(AV_CODEC_FLAG_FRAME_DURATION)
  using settings = Dictionary.fromObject(jxlSettings(options))
  FFmpegError.throwIfError(await encoder.open2(codec, settings), 'open the encoder')
  using packet = new Packet()
  packet.alloc()
  const parts: Buffer[] = []
  const receive = async (): Promise<void> => {
    while ((await encoder.receivePacket(packet)) >= 0) {
      if (packet.data) parts.push(Buffer.from(packet.data))
      packet.unref()
    }
  }
  const times = shownTimes(drawn.delays)
  let [at, index] = [0, 0]
  for await (const pixels of drawn.frames()) {
    const ms = times[index++] ?? 100
    using frame = frameOf(drawn, encoder)
    fill(frame, pixels, { isDeep, isOpaque })
    if (icc) icc.copy(frame.newSideData(AV_FRAME_DATA_ICC_PROFILE, icc.length))
    frame.pts = BigInt(at)
    frame.duration = BigInt(ms)
    at += ms
    FFmpegError.throwIfError(await encoder.sendFrame(frame), 'encode')
    await receive()
  }
  FFmpegError.throwIfError(await encoder.sendFrame(null), 'encode')
  await receive()
  const codestream = Buffer.concat(parts)
  return drawn.loop === 0 ? codestream : withLoop(codestream, drawn.loop)
}

function frameOf({ width, height }: Drawn, { pixelFormat }: CodecContext): Frame {
  const frame = new Frame()
  frame.alloc()
  frame.width = width
  frame.height = height
  frame.format = pixelFormat
  frame.colorRange = AVCOL_RANGE_JPEG
  frame.colorPrimaries = AVCOL_PRI_BT709
  frame.colorTrc = AVCOL_TRC_IEC61966_2_1
  frame.colorSpace = AVCOL_SPC_RGB
  FFmpegError.throwIfError(frame.allocBuffer(), 'take memory')
  return frame
}

/** Copies RGBA into a frame, without its alpha where the frame has none. */
function fill(frame: Frame, pixels: Buffer, { isDeep, isOpaque }: { isDeep: boolean; isOpaque: boolean }): void {
  const plane = frame.data?.[0]
  const stride = frame.linesize[0]
  if (!plane || stride === undefined) throw new Error('there is no memory in the frame')
  const sample = isDeep ? 2 : 1
  const row = frame.width * 4 * sample
  for (let y = 0; y < frame.height; y++) {
    if (!isOpaque) pixels.copy(plane, y * stride, y * row, (y + 1) * row)
    else {
      for (let from = y * row, to = y * stride; from < (y + 1) * row; from += 4 * sample, to += 3 * sample) {
        for (let byte = 0; byte < 3 * sample; byte++) plane[to + byte] = pixels[from + byte] ?? 0
      }
    }
  }
}
