import '../quiet-ffmpeg.ts'
import {
  AV_FRAME_DATA_ICC_PROFILE,
  AV_PIX_FMT_GRAY8,
  AV_PIX_FMT_GRAY16LE,
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_RGB48LE,
  AV_PIX_FMT_RGBA,
  AV_PIX_FMT_RGBA64LE,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_JPEG,
  AVCOL_SPC_RGB,
  AVCOL_TRC_IEC61966_2_1,
} from 'node-av/constants'
import { Codec, CodecContext, Dictionary, FFmpegError, Frame, Packet, Rational } from 'node-av/lib'
import { MediaError } from '../../errors.ts'
import type { WriteOptions } from '../picture.ts'
import { usualQuality } from './encoder-settings.ts'

/** Interleaved samples of 8 bits, or of 16 in the order of the machine, in sRGB unless `icc` says otherwise. */
export interface JxlPixels {
  readonly data: Buffer
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3 | 4
  readonly isDeep: boolean
  readonly icc?: Buffer
}

/** How samples lie in memory, by channels, of 8 and of 16 bits. */
export const jxlLayouts = {
  1: [AV_PIX_FMT_GRAY8, AV_PIX_FMT_GRAY16LE],
  3: [AV_PIX_FMT_RGB24, AV_PIX_FMT_RGB48LE],
  4: [AV_PIX_FMT_RGBA, AV_PIX_FMT_RGBA64LE],
} as const

/** Encodes a JPEG XL codestream with FFmpeg's libjxl; throws TOOL_MISSING where that is not built in. */
export async function writeJxl(pixels: JxlPixels, options: WriteOptions): Promise<Buffer> {
  const codec = Codec.findEncoderByName('libjxl' as never)
  if (!codec) throw new MediaError('TOOL_MISSING', ["FFmpeg's encoder libjxl"])
  const { width, height, channels, isDeep, icc } = pixels
  const format = jxlLayouts[channels][isDeep ? 1 : 0]
  try {
    using encoder = new CodecContext()
    encoder.allocContext3(codec)
    encoder.width = width
    encoder.height = height
    encoder.pixelFormat = format
    encoder.timeBase = new Rational(1, 1)
    encoder.threadCount = 1
    using settings = Dictionary.fromObject(jxlSettings(options))
    FFmpegError.throwIfError(await encoder.open2(codec, settings), 'open the encoder')
    using frame = jxlFrame(encoder, icc)
    fill(frame, pixels)
    frame.pts = 0n
    FFmpegError.throwIfError(await encoder.sendFrame(frame), 'encode')
    FFmpegError.throwIfError(await encoder.sendFrame(null), 'encode')
    using packet = new Packet()
    packet.alloc()
    FFmpegError.throwIfError(await encoder.receivePacket(packet), 'encode')
    if (!packet.data) throw new Error('nothing came out')
    return Buffer.from(packet.data)
  } catch (thrown) {
    throw new MediaError('INTERNAL', ['the picture could not be encoded as JPEG XL'], { cause: thrown })
  }
}

/** A frame as an encoder takes it, still without its pixels, which are sRGB unless `icc` says otherwise. The caller frees it. */
export function jxlFrame({ width, height, pixelFormat }: CodecContext, icc: Buffer | undefined): Frame {
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
  if (icc) icc.copy(frame.newSideData(AV_FRAME_DATA_ICC_PROFILE, icc.length))
  return frame
}

function fill(frame: Frame, { data, width, height, channels, isDeep }: JxlPixels): void {
  const plane = frame.data?.[0]
  const stride = frame.linesize[0]
  if (!plane || stride === undefined) throw new Error('there is no memory in the frame')
  const row = width * channels * (isDeep ? 2 : 1)
  for (let y = 0; y < height; y++) data.copy(plane, y * stride, y * row, (y + 1) * row)
}

const efforts = { fast: '3', usual: '5', best: '8' } as const

/** The settings of the encoder by FFmpeg's names. */
export function jxlSettings({ quality, lossless, effort = 'usual' }: WriteOptions): Record<string, string> {
  const distance = lossless ? 0 : distanceOf(quality ?? usualQuality.jxl)
  return { effort: efforts[effort], distance: distance.toFixed(3) }
}

/** The visual distance (1: only just seen) that libjxl's own tools take for a quality of 1–100; 100 is as near as loss comes. */
function distanceOf(quality: number): number {
  const distance = quality >= 30 ? 0.1 + (100 - quality) * 0.09 : (53 / 3000) * quality ** 2 - (23 / 20) * quality + 25
  return Math.min(15, distance)
}
