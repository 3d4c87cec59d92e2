import type { VideoPlan } from '../../media/film/transcode.ts'

/** A codec that video is written in. */
export type VideoCodec = VideoPlan['codec']

interface CodecTraits {
  /** As people write it. */
  readonly label: string
  /** The worst CRF that the encoder knows; 0 is the best. */
  readonly worstCrf: number
  /** CRFs among which a target quality is looked for: beyond them a film is as good as the original, or falls apart. */
  readonly useful: readonly [best: number, worst: number]
  /** By how much the logarithm of what is lost usually grows with each step. */
  readonly lossPerCrf: number
  /** Whether players show it in high dynamic range. */
  readonly takesHdr: boolean
  /** How long the encoder searches, its own words from quick to thorough. */
  readonly speeds: readonly string[]
  readonly usualSpeed: string
  /** Pixels that both sides need: the encoder refuses smaller pictures, and that of AV1 never ends with narrower ones. */
  readonly leastSide: number
  /** Decodes that fit into the memory of reading, coding and checking; measured at 1080p. */
  readonly decodesHeld: number
}

const x26x = ['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow', 'slower', 'veryslow']
const numbers = (worst: number): string[] => Array.from({ length: worst + 1 }, (_, at) => String(worst - at))

/** What each codec and its encoder can do. */
export const codecs: Readonly<Record<VideoCodec, CodecTraits>> = {
  h264: {
    label: 'H.264',
    worstCrf: 51,
    useful: [10, 42],
    lossPerCrf: 0.11,
    takesHdr: false,
    speeds: x26x,
    usualSpeed: 'medium',
    leastSide: 2,
    decodesHeld: 6,
  },
  hevc: {
    label: 'HEVC',
    worstCrf: 51,
    useful: [10, 42],
    lossPerCrf: 0.11,
    takesHdr: true,
    speeds: x26x,
    usualSpeed: 'medium',
    leastSide: 16,
    decodesHeld: 9,
  },
  av1: {
    label: 'AV1',
    worstCrf: 63,
    useful: [10, 60],
    lossPerCrf: 0.06,
    takesHdr: true,
    speeds: numbers(13),
    usualSpeed: '8',
    leastSide: 32,
    decodesHeld: 10,
  },
  vp9: {
    label: 'VP9',
    worstCrf: 63,
    useful: [10, 60],
    lossPerCrf: 0.07,
    takesHdr: true,
    speeds: numbers(8),
    usualSpeed: '4',
    leastSide: 2,
    decodesHeld: 5,
  },
}

/** The codecs, in the order in which they are offered. */
export const videoCodecs = Object.keys(codecs) as [VideoCodec, ...VideoCodec[]]

/** Whether this is a codec that video is written in, and not a word such as `copy`. */
export const isVideoCodec = (word: string | undefined): word is VideoCodec =>
  word !== undefined && Object.hasOwn(codecs, word)
