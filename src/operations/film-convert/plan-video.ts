import { MediaError } from '../../errors.ts'
import type { VideoPlan } from '../../media/film/transcode.ts'
import type { VideoFacts } from '../../media/probe.ts'
import { rounded } from '../numbers.ts'
import { codecs, isVideoCodec, type VideoCodec } from './codecs.ts'
import { codecIn, takes } from './containers.ts'
import type { TargetQuality } from './metrics.ts'
import type { ConvertParams } from './params.ts'
import type { presetOf } from './presets.ts'
import { type Size, seenSizeOf, sizeWithin } from './sizes.ts'

type Preset = ReturnType<typeof presetOf>

/** What is done with the picture, as told in the result. */
export interface RenderDecisions {
  /** `kept`: the file says how it is turned. Absent when it stands upright. */
  readonly rotation?: 'applied' | 'kept'
  /** High dynamic range is brought down to SDR. */
  readonly toneMapped: boolean
  readonly deinterlaced: boolean
  readonly cropped: boolean
  readonly resized: boolean
  /** Frames a second that it is brought to; absent when they stay as they are. */
  readonly frameRate?: number
}

/** A picture that is coded anew. */
export interface PlannedVideo {
  readonly video: VideoPlan
  readonly target?: TargetQuality
  readonly size?: Size
  readonly render: RenderDecisions
  /** Only the coding differs: the same pixels in the same colours at the same times. */
  readonly isSamePicture: boolean
}

/** Whether a track is in high dynamic range. */
export const isHdr = ({ hdr = 'none' }: VideoFacts): boolean => hdr !== 'none'

/** Whether the picture can stay as it is, or the codec that it is coded in anew. */
export function pictureRoute(facts: VideoFacts, params: ConvertParams, preset: Preset): 'copy' | VideoCodec {
  if (params.video === 'copy') return 'copy'
  const container = params.container ?? preset.container
  const codec = codecFor(facts, params, preset)
  const serving = isVideoCodec(params.video) ? (preset.copiesAsked ? [params.video] : []) : preset.copies
  const isServing = facts.codec !== undefined && serving.includes(facts.codec) && takes(container, 'video', facts.codec)
  return isServing && !isChanged(facts, params, preset) && isPlayable(facts, preset) ? 'copy' : codec
}

const changing = ['crf', 'bitRate', 'targetQuality', 'width', 'height', 'crop', 'frameRate', 'speed'] as const

/** Whether what is asked needs other pixels, or others at the cut, which is exact only when it is coded anew. */
function isChanged(facts: VideoFacts, params: ConvertParams, preset: Preset): boolean {
  const isTurned = params.rotation === 'apply' && (facts.rotation !== undefined || facts.flipped === true)
  const isToned = isHdr(facts) && rangeFor(facts, params, preset) === 'sdr'
  const isCut = (params.fromMs ?? 0) > 0
  const isUneven = preset.isEven && facts.variableFrameRate === true
  return isTurned || isToned || isCut || isUneven || changing.some((name) => params[name] !== undefined)
}

/** Bits a pixel above which a film stutters over a usual line; cameras write 0.2 to 0.3. */
const mostBitsPerPixel = 0.35
const fewBitsPerSecond = 3_000_000

/** Whether usual players show H.264 of this kind, and at once; other codecs are asked for by those who know. */
function isPlayable(facts: VideoFacts, { bitDepth, maxSide }: Preset): boolean {
  if (facts.codec !== 'h264' || bitDepth !== 8) return true
  const { width = 0, height = 0, pixelFormat = '', frameRate = 30, bitRate = 0, interlaced, flipped } = facts
  const isPlain = /^yuvj?420p$/.test(pixelFormat) && interlaced !== true && flipped !== true
  const isLight = bitRate <= Math.max(fewBitsPerSecond, width * height * frameRate * mostBitsPerPixel)
  return isPlain && isLight && Math.max(width, height) <= (maxSide ?? Number.POSITIVE_INFINITY)
}

function codecFor(facts: VideoFacts, params: ConvertParams, preset: Preset): VideoCodec {
  if (isVideoCodec(params.video)) return params.video
  const usual = isHdr(facts) && rangeFor(facts, params, preset) === 'keep' ? preset.hdrCodec : preset.codec
  return codecIn(params.container, usual)
}

function rangeFor(facts: VideoFacts, { hdr, video }: ConvertParams, preset: Preset): 'keep' | 'sdr' {
  if (isVideoCodec(video) && !codecs[video].takesHdr) return 'sdr'
  // Dolby Vision over a picture of its own colours is nothing that others can show.
  const isBare = facts.hdr === 'dolby-vision' && !/^(?:smpte2084|arib-std-b67)$/.test(facts.colorTransfer ?? '')
  return isBare ? 'sdr' : (hdr ?? preset.hdr)
}

