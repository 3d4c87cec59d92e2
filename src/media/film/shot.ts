import type { Frame } from 'node-av/lib'
import { MediaError } from '../../errors.ts'
import { cloned } from './cloned.ts'
import type { FilmEnd } from './length.ts'
import type { FilmReader, TimedFrame } from './reader.ts'

/** A frame that is kept; whoever holds it frees it. */
export interface Shot {
  readonly frame: Frame
  readonly ms: number
  /** What is wrong with it, when something is. */
  readonly damage?: string
}

/** The frame that is shown at a moment: before the first the first, after the last the last. */
export async function shotAt(reader: FilmReader, ms: number, end?: FilmEnd): Promise<Shot> {
  let shown: TimedFrame | undefined
  let isEnd = true
  for await (const next of reader.framesFrom(ms)) {
    // Half a millisecond, since moments are given in rounded milliseconds.
    isEnd = next.ms <= ms + 0.5
    if (!isEnd && shown !== undefined) break
    shown?.frame.free()
    shown = keep(next)
    // The next frame need not be decoded to know that it is later.
    isEnd &&= next.endMs === undefined || next.endMs <= ms + 1
    if (!isEnd) break
  }
  if (shown === undefined) throw new MediaError('MEDIA_DAMAGED', ['not one frame of its video can be decoded'])
  const missing = isEnd && ms > shown.ms ? breakOf(shown.ms, end) : undefined
  return { frame: shown.frame, ms: shown.ms, ...damageOf(shown, missing) }
}

/** What is wrong with a frame, in words; its own damage, or else what is said of the film. */
export function damageOf({ isDamaged }: TimedFrame, ofTheFilm?: string): { damage?: string } {
  const damage = isDamaged ? 'parts of this frame could not be decoded' : ofTheFilm
  return damage === undefined ? {} : { damage }
}

/** Says that a video ends before its end when the last moment that was found is too early; else absent. */
export function breakOf(lastMs: number, end: FilmEnd | undefined): string | undefined {
  if (end === undefined || end.ms - lastMs < end.toleranceMs) return undefined
  return `its video breaks off after ${seconds(lastMs)} of ${seconds(end.ms)}`
}

const seconds = (ms: number): string => `${(Math.max(0, ms) / 1000).toFixed(1)} s`

/** A frame of a reader with a copy of its own. */
export function keep({ frame, ms, isDamaged }: TimedFrame): TimedFrame {
  return { frame: cloned(frame), ms, isDamaged }
}
