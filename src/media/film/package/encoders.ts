import {
  AV_PIX_FMT_YUV420P,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
} from 'node-av/constants'
import { type CodecContext, Rational } from 'node-av/lib'
import { MediaError } from '../../../errors.ts'
import { openEncoder } from '../open-encoder.ts'
import type { Rung } from '../package.ts'
import { steadyX264 } from '../x264.ts'
import type { Rhythm } from './rhythm.ts'

/**
 * Fixed, whatever the machine has: x264 writes other bytes with other numbers of threads. They share each frame, since with
 * whole frames side by side and a cap on the bits it would write other bytes each time.
 */
const threadsFor = ({ width, height }: Rung): number =>
  width * height > 1_000_000 ? 4 : width * height > 300_000 ? 2 : 1

/** An H.264 encoder of even quality whose bits are capped; key frames only where they are asked for. The caller frees it. */
export async function openPictureEncoder(rung: Rung, { rate }: Rhythm): Promise<CodecContext> {
  return await openEncoder(
    'libx264',
    {
      preset: 'veryfast',
      crf: '22',
      'forced-idr': '1',
      'x264-params': [...groups, steadyX264(rung.width)].filter(Boolean).join(':'),
    },
    (encoder) => {
      encoder.width = rung.width
      encoder.height = rung.height
      encoder.pixelFormat = AV_PIX_FMT_YUV420P
      encoder.timeBase = new Rational(rate.den, rate.num)
      encoder.framerate = new Rational(rate.num, rate.den)
      encoder.sampleAspectRatio = new Rational(1, 1)
      encoder.rcMaxRate = BigInt(rung.bitRate)
      encoder.rcBufferSize = rung.bitRate
      encoder.threadCount = threadsFor(rung)
      encoder.colorRange = AVCOL_RANGE_MPEG
      encoder.colorPrimaries = AVCOL_PRI_BT709
      encoder.colorTrc = AVCOL_TRC_BT709
      encoder.colorSpace = AVCOL_SPC_BT709
    },
  )
}

const groups = ['keyint=infinite', 'scenecut=0', 'open-gop=0', 'sliced-threads=1']

/** The name of a track's codec for players (RFC 6381): `avc1.64001f`, from the parameter set in the encoder's header. */
export function avcName({ extraData }: CodecContext): string {
  const at = extraData?.findIndex(
    (byte, index) =>
      (byte & 0x1f) === 7 && extraData[index - 1] === 1 && extraData[index - 2] === 0 && extraData[index - 3] === 0,
  )
  if (!extraData || at === undefined || at < 0) throw new MediaError('INTERNAL', ['the encoder gave no header'])
  return `avc1.${extraData.subarray(at + 1, at + 4).toString('hex')}`
}

/** AAC-LC. */
export const aacName = 'mp4a.40.2'
