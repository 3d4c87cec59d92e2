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

/**
 * Stretches of a part of a film at which it is compared with its original: near the ends and in the middle. Of a film that was
 * brought to a frame rate each begins with a frame, or the original would be brought to frames between these.
 */
export function comparedOf({ fromMs, toMs }: Stretch, frameRate = 1000, comparedMs = mostComparedMs): Stretch[] {
  const lengthMs = toMs - fromMs
  if (lengthMs <= 3 * comparedMs) return [{ fromMs, toMs }]
  return [0.1, 0.5, 0.9].map((place) => {
    const frame = Math.round(((fromMs + place * (lengthMs - comparedMs)) * frameRate) / 1000)
    const start = Math.ceil((frame * 1000) / frameRate)
    return { fromMs: start, toMs: start + comparedMs }
  })
}

/** Of a film whose frames may lie far apart. */
const mostComparedMs = 1000
/** Frames of each stretch where they follow each other evenly: enough for all kinds that encoders make. */
const comparedFrames = 12

/** How long each stretch is that is compared. */
export function comparedMsOf(facts: Pick<VideoFacts, 'frameRate' | 'variableFrameRate'> | undefined): number {
  if (facts?.frameRate === undefined || facts.variableFrameRate !== false) return mostComparedMs
  return Math.min(mostComparedMs, Math.ceil((1000 * comparedFrames) / facts.frameRate))
}
