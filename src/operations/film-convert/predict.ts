import type { Probe } from '../../media/probe.ts'
import type { ConvertPlan } from './plan.ts'
import { codedVideo } from './plan.ts'

/** Samples that were coded with one CRF. */
export interface Trial {
  /** Absent when a bit rate was tried. */
  readonly crf?: number
  /** The mean of the target's measure over all frames; absent when nothing was compared. */
  readonly score?: number
  /** Of film, in all samples. */
  readonly sampleMs: number
  readonly samples: number
  /** Of the picture alone. */
  readonly bytes: number
  readonly keyFrames: { readonly count: number; readonly bytes: number }
  /** How long the coding took. */
  readonly tookMs: number
}

/** How large the new film gets and how long it takes, before it is made. */
export interface Prediction {
  readonly bytes: number
  readonly encodeMs: number
}

/**
 * What samples tell of the whole. Each sample begins with a key frame, of which the whole has fewer for its length; so key
 * frames count by how many there will be, and all else by time.
 */
export function predictionOf(trial: Trial, plan: ConvertPlan, probe: Probe): Prediction | undefined {
  const { part, transcode } = plan
  if (part === undefined) return undefined
  const partMs = part.toMs - part.fromMs
  const times = partMs / Math.max(1, trial.sampleMs)
  return {
    bytes: Math.round(videoBytes(trial, partMs, codedVideo(transcode)) + otherBytes(plan, probe, partMs)),
    encodeMs: Math.round(trial.tookMs * times),
  }
}

function videoBytes(trial: Trial, partMs: number, video: ReturnType<typeof codedVideo>): number {
  if (video && 'bitRate' in video.rate) return (video.rate.bitRate / 8000) * partMs
  const { bytes, sampleMs, samples, keyFrames } = trial
  const times = partMs / Math.max(1, sampleMs)
  const { keyFrameMs = 10_000 } = video ?? {}
  // What is the film already, or has nothing but key frames, is as it is.
  if (times <= 1.001 || keyFrames.count === 0 || keyFrameMs <= 1) return bytes * times
  const cuts = Math.max(0, keyFrames.count - samples) * times
  const count = Math.min(keyFrames.count * times, Math.max(1, partMs / keyFrameMs) + cuts)
  return (keyFrames.bytes / keyFrames.count) * count + (bytes - keyFrames.bytes) * times
}

/** Sound, and what the container needs itself. */
function otherBytes({ transcode: { audio } }: ConvertPlan, probe: Probe, partMs: number): number {
  const perMs = probe.audio.reduce((sum, track) => {
    if (audio === 'drop') return sum
    return sum + ((audio === 'copy' ? track.bitRate : audio.bitRate) ?? usualBitRate) / 8000
  }, 0)
  return perMs * partMs + muxedPerMs * partMs + headerBytes
}

const usualBitRate = 128_000
/** Indexes of frames take some 12 bytes each. */
const muxedPerMs = 0.5
const headerBytes = 2000

/** The size of what is copied or of sound alone, which needs no sample; undefined where the file does not tell enough. */
export function predictedBytes(plan: ConvertPlan, probe: Probe, originalBytes: number): number | undefined {
  const { part, transcode } = plan
  const { durationMs } = probe.container
  if (part === undefined || durationMs === undefined) return undefined
  const partMs = part.toMs - part.fromMs
  if (transcode.video === 'drop') return Math.round(otherBytes(plan, probe, partMs))
  if (transcode.video !== 'copy') return undefined
  return Math.round(originalBytes * Math.min(1, partMs / durationMs))
}
