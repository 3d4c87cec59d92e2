import type { VideoFacts } from '../../probe.ts'
import { type FrameRate, msOfTick as msOfRate } from '../even-frames.ts'

/** Even frames, and which of them players may begin at: the same in every quality, so that players may change between them. */
export interface Rhythm {
  /** Frames a second. */
  readonly rate: FrameRate
  /** Time from one key frame to the next. */
  readonly keyMs: number
  readonly keysPerSegment: number
}

/** Beyond this the eye gains little, and the bits are many. */
const mostFrames = 60
/** Slide shows are given at least so many, which cost next to nothing, so that a frame lies at every bound. */
const leastFrames = 10
/** Winding shows a picture for each of these. */
const longestKeyMs = 2000
const usualRates = [15, 24, 25, 30, 50, 60]

/** The rhythm for a film: its own rate where that is even and usual, else the next usual one above. */
export function rhythmOf(facts: VideoFacts | undefined, segmentMs: number): Rhythm {
  const keysPerSegment = Math.max(1, Math.round(segmentMs / longestKeyMs))
  return { rate: rateOf(facts), keyMs: segmentMs / keysPerSegment, keysPerSegment }
}

function rateOf({ frameRate = 25, frameRateFraction, variableFrameRate = false }: Partial<VideoFacts> = {}) {
  const [num = 0, den = 1] = (frameRateFraction ?? '').split('/').map(Number)
  const isUsual = num > 0 && den > 0 && num / den >= leastFrames && num / den <= mostFrames && num < 1_000_000
  if (!variableFrameRate && isUsual) return { num, den }
  if (frameRate < leastFrames) return { num: leastFrames, den: 1 }
  // Half, a third … of a rate that is too high leaves out every second, third … frame, and stays even.
  if (!variableFrameRate && frameRate > mostFrames) {
    return { num: Math.round(frameRate / Math.ceil(frameRate / mostFrames)), den: 1 }
  }
  return { num: usualRates.find((rate) => rate >= frameRate * 0.97) ?? mostFrames, den: 1 }
}

/** When a frame is shown, by its number. */
export const msOfTick = ({ rate }: Rhythm, tick: number): number => msOfRate(rate, tick)

/** Whether a frame begins a segment, is a key frame in one, or neither. */
export function beginsAt({ rate, keyMs, keysPerSegment }: Rhythm, tick: number): 'segment' | 'key' | undefined {
  const ticksPerKey = (keyMs * rate.num) / (1000 * rate.den)
  const key = Math.floor(tick / ticksPerKey + noise)
  if (Math.ceil(key * ticksPerKey - noise) !== tick) return undefined
  return key % keysPerSegment === 0 ? 'segment' : 'key'
}

/** Of sums with fractions. */
const noise = 1e-6
