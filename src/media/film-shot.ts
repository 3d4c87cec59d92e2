import type { Frame } from 'node-av/lib'
import { MediaError } from '../errors.ts'
import { formatDuration } from '../units.ts'
import type { FilmReader, TimedFrame } from './film-reader.ts'

/** A frame that is kept; whoever holds it frees it. */
export interface Shot {
  readonly frame: Frame
  readonly ms: number
  /** What is wrong with it, when something is. */
  readonly damage?: string
}

/** The frame that is shown at a moment: before the first the first, after the last the last. */
export async function shotAt(reader: FilmReader, ms: number, durationMs?: number): Promise<Shot> {
  let shown: TimedFrame | undefined
  let isEnd = true
  for await (const next of reader.framesFrom(ms)) {
    // Half a millisecond, since moments are given in rounded milliseconds.
    isEnd = next.ms <= ms + 0.5
    if (!isEnd && shown !== undefined) break
    shown?.frame.free()
    shown = keep(next)
    if (!isEnd) break
  }
  if (shown === undefined) throw new MediaError('MEDIA_DAMAGED', ['not one frame of its video can be decoded'])
  return { frame: shown.frame, ms: shown.ms, ...damageOf(shown, isEnd ? ms : undefined, durationMs) }
}

/** Frames and sound do not end at the same moment; what is missing beyond this was there once. */
const patienceMs = 1000

/** What is wrong with a frame that was taken; `wantedMs` when the film ended before or at it. */
function damageOf(shown: TimedFrame, wantedMs?: number, durationMs = 0): { damage?: string } {
  if (wantedMs !== undefined && Math.min(wantedMs, durationMs) - shown.ms > patienceMs) {
    return { damage: `its video breaks off after ${formatDuration(shown.ms)} of ${formatDuration(durationMs)}` }
  }
  return shown.isDamaged ? { damage: 'parts of this frame could not be decoded' } : {}
}

/** A frame of a reader with a copy of its own. */
export function keep({ frame, ms, isDamaged }: TimedFrame): TimedFrame {
  const copy = frame.clone()
  if (copy === null) throw new MediaError('INTERNAL', ['there is no memory for a frame'])
  return { frame: copy, ms, isDamaged }
}
