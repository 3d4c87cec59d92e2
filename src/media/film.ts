import type { CheckDepth, FilmCheck } from './film/check.ts'
import type { ClipsPlan } from './film/clips.ts'
import type { FilmDifference, Metric } from './film/difference.ts'
import type { PackagePlan, WrittenPackage } from './film/package.ts'
import type { Seen, Survey, SurveyDepth } from './film/survey.ts'
import type { TranscodePlan, WrittenFilm } from './film/transcode.ts'
import type { Picture, Pixels } from './picture.ts'
import type { Probe } from './probe.ts'

/**
 * Where a frame is taken: the most telling one, at a time, or at a fraction of the length. `exact` is the frame that is shown
 * at that very moment, false the nearest key frame, which is found in a fraction of the time. Left out, a time is exact, and
 * for a fraction the key frame is taken when it is near.
 */
export type FrameAt =
  | 'best'
  | { readonly ms: number; readonly exact?: boolean }
  | { readonly fraction: number; readonly exact?: boolean }

/** How far work on a film is, from frames that were really processed. */
export interface FilmPace {
  readonly frames: number
  readonly framesPerSecond: number
  /** Seconds of film in a second. */
  readonly speed: number
}

/** What whoever runs long work on a film lends to it. */
export interface FilmIo {
  /** Fires when nobody waits any more; work ends within a second by throwing its reason. */
  readonly signal: AbortSignal
  /** Tells how far the work is, 0–1. */
  progress(fraction: number, pace?: FilmPace): void
}

/** A small frame of a film: upright, square pixels, SDR sRGB, 8 bit, three channels. */
export interface FilmShot {
  /** When it is shown, from the film's origin. */
  readonly ms: number
  readonly picture: Picture
  /** Its pixels. */
  readonly pixels: Pixels
  /** Parts of it could not be decoded and are guessed. */
  readonly isDamaged: boolean
}

/** An opened film or sound: one demuxer, asked as often as one likes. Paths to write to end in the right format. */
export interface Film {
  readonly probe: Probe
  /** Announces the longest side that will be asked for, so that the first rendering serves every later request. */
  expect(edge: number): void
  /**
   * One frame, upright, with square pixels, as SDR sRGB; of sound its cover. Throws NO_PICTURE when there is none. `edge` is
   * the longest side that is needed: the picture is not rendered larger than that, and without it in full size.
   */
  frame(at: FrameAt, want?: { readonly edge?: number }): Promise<{ picture: Picture; atMs: number }>
  /**
   * A small frame for each moment, in the order asked: the key frame at or before it, or with `exact` the frame that is
   * shown then. Each frame is decoded once, whichever operations ask for it. Throws NO_PICTURE.
   */
  shots(
    moments: readonly number[],
    want: { readonly edge: number; readonly exact?: boolean },
    io: FilmIo,
  ): Promise<FilmShot[]>
  /** What looking tells, by key frames and what lies between them, or from every frame; each depth once. */
  look(depth: SurveyDepth, io: FilmIo): Promise<Seen>
  /** What looking and listening tells, by key frames and stretches of sound, or from every frame; each depth once. */
  survey(depth: SurveyDepth, io: FilmIo): Promise<Survey>
  /** Whether it can be read to its end, and where not. */
  check(depth: CheckDepth, io: FilmIo): Promise<FilmCheck>
  /** Writes a short silent film of moments of this one. */
  clips(plan: ClipsPlan, to: string, io: FilmIo): Promise<WrittenFilm>
  /** Writes it anew. */
  transcode(plan: TranscodePlan, to: string, io: FilmIo): Promise<WrittenFilm>
  /** How far its frames are from those of a reference, aligned in size, frame rate and time. */
  difference(reference: Film, metrics: readonly Metric[], io: FilmIo, stretch?: Stretch): Promise<FilmDifference>
  /** Writes it as HLS into a folder. */
  package(plan: PackagePlan, folder: string, io: FilmIo): Promise<WrittenPackage>
}

/** A part of a film, in milliseconds from its origin. */
export interface Stretch {
  readonly fromMs: number
  readonly toMs: number
}
