import {
  AV_CODEC_FLAG_BITEXACT,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_SAMPLE_FMT_FLT,
  AV_SAMPLE_FMT_FLTP,
} from 'node-av/constants'
import { avChannelLayoutDefault, Codec, CodecContext, Dictionary, Rational } from 'node-av/lib'
import { MediaError } from '../../errors.ts'
import { reasonOf } from './ffmpeg.ts'

/** Opens an encoder with FFmpeg's options. The caller frees it. Throws TOOL_MISSING or INTERNAL with FFmpeg's reason. */
export async function openEncoder(
  name: string,
  options: Readonly<Record<string, string>>,
  describe: (encoder: CodecContext) => void,
): Promise<CodecContext> {
  // The type lists the encoders that are compiled in; a name that is not among them gives null.
  const codec = Codec.findEncoderByName(name as never)
  if (codec === null) throw new MediaError('TOOL_MISSING', [`an FFmpeg with ${name}`])
  const encoder = new CodecContext()
  encoder.allocContext3(codec)
  try {
    describe(encoder)
    encoder.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER, AV_CODEC_FLAG_BITEXACT)
    using dictionary = Dictionary.fromObject({ ...options })
    const code = await encoder.open2(codec, dictionary)
    if (code < 0) throw new MediaError('INTERNAL', [`the encoder ${name} refuses: ${reasonOf(code)}`])
    return encoder
  } catch (error) {
    encoder.freeContext()
    throw error
  }
}

/** How sound is coded. */
export interface SoundForm {
  readonly codec: 'aac' | 'opus'
  readonly sampleRate: number
  readonly channels: number
  readonly bitRate: number
}

/** An encoder of sound. The caller frees it. */
export function openSoundEncoder({ codec, sampleRate, channels, bitRate }: SoundForm): Promise<CodecContext> {
  return openEncoder(codec === 'aac' ? 'aac' : 'libopus', {}, (encoder) => {
    encoder.sampleFormat = codec === 'aac' ? AV_SAMPLE_FMT_FLTP : AV_SAMPLE_FMT_FLT
    encoder.sampleRate = sampleRate
    encoder.channelLayout = avChannelLayoutDefault(channels)
    encoder.timeBase = new Rational(1, sampleRate)
    encoder.bitRate = BigInt(bitRate)
    encoder.threadCount = 1
  })
}
