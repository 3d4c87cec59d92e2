import {
  AV_DISPOSITION_ATTACHED_PIC,
  AV_DISPOSITION_TIMED_THUMBNAILS,
  AV_PKT_DATA_DOVI_CONF,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_TRC_ARIB_STD_B67,
  AVCOL_TRC_SMPTE2084,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_SUBTITLE,
  AVMEDIA_TYPE_VIDEO,
} from 'node-av/constants'
import { avChannelLayoutDescribe, type CodecParameters, type FormatContext, type Stream } from 'node-av/lib'
import type { FormatName } from '../formats.ts'
import type { AudioFacts, Probe, VideoFacts } from '../probe.ts'
import { readChapters } from './chapters.ts'
import { displayOf } from './display.ts'
import type { FilmLength } from './length.ts'
import { bitDepthOf, codecNameOf, colourNames, fractionOf, pixelFormatNameOf, profileNameOf } from './names.ts'
import type { Pace } from './pace.ts'
import { rounded, startMsOf } from './time.ts'

/** What an opened film is made of, by its streams' facts and what was found out before. */
export async function readProbe(
  context: FormatContext,
  { format, bytes, length, pace }: { format: FormatName; bytes: number; length: FilmLength; pace: Pace | undefined },
): Promise<Probe> {
  const { streams } = context
  const ofType = (type: number) => streams.filter((stream) => stream.codecpar.codecType === type)
  const tracks = videoTracks(context)
  const main = mainTrack(context)
  const { durationMs } = length
  const startMs = rounded(startMsOf(context))
  return {
    container: {
      format,
      ...known({
        durationMs: durationMs === undefined ? undefined : rounded(durationMs),
        bitRate: durationMs === undefined ? undefined : positive(Math.round((bytes * 8000) / durationMs)),
        startMs: startMs === 0 ? undefined : startMs,
      }),
    },
    video: tracks.map((stream) => videoFacts(stream, stream.index === main?.index ? pace : undefined)),
    audio: ofType(AVMEDIA_TYPE_AUDIO).map(audioFacts),
    subtitles: ofType(AVMEDIA_TYPE_SUBTITLE).map((stream) =>
      known({ codec: codecNameOf(stream.codecpar), ...tagsOf(stream) }),
    ),
    chapters: await readChapters(context),
    attachedPictures: streams.filter(isAttachedPicture).map((stream) => {
      const { width, height } = stream.codecpar
      const { title } = tagsOf(stream)
      return known({ codec: codecNameOf(stream.codecpar), width: positive(width), height: positive(height), title })
    }),
    tags: context.metadata?.getAll() ?? {},
  }
}

/** The streams that hold moving pictures, in the order of a probe's `video`. */
export const videoTracks = ({ streams }: Pick<FormatContext, 'streams'>): Stream[] =>
  streams.filter((stream) => stream.codecpar.codecType === AVMEDIA_TYPE_VIDEO && !isAttachedPicture(stream))

/** The moving picture that is meant to be shown, by its marks, frames and size; absent when there is none. */
export function mainTrack(context: FormatContext): Stream | undefined {
  const best = context.findBestStream(AVMEDIA_TYPE_VIDEO)
  const tracks = videoTracks(context)
  return tracks.find(({ index }) => index === best) ?? tracks[0]
}

/** Whether a stream is a cover or a picture index, no moving picture. */
export const isAttachedPicture = (stream: Stream): boolean =>
  stream.codecpar.codecType === AVMEDIA_TYPE_VIDEO &&
  (stream.disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS)) !== 0

function videoFacts(stream: Stream, pace: Pace | undefined): VideoFacts {
  const parameters = stream.codecpar
  const { rotation, isFlipped } = displayOf(parameters)
  const pixelFormat = pixelFormatNameOf(parameters.format)
  const { fieldOrder } = parameters.toJSON()
  const { language } = tagsOf(stream)
  return known({
    codec: codecNameOf(parameters),
    profile: profileNameOf(parameters),
    width: positive(parameters.width),
    height: positive(parameters.height),
    ...displaySizeOf(stream),
    rotation: rotation === 0 ? undefined : rotation,
    flipped: isFlipped ? (true as const) : undefined,
    sar: fractionOf(sarOf(stream), ':'),
    ...frameRateOf(stream, pace),
    variableFrameRate: pace?.isVariable,
    pixelFormat,
    bitDepth: pixelFormat === undefined ? undefined : bitDepthOf(pixelFormat),
    hdr: hdrOf(parameters, pace),
    dolbyVision: dolbyVisionOf(parameters),
    colorPrimaries: colourNames.primaries(parameters.colorPrimaries),
    colorTransfer: colourNames.transfers(parameters.colorTrc),
    colorSpace: colourNames.spaces(parameters.colorSpace),
    colorRange: rangeOf(parameters),
    frames: positive(Number(stream.nbFrames)) ?? countedFrames(stream),
    // 0 is "not told", 1 is progressive, the others are orders of fields.
    interlaced: typeof fieldOrder === 'number' && fieldOrder > 0 ? fieldOrder > 1 : undefined,
    bitRate: positive(Number(parameters.bitRate)),
    language,
  })
}

