import { AV_CODEC_FLAG_FRAME_DURATION } from 'node-av/constants'
import { Codec, CodecContext, Dictionary, FFmpegError, type Frame, Packet, Rational } from 'node-av/lib'
import { MediaError } from '../../../errors.ts'
import type { WriteOptions } from '../../picture.ts'
import { withLoop } from '../jxl-head.ts'
import { jxlFrame, jxlLayouts, jxlSettings } from '../write-jxl.ts'
import { type Drawn, shownTimes } from './drawn.ts'

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
  encoder.pixelFormat = jxlLayouts[isOpaque ? 3 : 4][isDeep ? 1 : 0]
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
    using frame = jxlFrame(encoder, icc)
    fill(frame, pixels, { isDeep, isOpaque })
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
