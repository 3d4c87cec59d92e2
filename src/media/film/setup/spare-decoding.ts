import { AV_CODEC_ID_H264, AV_CODEC_ID_VP9, AV_PIX_FMT_NONE, AVMEDIA_TYPE_VIDEO } from 'node-av/constants'
import { Codec, type FormatContext, type Stream } from 'node-av/lib'
import { h264SetupOf } from './h264.ts'
import { tell } from './setup.ts'
import { vp9HeadBytes, vp9SetupOf } from './vp9.ts'

/**
 * Spares FFmpeg the decoding of frames when it finds out what a film is made of, which for large frames takes most of that
 * time. To be called between opening and finding out; what a first packet has to tell is asked of `tellOfPacket` later.
 */
export function spareDecoding(context: FormatContext): void {
  const spared = [...(readH264(context) ? ['h264'] : []), ...(isBoxes(context) || isMatroska(context) ? ['vp9'] : [])]
  if (spared.length > 0) context.setOption('codec_whitelist', decodersBut(spared))
}

/** Takes from the first packet of a track what was not told before. */
export function tellOfPacket({ codecpar }: Stream, packet: { readonly data: Buffer | null }): void {
  if (codecpar.codecId !== AV_CODEC_ID_VP9 || codecpar.format !== AV_PIX_FMT_NONE || packet.data === null) return
  const setup = vp9SetupOf(packet.data.subarray(0, vp9HeadBytes))
  if (setup !== undefined) tell(codecpar, setup)
}

/** Whether something is still not known that decoding might have told. */
export const lacksSetup = ({ streams }: FormatContext): boolean =>
  streams.some(({ codecpar }) => codecpar.codecId === AV_CODEC_ID_VP9 && codecpar.format === AV_PIX_FMT_NONE)

/**
 * Reads the setups of all tracks in H.264; false when one has none that can be read. Only in MP4 and MOV with an index, which
 * tells how far frames are reordered: else FFmpeg needs its decoder for that, and it decides when the film begins.
 */
function readH264(context: FormatContext): boolean {
  if (!isBoxes(context)) return false
  const tracks = context.streams.filter(
    ({ codecpar }) => codecpar.codecType === AVMEDIA_TYPE_VIDEO && codecpar.codecId === AV_CODEC_ID_H264,
  )
  const setups = tracks.map(({ codecpar, nbFrames }) => (nbFrames > 0 ? h264SetupOf(codecpar.extradata) : undefined))
  if (setups.some((setup) => setup === undefined)) return false
  for (const [at, setup] of setups.entries()) {
    const parameters = tracks[at]?.codecpar
    if (parameters !== undefined && setup !== undefined) tell(parameters, setup)
  }
  return tracks.length > 0
}

const isBoxes = ({ iformat }: FormatContext): boolean => iformat?.name?.startsWith('mov') === true
const isMatroska = ({ iformat }: FormatContext): boolean => iformat?.name?.startsWith('matroska') === true

let all: readonly string[] | undefined

/** FFmpeg's list of the decoders that may be used. */
function decodersBut(spared: readonly string[]): string {
  all ??= [...new Set(Codec.getCodecList().flatMap((codec) => (codec.isDecoder() && codec.name ? [codec.name] : [])))]
  return all.filter((name) => !spared.includes(name)).join(',')
}
