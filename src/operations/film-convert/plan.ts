import { MediaError } from '../../errors.ts'
import type { TranscodePlan, VideoPlan, WritableContainer } from '../../media/film/transcode.ts'
import type { Stretch } from '../../media/film.ts'
import type { Probe } from '../../media/probe.ts'
import { containerFor } from './containers.ts'
import type { TargetQuality } from './metrics.ts'
import type { ConvertParams } from './params.ts'
import { soundPlan } from './plan-sound.ts'
import { pictureRoute, type RenderDecisions, videoPlan } from './plan-video.ts'
import { presetOf } from './presets.ts'
import { mainVideoOf, type Size, seenSizeOf } from './sizes.ts'

/** How a film is converted, decided by its facts and what is asked before anything is decoded. */
export interface ConvertPlan {
  readonly transcode: TranscodePlan
  /** The new file's format, or the ending of its name. */
  readonly format: string
  /** Looked for by samples; the rate of the plan is only a first guess then. */
  readonly target?: TargetQuality
  readonly minSavedShare?: number
  /** As seen; absent without a picture. */
  readonly size?: Size
  readonly render?: RenderDecisions
  /** Only the coding of the picture differs from the original's, so that both can be compared as they are. */
  readonly isSamePicture?: boolean
  /** The part that is kept, and its length; absent when the file does not tell how long it is. */
  readonly part?: Stretch
  /** Of the whole film, 0–1; absent where its length is not known. */
  readonly partShare?: number
}

/** Plans the conversion of a film or sound. Throws PARAMS_INVALID for what can not be done with this one. */
export function planFor(probe: Probe, params: ConvertParams): ConvertPlan {
  const preset = presetOf(params.preset)
  const facts = params.video === 'drop' ? undefined : mainVideoOf(probe)
  if (facts === undefined && (probe.audio.length === 0 || params.audio === 'drop')) {
    throw new MediaError('PARAMS_INVALID', ['Nothing of the file would stay: there is no other track to keep.'])
  }
  const { durationMs } = probe.container
  const part = partOf(probe, params)
  const stretch = params.fromMs === undefined && params.toMs === undefined ? undefined : givenStretch(params, part)
  const route = facts && pictureRoute(facts, params, preset)
  const container = containerFor(params.container, facts ? preset.container : preset.sound.container, {
    video: route,
    videoCodec: facts?.codec,
    audio: params.audio,
    audioCodecs: probe.audio.map(({ codec }) => codec),
  })
  const sound = soundPlan(probe.audio, params, preset.sound, container)
  const common = {
    container,
    audio: sound,
    subtitles: params.subtitles,
    chapters: params.chapters,
    metadata: params.metadata,
    ...(stretch ? { stretch } : {}),
  }
  const bound = params.minSavedShare ?? preset.minSavedShare
  const shared = {
    ...(bound === undefined ? {} : { minSavedShare: bound }),
    ...(part ? { part } : {}),
    ...(part && durationMs ? { partShare: (part.toMs - part.fromMs) / durationMs } : {}),
  }
  if (!facts || !route) {
    return {
      transcode: { ...common, video: 'drop' },
      format: soundFormats[container],
      ...shared,
    }
  }
  if (route === 'copy') {
    const size = seenSizeOf(facts)
    return {
      transcode: { ...common, video: 'copy' },
      format: container,
      ...shared,
      ...(size ? { size } : {}),
      render: { ...untouched, ...(facts.rotation || facts.flipped ? { rotation: 'kept' as const } : {}) },
    }
  }
  const { video, target, size, render, isSamePicture } = videoPlan(facts, params, preset, route)
  return {
    transcode: { ...common, video },
    format: container,
    ...shared,
    ...(target ? { target } : {}),
    ...(size ? { size } : {}),
    render,
    isSamePicture,
  }
}

const untouched: RenderDecisions = { toneMapped: false, deinterlaced: false, cropped: false, resized: false }

/** Endings of files that hold sound alone, and formats where the table has them. */
const soundFormats: Readonly<Record<WritableContainer, string>> = { mp4: 'm4a', mkv: 'mka', webm: 'webm', mov: 'mov' }

/** The part of the film that is kept, within its length where that is known. */
function partOf({ container: { durationMs } }: Probe, { fromMs = 0, toMs }: ConvertParams): Stretch | undefined {
  if (durationMs !== undefined && fromMs >= durationMs) {
    throw new MediaError('PARAMS_INVALID', [`The film is over after ${Math.round(durationMs)} ms, before "fromMs".`])
  }
  const end = Math.min(toMs ?? Number.POSITIVE_INFINITY, durationMs ?? Number.POSITIVE_INFINITY)
  return Number.isFinite(end) ? { fromMs, toMs: end } : undefined
}

const givenStretch = ({ fromMs = 0, toMs }: ConvertParams, part: Stretch | undefined): Stretch => ({
  fromMs,
  toMs: part?.toMs ?? toMs ?? Number.MAX_SAFE_INTEGER,
})

/** The plan of the picture when it is coded anew; undefined when it is copied or dropped. */
export const codedVideo = ({ video }: TranscodePlan): VideoPlan | undefined =>
  typeof video === 'string' ? undefined : video
