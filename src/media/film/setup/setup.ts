import {
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV420P10LE,
  AV_PIX_FMT_YUV420P12LE,
  AV_PIX_FMT_YUV422P,
  AV_PIX_FMT_YUV422P10LE,
  AV_PIX_FMT_YUV422P12LE,
  AV_PIX_FMT_YUV440P,
  AV_PIX_FMT_YUV440P10LE,
  AV_PIX_FMT_YUV440P12LE,
  AV_PIX_FMT_YUV444P,
  AV_PIX_FMT_YUV444P10LE,
  AV_PIX_FMT_YUV444P12LE,
  AV_PIX_FMT_YUVJ420P,
  AV_PIX_FMT_YUVJ422P,
  AV_PIX_FMT_YUVJ444P,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  type AVColorPrimaries,
  type AVColorSpace,
  type AVColorTransferCharacteristic,
  type AVPixelFormat,
} from 'node-av/constants'
import { type CodecParameters, Rational } from 'node-av/lib'

/** What the beginning of a coded video says of its pictures, which a decoder would find out by decoding one. */
export interface Setup {
  readonly format: AVPixelFormat
  readonly width: number
  readonly height: number
  /** The following are absent where the video does not tell. */
  readonly isFullRange?: boolean
  /** By their numbers in H.273, which are FFmpeg's too. */
  readonly primaries?: number
  readonly transfer?: number
  readonly matrix?: number
  /** Width to height of one pixel. */
  readonly sar?: readonly [number, number]
}

/** Which samples of colour there are: for each pixel, for each second one of a line, a column, or both. */
export type Chroma = '420' | '422' | '440' | '444'

const pixelFormats: Readonly<Record<string, AVPixelFormat>> = {
  '420 8': AV_PIX_FMT_YUV420P,
  '422 8': AV_PIX_FMT_YUV422P,
  '440 8': AV_PIX_FMT_YUV440P,
  '444 8': AV_PIX_FMT_YUV444P,
  '420 8 full': AV_PIX_FMT_YUVJ420P,
  '422 8 full': AV_PIX_FMT_YUVJ422P,
  '444 8 full': AV_PIX_FMT_YUVJ444P,
  '420 10': AV_PIX_FMT_YUV420P10LE,
  '422 10': AV_PIX_FMT_YUV422P10LE,
  '440 10': AV_PIX_FMT_YUV440P10LE,
  '444 10': AV_PIX_FMT_YUV444P10LE,
  '420 12': AV_PIX_FMT_YUV420P12LE,
  '422 12': AV_PIX_FMT_YUV422P12LE,
  '440 12': AV_PIX_FMT_YUV440P12LE,
  '444 12': AV_PIX_FMT_YUV444P12LE,
}

/** FFmpeg's pixel format; with `j` its old names for 8 bits of full range. Absent for what is not usual. */
export const pixelFormatOf = (chroma: Chroma, bits: number, j = false): AVPixelFormat | undefined =>
  pixelFormats[`${chroma} ${bits}${j && bits === 8 ? ' full' : ''}`]

/** Writes a setup where FFmpeg would have put what it decoded. What the video does not tell stays the container's word. */
export function tell(parameters: CodecParameters, setup: Setup): void {
  const { format, width, height, isFullRange, primaries, transfer, matrix, sar } = setup
  parameters.format = format
  parameters.width = width
  parameters.height = height
  if (isFullRange !== undefined) parameters.colorRange = isFullRange ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG
  if (primaries !== undefined) parameters.colorPrimaries = primaries as AVColorPrimaries
  if (transfer !== undefined) parameters.colorTrc = transfer as AVColorTransferCharacteristic
  if (matrix !== undefined) parameters.colorSpace = matrix as AVColorSpace
  if (sar !== undefined) parameters.sampleAspectRatio = new Rational(...sar)
}
