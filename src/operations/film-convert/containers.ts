import { MediaError } from '../../errors.ts'
import type { AudioPlan, WritableContainer } from '../../media/film/transcode.ts'
import { isVideoCodec, type VideoCodec } from './codecs.ts'

interface ContainerTraits {
  /** What is written anew into it, the usual one first. */
  readonly writes: { readonly video: readonly VideoCodec[]; readonly audio: readonly AudioPlan['codec'][] }
  /** What it takes as it is, by FFmpeg's names; `all` where nothing usual is refused. */
  readonly takes: { readonly video: readonly string[] | 'all'; readonly audio: readonly string[] | 'all' }
}

/** What each container holds. */
export const containers: Readonly<Record<WritableContainer, ContainerTraits>> = {
  mp4: {
    writes: { video: ['h264', 'hevc', 'av1', 'vp9'], audio: ['aac', 'opus'] },
    takes: {
      video: ['h264', 'hevc', 'av1', 'vp9', 'mpeg4', 'mpeg2video'],
      audio: ['aac', 'opus', 'mp3', 'ac3', 'eac3', 'alac', 'flac'],
    },
  },
  mkv: {
    writes: { video: ['h264', 'hevc', 'av1', 'vp9'], audio: ['aac', 'opus'] },
    takes: { video: 'all', audio: 'all' },
  },
  webm: {
    writes: { video: ['vp9', 'av1'], audio: ['opus'] },
    takes: { video: ['vp8', 'vp9', 'av1'], audio: ['opus', 'vorbis'] },
  },
  mov: {
    writes: { video: ['h264', 'hevc'], audio: ['aac'] },
    takes: {
      video: ['h264', 'hevc', 'mpeg4', 'prores', 'dnxhd', 'mjpeg', 'mpeg2video', 'h263'],
      audio: [
        'aac',
        'mp3',
        'ac3',
        'eac3',
        'alac',
        'pcm_s16le',
        'pcm_s16be',
        'pcm_s24le',
        'pcm_s24be',
        'pcm_s32le',
        'pcm_f32le',
      ],
    },
  },
}

/** The containers, in the order in which they are offered. */
export const containerNames = Object.keys(containers) as [WritableContainer, ...WritableContainer[]]

/** Whether a container takes a track of this codec as it is; of an unknown codec only where everything goes. */
export function takes(container: WritableContainer, kind: 'video' | 'audio', codec: string | undefined): boolean {
  const list = containers[container].takes[kind]
  return list === 'all' ? codec !== undefined : codec !== undefined && list.includes(codec)
}

/** The usual codec of the picture, or the first that the container takes. */
export function codecIn(container: WritableContainer | undefined, usual: VideoCodec): VideoCodec {
  const { video } = containers[container ?? 'mkv'].writes
  return video.includes(usual) ? usual : (video[0] ?? usual)
}

/** What a container has to take. */
interface Load {
  /** The codec that the picture is coded in anew, or whether it stays; absent without a picture. */
  readonly video?: 'copy' | VideoCodec | undefined
  readonly videoCodec?: string | undefined
  readonly audioCodecs: readonly (string | undefined)[]
  readonly audio?: AudioPlan['codec'] | 'copy' | 'drop' | undefined
}

/** The container that was asked for, else the usual one or the next that takes all. Throws PARAMS_INVALID when none does. */
export function containerFor(
  asked: WritableContainer | undefined,
  usual: WritableContainer,
  load: Load,
): WritableContainer {
  const candidates = asked ? [asked] : [usual, ...containerNames]
  const found = candidates.find((name) => refusalOf(name, load) === undefined)
  if (found) return found
  const refusal = refusalOf(asked ?? usual, load)
  throw new MediaError('PARAMS_INVALID', [`${labels[asked ?? usual]} does not take ${refusal}.`])
}

/** Containers as people write them. */
const labels: Readonly<Record<WritableContainer, string>> = { mp4: 'MP4', mkv: 'Matroska', webm: 'WebM', mov: 'MOV' }

/** What a container does not take of a load, in words; undefined when it takes all. */
function refusalOf(name: WritableContainer, { video, videoCodec, audioCodecs, audio }: Load): string | undefined {
  const { writes } = containers[name]
  if (video === 'copy' && !takes(name, 'video', videoCodec))
    return `a picture in ${videoCodec ?? 'an unknown codec'} as it is`
  if (isVideoCodec(video) && !writes.video.includes(video)) return `a picture in ${video}`
  if (audio === 'copy') {
    const refused = audioCodecs.find((codec) => !takes(name, 'audio', codec))
    // Of several tracks those that it does not take are left out.
    const isNone = audioCodecs.length > 0 && audioCodecs.every((codec) => !takes(name, 'audio', codec))
    return isNone ? `sound in ${refused ?? 'an unknown codec'} as it is` : undefined
  }
  if ((audio === 'aac' || audio === 'opus') && !writes.audio.includes(audio)) return `sound in ${audio}`
  return undefined
}
