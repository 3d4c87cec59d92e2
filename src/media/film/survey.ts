import { MediaError } from '../../errors.ts'
import type { FilmIo, Stretch } from '../film.ts'
import type { FilmFile } from './film-file.ts'

/** `keys`: key frames spread over the film, sound in full where that is cheap, else in stretches. `full`: everything. */
export type SurveyDepth = 'keys' | 'full'

/** What was measured of one frame; fractions of 0–1 unless said otherwise. */
export interface FrameFacts {
  readonly ms: number
  /** Mean luma. */
  readonly light: number
  /** Standard deviation of luma. */
  readonly contrast: number
  readonly sharpness: number
  readonly noise: number
  readonly blockiness: number
  readonly blackShare: number
  /** Mean difference to the frame looked at before it. */
  readonly change: number
}

/** What was heard. */
export interface SoundFacts {
  /** EBU R128 integrated loudness in LUFS; absent when all is silent. */
  readonly integratedLufs?: number
  readonly rangeLu?: number
  readonly truePeakDb?: number
  readonly silent: readonly Stretch[]
  /** Share of samples at full scale in runs, 0–1. */
  readonly clippedShare: number
  /** How much was listened to. */
  readonly heardMs: number
}

/** What looking at a film and listening to it told. */
export interface Survey {
  readonly depth: SurveyDepth
  readonly frames: readonly FrameFacts[]
  /** Where one scene ends and another begins, in milliseconds; as exact as the depth allows. */
  readonly cuts: readonly number[]
  readonly black: readonly Stretch[]
  readonly frozen: readonly Stretch[]
  /** Share of frames that are combed, 0–1; absent where it can not be told from key frames. */
  readonly interlacedShare?: number
  readonly sound?: SoundFacts
  readonly packetsRead: number
  readonly framesDecoded: number
}

/** Looks at a film and listens to it, once. */
export async function surveyFilm(_film: FilmFile, _depth: SurveyDepth, _io: FilmIo): Promise<Survey> {
  throw new MediaError('INTERNAL', ['not built yet'])
}
