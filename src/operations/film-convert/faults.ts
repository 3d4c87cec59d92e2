import { codecs, isVideoCodec, type VideoCodec } from './codecs.ts'
import { codecIn, containers } from './containers.ts'
import { metricTraits } from './metrics.ts'
import type { RawParams } from './params.ts'
import { presetOf } from './presets.ts'

/** What contradicts itself in parameters, and at which of them. */
export interface Fault {
  readonly path: readonly string[]
  /** As `Expected one of a, b`; the place and what came are told behind it. */
  readonly message: string
}

/** What is wrong with parameters whatever the film is; undefined when nothing is. */
export function faultOf(params: RawParams): Fault | undefined {
  for (const find of [rateFault, untouchedFault, containerFault, codecFault, targetFault, stretchFault]) {
    const fault = find(params)
    if (fault) return fault
  }
  return undefined
}

const rates = ['crf', 'bitRate', 'targetQuality'] as const
/** What only a picture that is coded anew can be asked. */
export const edits = [...rates, 'width', 'height', 'crop', 'frameRate', 'speed'] as const

function rateFault(params: RawParams): Fault | undefined {
  const [, second] = rates.filter((name) => params[name] !== undefined)
  return second && { path: [second], message: `Expected only one of ${rates.join(', ')}` }
}

/** Of what is copied or dropped nothing can be asked. */
function untouchedFault(params: RawParams): Fault | undefined {
  const { video, audio } = params
  const edit = edits.find((name) => params[name] !== undefined)
  if ((video === 'copy' || video === 'drop') && edit)
    return { path: [edit], message: `Expected nothing when "video" is "${video}"` }
  if (video === 'copy' && params.rotation === 'apply')
    return { path: ['rotation'], message: 'Expected "keep" when "video" is "copy"' }
  if (video === 'copy' && params.hdr === 'sdr')
    return { path: ['hdr'], message: 'Expected "keep" when "video" is "copy"' }
  if (video === 'drop' && audio === 'drop')
    return { path: ['audio'], message: 'Expected something that stays when "video" is "drop"' }
  if ((audio === 'copy' || audio === 'drop') && params.audioBitRate !== undefined)
    return { path: ['audioBitRate'], message: `Expected nothing when "audio" is "${audio}"` }
  return undefined
}

function containerFault({ container, video, audio }: RawParams): Fault | undefined {
  if (container === undefined) return undefined
  const { writes } = containers[container]
  if (isVideoCodec(video) && !writes.video.includes(video))
    return { path: ['container'], message: `Expected a container that takes ${codecs[video].label}` }
  if ((audio === 'aac' || audio === 'opus') && !writes.audio.includes(audio))
    return { path: ['container'], message: `Expected a container that takes ${audio === 'aac' ? 'AAC' : 'Opus'}` }
  return undefined
}

/** The codecs that a film may be written in, by what it is. */
export function codecsMeant({ preset, container, video, hdr }: RawParams): VideoCodec[] {
  if (isVideoCodec(video)) return [video]
  const { codec, hdrCodec, hdr: usual } = presetOf(preset)
  const usuals = (hdr ?? usual) === 'keep' ? [codec, hdrCodec] : [codec]
  return [...new Set(usuals.map((one) => codecIn(container, one)))]
}

function codecFault(params: RawParams): Fault | undefined {
  const { video, crf, speed, hdr } = params
  for (const { label, worstCrf, speeds } of codecsMeant(params).map((codec) => codecs[codec])) {
    if (crf !== undefined && crf > worstCrf)
      return { path: ['crf'], message: `Expected a number from 0 to ${worstCrf} of ${label}` }
    if (speed !== undefined && !speeds.includes(speed))
      return { path: ['speed'], message: `Expected one of ${speeds.join(', ')} of ${label}` }
  }
  if (isVideoCodec(video) && hdr === 'keep' && !codecs[video].takesHdr)
    return { path: ['hdr'], message: `Expected "sdr", as players show ${codecs[video].label} in no other way,` }
  return undefined
}

function targetFault({ targetQuality }: RawParams): Fault | undefined {
  if (!targetQuality) return undefined
  const { metric, score } = targetQuality
  const [worst, best] = metricTraits[metric].range
  if (score >= worst && score <= best) return undefined
  return { path: ['targetQuality', 'score'], message: `Expected ${worst} to ${best} of ${metric.toUpperCase()}` }
}

const stretchFault = ({ fromMs = 0, toMs }: RawParams): Fault | undefined =>
  toMs !== undefined && toMs <= fromMs ? { path: ['toMs'], message: 'Expected a moment after "fromMs"' } : undefined
