import { AV_CODEC_FLAG_LOW_DELAY, AV_CODEC_ID_AV1, FF_THREAD_SLICE } from 'node-av/constants'
import { Codec, CodecContext, type Stream } from 'node-av/lib'
import { MediaError } from '../../errors.ts'
import { expectDone, filmError } from './ffmpeg.ts'
import { codecNameOf } from './names.ts'

/** What a decoder must be told beside its stream. */
export interface DecoderOptions {
  readonly path: string
  /** Larger pictures are refused before memory is taken for them. */
  readonly maxPixels: number
  /** One when left out: workers share the cores. More serve work that takes long anyway. */
  readonly threads?: number
  /** Each frame is decoded for itself: threads may share it, and not take one each. */
  readonly sharesFrames?: boolean
}

/** A smaller frame is done before a second thread has begun. */
const leastSharedPixels = 250_000

/** Opens a decoder for a stream. The caller frees it. Throws UNSUPPORTED_CONTENT. */
export function openDecoder(
  stream: Stream,
  { path, maxPixels, threads = 1, sharesFrames = false }: DecoderOptions,
): CodecContext {
  const codec = decoderOf(stream)
  if (codec === null) {
    throw new MediaError('UNSUPPORTED_CONTENT', [
      `its video is in ${codecNameOf(stream.codecpar) ?? 'an unknown codec'}`,
    ])
  }
  const decoder = new CodecContext()
  decoder.allocContext3(codec)
  try {
    expectDone(decoder.parametersToContext(stream.codecpar), 'preparing the decoder')
    decoder.pktTimebase = stream.timeBase
    decoder.threadCount = threads
    if (sharesFrames) shareFrames(decoder, stream)
    decoder.setOption('max_pixels', BigInt(maxPixels))
    const code = decoder.open2Sync(codec, null)
    if (code < 0) throw filmError(code, path, 'its video can not be decoded')
    return decoder
  } catch (error) {
    decoder.freeContext()
    throw error
  }
}

/**
 * Lets two threads share each frame of AV1 (dav1d). Measured in the corpus' films: frames that take 4 to 14 ms take 55 to 92 % of
 * that, one of half a millisecond 0.3 ms more, and four threads are no faster. Other decoders could too, but what they make of
 * damaged frames then hangs on chance (HEVC), or is taken for sound (VP9).
 */
function shareFrames(decoder: CodecContext, { codecpar: { codecId, width, height } }: Stream): void {
  if (codecId !== AV_CODEC_ID_AV1 || width * height < leastSharedPixels) return
  decoder.threadCount = 2
  decoder.threadType = FF_THREAD_SLICE
  // Else the second thread is taken for a second frame.
  decoder.setFlags(AV_CODEC_FLAG_LOW_DELAY)
}

function decoderOf({ codecpar, metadata }: Stream): Codec | null {
  // FFmpeg's own VP8 and VP9 decoders leave the transparency out, which WebM keeps beside the picture.
  const name = codecNameOf(codecpar)
  if (metadata?.get('alpha_mode') === '1' && (name === 'vp8' || name === 'vp9')) {
    const withAlpha = Codec.findDecoderByName(name === 'vp8' ? ('libvpx' as never) : ('libvpx-vp9' as never))
    if (withAlpha !== null) return withAlpha
  }
  return Codec.findDecoder(codecpar.codecId)
}
