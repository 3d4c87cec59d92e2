import { AVDISCARD_ALL, AVDISCARD_DEFAULT, AVSEEK_FLAG_BACKWARD } from 'node-av/constants'
import type { FormatContext } from 'node-av/lib'
import { filmClock, stampOf } from '../time.ts'
import type { TrackCheck } from './track.ts'

/** Lets a demuxer read these tracks and pass over all others. */
export function readOnly(context: FormatContext, tracks: readonly TrackCheck[]): void {
  const wanted = new Set(tracks.map(({ stream }) => stream.index))
  for (const stream of context.streams) stream.discard = wanted.has(stream.index) ? AVDISCARD_DEFAULT : AVDISCARD_ALL
}

/** Goes to the last place before a moment of the film's own clock from which it can be read, else to its beginning. */
export async function goTo(context: FormatContext, ms: number): Promise<void> {
  if ((await context.seekFrame(-1, stampOf(ms, filmClock), AVSEEK_FLAG_BACKWARD)) >= 0) return
  await context.seekFrame(-1, 0n, AVSEEK_FLAG_BACKWARD)
}