/** Width to height of one pixel; the container's word is over the codec's. */
export function sarOf({ sampleAspectRatio, codecpar }: Stream): { num: number; den: number } {
  return sampleAspectRatio.num > 0 ? sampleAspectRatio : codecpar.sampleAspectRatio
}

function displaySizeOf(stream: Stream): Pick<VideoFacts, 'displayWidth' | 'displayHeight'> {
  const { width, height } = stream.codecpar
  if (width <= 0 || height <= 0) return {}
  const wide = squareWidth(width, sarOf(stream))
  return displayOf(stream.codecpar).transpose
    ? { displayWidth: height, displayHeight: wide }
    : { displayWidth: wide, displayHeight: height }
}

/** The width of a picture with square pixels and the same height. */
export function squareWidth(width: number, { num, den }: { num: number; den: number }): number {
  return num > 0 && den > 0 ? Math.max(1, Math.round((width * num) / den)) : width
}

function frameRateOf(stream: Stream, pace: Pace | undefined): Pick<VideoFacts, 'frameRate' | 'frameRateFraction'> {
  // FFmpeg's second rate is a guess at the finest regular clock, of use only when it is confirmed.
  const rates = pace?.usualRate === undefined ? [stream.avgFrameRate] : [stream.avgFrameRate, stream.rFrameRate]
  const rate = rates.find(({ num, den }) => num > 0 && den > 0 && agrees(num / den, pace))
  if (rate !== undefined) {
    const frameRateFraction = fractionOf(rate, '/')
    return { frameRate: decimal(rate.num / rate.den), ...known({ frameRateFraction }) }
  }
  return pace?.usualRate === undefined ? {} : { frameRate: decimal(pace.usualRate) }
}

/** The average of a film with even frames is near their distance; where they are uneven it may be anything. */
function agrees(rate: number, pace: Pace | undefined): boolean {
  if (pace?.usualRate === undefined || pace.isVariable === true) return true
  return rate / pace.usualRate < 1.5 && pace.usualRate / rate < 1.5
}

const decimal = (rate: number): number => Math.round(rate * 1000) / 1000

function hdrOf(parameters: CodecParameters, pace: Pace | undefined): VideoFacts['hdr'] {
  if (parameters.getCodedSideData(AV_PKT_DATA_DOVI_CONF) !== null) return 'dolby-vision'
  if (parameters.colorTrc === AVCOL_TRC_ARIB_STD_B67) return 'hlg'
  if (parameters.colorTrc === AVCOL_TRC_SMPTE2084) return pace?.hasHdr10Plus === true ? 'hdr10+' : 'hdr10'
  return 'none'
}

/** The record has one byte each for version, revision, profile, level, three marks, and what it is compatible with. */
function dolbyVisionOf(parameters: CodecParameters): string | undefined {
  const record = parameters.getCodedSideData(AV_PKT_DATA_DOVI_CONF)
  const [profile, compatibility] = [record?.[2], record?.[7]]
  return profile === undefined || compatibility === undefined ? undefined : `${profile}.${compatibility}`
}

function rangeOf({ colorRange }: CodecParameters): VideoFacts['colorRange'] {
  if (colorRange === AVCOL_RANGE_MPEG) return 'limited'
  return colorRange === AVCOL_RANGE_JPEG ? 'full' : undefined
}

/** Matroska keeps the count in a tag of the track. */
function countedFrames(stream: Stream): number | undefined {
  const tags = stream.metadata?.getAll() ?? {}
  const tag = Object.entries(tags).find(([name]) => /^NUMBER_OF_FRAMES(-|$)/.test(name))?.[1]
  return positive(Number(tag))
}

function audioFacts(stream: Stream): AudioFacts {
  const parameters = stream.codecpar
  const { channels } = parameters
  return known({
    codec: codecNameOf(parameters),
    profile: profileNameOf(parameters),
    channels: positive(channels),
    layout: layoutOf(parameters),
    sampleRate: positive(parameters.sampleRate),
    bitRate: positive(Number(parameters.bitRate)),
    ...tagsOf(stream),
  })
}

/** `5.1(side)`; of one or two channels whose places are not told, what they are everywhere. */
function layoutOf({ channels, channelLayout }: CodecParameters): string | undefined {
  const described = channels > 0 ? avChannelLayoutDescribe(channelLayout) : null
  if (described !== null && !/^\d+ channels$/.test(described)) return described
  return channels === 1 ? 'mono' : channels === 2 ? 'stereo' : undefined
}

function tagsOf(stream: Stream): { language?: string; title?: string } {
  const tags = stream.metadata?.getAll() ?? {}
  const language = tags.language === 'und' ? undefined : tags.language
  return known({ language: language || undefined, title: tags.title || undefined })
}

const positive = (value: number): number | undefined => (Number.isFinite(value) && value > 0 ? value : undefined)

/** Leaves out what is not known. */
function known<Facts extends object>(facts: Facts): { [Key in keyof Facts]?: Exclude<Facts[Key], undefined> } {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as never
}
