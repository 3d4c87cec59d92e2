import type { FilmReader, TimedFrame } from './reader.ts'
import { keep } from './shot.ts'

/** A frame and the moments at which it is shown. */
export interface ShownFrame {
  /** Gone with the next one. */
  readonly timed: TimedFrame
  readonly moments: readonly number[]
}

/** So far on it is cheaper to go on decoding than to look for a key frame. */
const decodedOnMs = 1000

/**
 * The frames that are shown at moments given in ascending order, each once: before the first the first, after the last the
 * last. Goes on decoding from one moment to the next where they are close.
 */
export async function* framesAt(
  reader: FilmReader,
  moments: readonly number[],
  signal: AbortSignal,
): AsyncGenerator<ShownFrame, void> {
  let left = moments
  while (left.length > 0) {
    const [from = 0] = left
    let shown: TimedFrame | undefined
    let startMs: number | undefined
    try {
      for await (const next of reader.framesFrom(from)) {
        signal.throwIfAborted()
        startMs ??= next.ms
        const over = shown === undefined ? [] : before(left, next.ms - 0.5)
        if (shown !== undefined && over.length > 0) {
          yield { timed: shown, moments: over }
          left = left.slice(over.length)
        }
        const [ms] = left
        const hasFound = ms !== from
        if (ms === undefined || (hasFound && ms - next.ms > Math.max(decodedOnMs, next.ms - startMs))) break
        shown?.frame.free()
        shown = keep(next)
        // The next frame need not be decoded to know that it is later.
        const sure = next.endMs === undefined ? [] : before(left, next.endMs - 1)
        if (sure.length > 0) yield { timed: shown, moments: sure }
        left = left.slice(sure.length)
        if (left.length === 0) break
      }
      // Nothing was found, or the film is over; else a new search begins.
      const isOver = left[0] === from || shown === undefined
      if (isOver && shown !== undefined && left.length > 0) yield { timed: shown, moments: left }
      if (isOver) return
    } finally {
      shown?.frame.free()
    }
  }
}

/** The moments before a time, of those in ascending order. */
function before(moments: readonly number[], ms: number): readonly number[] {
  const end = moments.findIndex((moment) => moment >= ms)
  return end < 0 ? moments : moments.slice(0, end)
}
