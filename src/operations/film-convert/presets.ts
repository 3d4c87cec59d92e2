import type { AudioPlan, WritableContainer } from '../../media/film/transcode.ts'
import type { VideoCodec } from './codecs.ts'
import type { TargetQuality } from './metrics.ts'

interface SoundPreset {
  readonly codec: AudioPlan['codec'] | 'copy'
  readonly bitRatePerChannel: number
  readonly maxChannels?: number
  /** Sound of its codec is kept as it is only up to its bit rate. */
  readonly isThrifty: boolean
  /** Of files that hold nothing but sound. */
  readonly container: WritableContainer
}

interface Preset {
  readonly container: WritableContainer
  readonly codec: VideoCodec
  /** For films in high dynamic range that stay so. */
  readonly hdrCodec: VideoCodec
  readonly hdr: 'keep' | 'sdr'
  /** `source`: ten when the original has more than eight. */
  readonly bitDepth: 8 | 10 | 'source'
  /** Per codec; where a quality is looked for, the first guess. */
  readonly crf: Readonly<Record<VideoCodec, number>>
  readonly target?: TargetQuality
  /** Codecs, by FFmpeg's names, that serve its purpose as they are. */
  readonly copies: readonly string[]
  /** A codec that is asked for serves too. */
  readonly copiesAsked: boolean
  /** Most time between key frames. */
  readonly keyFrameMs: number
  /** Frames at even distances. */
  readonly isEven: boolean
  /** Pixels are made square; else they stay as they are coded. */
  readonly isSquare: boolean
  /** Longest side that usual players decode. */
  readonly maxSide?: number
  readonly sound: SoundPreset
  readonly minSavedShare?: number
}

/** Purposes that films are written for. */
const presets = {
  web: {
    container: 'mp4',
    codec: 'h264',
    hdrCodec: 'hevc',
    hdr: 'sdr',
    bitDepth: 8,
    crf: { h264: 21, hevc: 24, av1: 32, vp9: 32 },
    copies: ['h264'],
    copiesAsked: true,
    keyFrameMs: 5000,
    isEven: false,
    isSquare: true,
    maxSide: 3840,
    sound: { codec: 'aac', bitRatePerChannel: 80_000, maxChannels: 2, isThrifty: false, container: 'mp4' },
  },
  archive: {
    container: 'mkv',
    codec: 'hevc',
    hdrCodec: 'hevc',
    hdr: 'keep',
    bitDepth: 10,
    crf: { h264: 16, hevc: 18, av1: 20, vp9: 20 },
    copies: ['hevc', 'av1', 'vp9'],
    copiesAsked: true,
    keyFrameMs: 10_000,
    isEven: false,
    isSquare: false,
    sound: { codec: 'copy', bitRatePerChannel: 128_000, isThrifty: false, container: 'mkv' },
  },
  small: {
    container: 'mp4',
    codec: 'av1',
    hdrCodec: 'av1',
    hdr: 'keep',
    bitDepth: 10,
    crf: { h264: 25, hevc: 28, av1: 36, vp9: 36 },
    target: { metric: 'xpsnr', score: 40 },
    copies: [],
    copiesAsked: false,
    keyFrameMs: 10_000,
    isEven: false,
    isSquare: true,
    sound: { codec: 'opus', bitRatePerChannel: 48_000, isThrifty: true, container: 'webm' },
    minSavedShare: 0.1,
  },
  edit: {
    container: 'mov',
    codec: 'h264',
    hdrCodec: 'hevc',
    hdr: 'keep',
    bitDepth: 'source',
    crf: { h264: 14, hevc: 14, av1: 16, vp9: 16 },
    copies: ['prores', 'dnxhd'],
    copiesAsked: false,
    // Shorter than any frame: each is a key frame.
    keyFrameMs: 1,
    isEven: true,
    isSquare: true,
    sound: { codec: 'aac', bitRatePerChannel: 160_000, isThrifty: false, container: 'mov' },
  },
} as const satisfies Record<string, Preset>

/** The name of a purpose. */
export type PresetName = keyof typeof presets

/** The names, in the order in which they are offered. */
export const presetNames = Object.keys(presets) as [PresetName, ...PresetName[]]

/** What a purpose asks for. */
export const presetOf = (name: PresetName): Preset => presets[name]
