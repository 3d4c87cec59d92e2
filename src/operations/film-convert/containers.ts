import { MediaError } from '../../errors.ts'
import { containerRows, takes as holds } from '../../media/film/containers.ts'
import type { AudioPlan, WritableContainer } from '../../media/film/transcode.ts'
import { isVideoCodec, type VideoCodec } from './codecs.ts'

interface ContainerTraits {
  /** What is written anew into it, the usual one first. */
  readonly writes: { readonly video: readonly VideoCodec[]; readonly audio: readonly AudioPlan['codec'][] }
}

/** What is written into each container. */
export const containers: Readonly<Record<WritableContainer, ContainerTraits>> = {
  mp4: { writes: { video: ['h264', 'hevc', 'av1', 'vp9'], audio: ['aac', 'opus'] } },
  mkv: { writes: { video: ['h264', 'hevc', 'av1', 'vp9'], audio: ['aac', 'opus'] } },
  webm: { writes: { video: ['vp9', 'av1'], audio: ['opus'] } },
  mov: { writes: { video: ['h264', 'hevc'], audio: ['aac'] } },
}

/** The containers, in the order in which they are offered. */
export const containerNames = Object.keys(containers) as [WritableContainer, ...WritableContainer[]]

/** Whether a container takes a track of this codec as it is; no track of an unknown codec. */
export const takes = (container: WritableContainer, kind: 'video' | 'audio', codec: string | undefined): boolean =>
  holds(containerRows[container][kind], codec)

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
  throw new MediaError('PARAMS_INVALID', [`${containerRows[asked ?? usual].label} does not take ${refusal}.`])
}

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
