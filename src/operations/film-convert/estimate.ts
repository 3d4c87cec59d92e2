import { inTurn } from '../../media/film/work-io.ts'
import type { FilmIo } from '../../media/film.ts'
import type { Media } from '../../media/media.ts'
import type { Probe } from '../../media/probe.ts'
import { savedShareOf } from '../saved-share.ts'
import { scoreInWords } from './metrics.ts'
import { type ConvertPlan, codedVideo } from './plan.ts'
import { type Prediction, predictedBytes, predictionOf, type Trial } from './predict.ts'
import { samplesOf } from './samples.ts'
import { searchCrf } from './search.ts'
import { shownIn } from './shown.ts'
import { mainVideoOf } from './sizes.ts'
import { Trials } from './trials.ts'

/** One CRF of the search, and what the whole film would be with it. */
export interface SearchStep {
  readonly crf: number
  readonly score: number
  readonly predictedBytes?: number
}

/** What is known before the film is made. */
export interface Estimate {
  /** The CRF that was found. */
  readonly crf?: number
  /** What it reaches on the samples. */
  readonly score?: number
  readonly prediction?: Partial<Prediction>
  readonly search: readonly SearchStep[]
  /** Why the film is not to be made. */
  readonly refusal?: string
}

/** The most tries that are usually needed, for progress. */
const usualTries = 4

/** Foretells size and time of a plan, and finds the CRF of its target quality, by coding samples of the film. */
export async function estimateOf(media: Media, plan: ConvertPlan, folder: string, io: FilmIo): Promise<Estimate> {
  const film = await media.film()
  const { probe } = film
  const { bytes: originalBytes } = media.identity
  const video = codedVideo(plan.transcode)
  if (video === undefined || plan.part === undefined) {
    const bytes = predictedBytes(plan, probe, originalBytes)
    const refusal = bytes === undefined ? undefined : notWorth(bytes, originalBytes, plan)
    return { search: [], ...(bytes === undefined ? {} : { prediction: { bytes } }), ...(refusal ? { refusal } : {}) }
  }
  const samples = samplesOf(await shownIn(film, plan.part, io), pixelsPerSecond(plan, probe))
  const trials = new Trials(media, plan, samples, folder)
  const told = (trial: Trial): Estimate => {
    const prediction = predictionOf(trial, plan, probe)
    const refusal = prediction && notWorth(prediction.bytes, originalBytes, plan)
    return {
      ...(trial.crf === undefined ? {} : { crf: trial.crf }),
      ...(trial.score === undefined ? {} : { score: trial.score }),
      ...(prediction ? { prediction } : {}),
      ...(refusal ? { refusal } : {}),
      search: [],
    }
  }
  const { target } = plan
  if (target === undefined || 'bitRate' in video.rate) return told(await trials.run(video.rate, undefined, io))

  const search: SearchStep[] = []
  const hopeless = new AbortController()
  let last: Estimate = { search }
  const measure = async (crf: number): Promise<Trial> => {
    hopeless.signal.throwIfAborted()
    const at = Math.min(search.length, usualTries - 1)
    const trial = await trials.run({ crf }, target, inTurn(io, at, usualTries))
    last = told(trial)
    const { score = 0 } = trial
    search.push({
      crf,
      score,
      ...(last.prediction?.bytes === undefined ? {} : { predictedBytes: last.prediction.bytes }),
    })
    // What is worse than wanted and too large already gets only larger on the way to the target.
    if (score <= target.score && last.refusal) hopeless.abort(new Hopeless())
    return trial
  }
  try {
    const found = await searchCrf({ codec: video.codec, target, guess: video.rate.crf, measure })
    if (found) return { ...told(found), search }
    const best = search.toSorted((one, other) => other.score - one.score)[0]
    const reached = best ? `: at CRF ${best.crf} it is ${scoreInWords({ ...target, score: best.score })}` : ''
    return { search, refusal: `${scoreInWords(target)} is not reached${reached}.` }
  } catch (error) {
    if (!(error instanceof Hopeless)) throw error
    const { prediction, refusal } = last
    return { search, ...(prediction ? { prediction } : {}), ...(refusal ? { refusal } : {}) }
  }
}

/** Ends a search that can find nothing. */
class Hopeless extends Error {}

function pixelsPerSecond({ size }: ConvertPlan, probe: Probe): number {
  const { width, height } = size ?? { width: 1920, height: 1080 }
  return width * height * (mainVideoOf(probe)?.frameRate ?? 30)
}

/**
 * Why a film of so many bytes is not made; undefined when it is, or when nothing has to be saved. A part of a film is held
 * against its share of the original: cutting saves nothing of what stays.
 */
export function notWorth(bytes: number, originalBytes: number, plan: ConvertPlan): string | undefined {
  const { minSavedShare, partShare = 1 } = plan
  if (minSavedShare === undefined) return undefined
  const saved = savedShareOf(bytes, originalBytes * partShare)
  if (saved >= minSavedShare) return undefined
  const change = saved < 0 ? `it would be ${percent(-saved)} larger` : `only ${percent(saved)} would be saved`
  return `Not worth it: ${change}, and at least ${percent(minSavedShare)} shall be saved (minSavedShare).`
}

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`
