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
}

/** Opens a decoder for a stream. The caller frees it. Throws UNSUPPORTED_CONTENT. */
export function openDecoder(stream: Stream, { path, maxPixels, threads = 1 }: DecoderOptions): CodecContext {
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
    decoder.setOption('max_pixels', BigInt(maxPixels))
    const code = decoder.open2Sync(codec, null)
    if (code < 0) throw filmError(code, path, 'its video can not be decoded')
    return decoder
  } catch (error) {
    decoder.freeContext()
    throw error
  }
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
