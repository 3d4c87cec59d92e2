import type { Stretch } from '../../media/film.ts'
import type { VideoFacts } from '../../media/probe.ts'

/** Length of one sample: long enough for an encoder to settle, short enough for many. */
const sampleMs = 2000
/** A film not longer than this is its own sample. */
const wholeMs = 6000
const mostSamples = 12
/** Samples of a tenth of the film cost, for each CRF that is tried, a tenth of writing it. */
const share = 0.1
/** Pixels that all samples have together at most, which is 20 s of 1080p: references lie on the disk meanwhile. */
const mostPixels = 20 * 30 * 1920 * 1080

/** Where samples of a part of a film lie: evenly spread, so that each stands for as much of it. */
export function samplesOf({ fromMs, toMs }: Stretch, pixelsPerSecond: number): Stretch[] {
  const lengthMs = toMs - fromMs
  if (lengthMs <= wholeMs) return [{ fromMs, toMs }]
  const affordable = Math.floor(mostPixels / Math.max(1, pixelsPerSecond) / (sampleMs / 1000))
  const wanted = Math.ceil((lengthMs * share) / sampleMs)
  const count = Math.min(Math.max(2, Math.min(wanted, affordable)), mostSamples)
  return Array.from({ length: count }, (_, at) => {
    const start = Math.round(fromMs + ((at + 0.5) / count) * lengthMs - sampleMs / 2)
    return { fromMs: start, toMs: start + sampleMs }
  })
}

/** What the places hang on at which a film is compared. */
export interface ComparedFilm {
  /** It was brought to: each stretch begins with a frame, or the original would be brought to frames between these. */
  readonly frameRate?: number | undefined
  /** How long each stretch is. */
  readonly comparedMs?: number
  /** When key frames are shown. One that is near is begun with, since decoding begins there anyway. */
  readonly keysMs?: readonly number[]
}

/** Stretches of a part of a film at which it is compared with its original: near the ends and in the middle. */
export function comparedOf({ fromMs, toMs }: Stretch, film: ComparedFilm = {}): Stretch[] {
  const { frameRate = 1000, comparedMs = mostComparedMs, keysMs = [] } = film
  const lengthMs = toMs - fromMs
  if (lengthMs <= 3 * comparedMs) return [{ fromMs, toMs }]
  const keys = keysMs.filter((ms) => ms >= fromMs - 0.5 && ms <= toMs - comparedMs)
  return [0.1, 0.5, 0.9].map((place) => {
    const wanted = fromMs + place * (lengthMs - comparedMs)
    const near = keys.find((ms) => Math.abs(ms - wanted) <= lengthMs * nearShare)
    const start = Math.round(near ?? Math.ceil((Math.round((wanted * frameRate) / 1000) * 1000) / frameRate))
    return { fromMs: start, toMs: start + comparedMs }
  })
}

/** A key frame so near, by the length of the film, still stands for its place. */
const nearShare = 0.1
/** Of a film whose frames may lie far apart. */
const mostComparedMs = 1000
/** Frames of each stretch where they follow each other evenly: enough for all kinds that encoders make. */
const comparedFrames = 12
const leastComparedMs = 200

/** How long each stretch is that is compared. */
export function comparedMsOf(facts: Pick<VideoFacts, 'frameRate' | 'variableFrameRate'> | undefined): number {
  if (facts?.frameRate === undefined || facts.variableFrameRate !== false) return mostComparedMs
  return Math.min(mostComparedMs, Math.max(leastComparedMs, Math.ceil((1000 * comparedFrames) / facts.frameRate)))
}