/** How a picture is coded anew in a codec. */
export function videoPlan(facts: VideoFacts, params: ConvertParams, preset: Preset, codec: VideoCodec): PlannedVideo {
  const isHigh = isHdr(facts)
  const range = rangeFor(facts, params, preset)
  const isKeptHigh = isHigh && range === 'keep'
  const isTurned = facts.rotation !== undefined || facts.flipped === true
  const rotation = params.rotation ?? 'apply'
  const seen = seenSizeOf(facts)
  const size = seen && sizeWithin(seen, { ...params, maxSide: preset.maxSide })
  if (size) refuseTiny(size, codec)
  const isResized = size !== undefined && isAnother(facts, size, params, preset)
  const frameRate = params.frameRate ?? (preset.isEven ? evenRate(facts) : undefined)
  const isRated = params.crf !== undefined || params.bitRate !== undefined
  const target = params.targetQuality ?? (isRated ? undefined : preset.target)
  const rate = params.bitRate === undefined ? { crf: params.crf ?? preset.crf[codec] } : { bitRate: params.bitRate }
  return {
    video: {
      codec,
      hardware: params.hardware,
      rate,
      speed: params.speed ?? codecs[codec].usualSpeed,
      ...(isResized ? size : {}),
      ...(params.crop ? { crop: params.crop } : {}),
      ...(frameRate === undefined ? {} : { frameRate }),
      rotation,
      range,
      bitDepth: bitDepthFor(facts, preset, codec, isKeptHigh),
      deinterlace: facts.interlaced === true,
      keyFrameMs: preset.keyFrameMs,
    },
    ...(target ? { target } : {}),
    ...(size ? { size } : {}),
    render: {
      ...(isTurned ? { rotation: rotation === 'apply' ? ('applied' as const) : ('kept' as const) } : {}),
      toneMapped: isHigh && range === 'sdr',
      deinterlaced: facts.interlaced === true,
      cropped: params.crop !== undefined,
      resized: isResized,
      ...(frameRate === undefined ? {} : { frameRate }),
    },
    isSamePicture:
      size?.width === seen?.width &&
      size?.height === seen?.height &&
      params.crop === undefined &&
      frameRate === undefined &&
      facts.interlaced !== true &&
      hasOrdinaryColours(facts, range),
  }
}

function refuseTiny({ width, height }: Size, codec: VideoCodec): void {
  const { label, leastSide } = codecs[codec]
  if (Math.min(width, height) >= leastSide) return
  throw new MediaError('PARAMS_INVALID', [
    `${label} is written from ${leastSide} × ${leastSide} pixels on, and these would be ${width} × ${height}; "h264" takes them.`,
  ])
}

/** Whether colours stay as they are: those of usual screens always, others where nothing is brought to SDR. */
function hasOrdinaryColours(facts: VideoFacts, range: 'keep' | 'sdr'): boolean {
  const { pixelFormat = '', colorPrimaries = '', colorTransfer = '', colorSpace = '' } = facts
  const isHalved = /420|nv12|p010/.test(pixelFormat)
  const isWide = /2020|431|432|428|linear/.test(`${colorPrimaries} ${colorTransfer} ${colorSpace}`)
  return isHalved && (range === 'keep' || !(isHdr(facts) || isWide))
}

/** Whether pixels are counted anew: for another size, or where they shall be square and are not. A last odd line is cut off. */
function isAnother(facts: VideoFacts, size: Size, params: ConvertParams, preset: Preset): boolean {
  const isOblong = (facts.sar ?? '1:1') !== '1:1'
  const isAsked = params.width !== undefined || params.height !== undefined
  // Pixels that stay oblong are not as many as the picture is seen wide.
  if (isOblong) return preset.isSquare || isAsked
  const from = params.crop ?? seenSizeOf(facts)
  return from !== undefined && (from.width - size.width > 1 || from.height - size.height > 1)
}

function bitDepthFor(facts: VideoFacts, { bitDepth }: Preset, codec: VideoCodec, isKeptHigh: boolean): 8 | 10 {
  if (codec === 'h264') return 8
  if (isKeptHigh) return 10
  if (bitDepth !== 'source') return bitDepth
  return (facts.bitDepth ?? 8) > 8 ? 10 : 8
}

const usualRates = [24_000 / 1001, 24, 25, 30_000 / 1001, 30, 48, 50, 60_000 / 1001, 60, 100, 120_000 / 1001, 120, 240]

/** The usual rate next to a film's own, whose pace may waver; of a film that has none, one at which no frame is lost. */
function evenRate({ frameRate = 30, variableFrameRate }: VideoFacts): number {
  const nearest = usualRates.toSorted((one, other) => Math.abs(one - frameRate) - Math.abs(other - frameRate))[0] ?? 30
  const isNear = Math.abs(nearest - frameRate) / nearest < 0.03
  const faster = usualRates.find((rate) => rate >= Math.max(30, frameRate)) ?? 240
  const rate = isNear ? nearest : variableFrameRate ? faster : Math.min(240, Math.max(1, frameRate))
  return rounded(rate)
}
