import type { Stream } from 'node-av/lib'
import type { FormatName } from '../../formats.ts'
import { endOf, type FilmLength } from '../length.ts'
import type { Finding } from './signs.ts'

/** How far a track was read. */
export interface TrackEnd {
  readonly stream: Stream
  readonly isPicture: boolean
  /** When its last packet is over; undefined when none was found. */
  readonly endMs: number | undefined
}

/** Containers that say how long they are; of the others the length is measured or guessed. */
const declaring: ReadonlySet<FormatName> = new Set([
  'mp4',
  'mov',
  '3gp',
  'm4a',
  'mkv',
  'webm',
  'avi',
  'flv',
  'asf',
  'flac',
  'wav',
  'aiff',
])

/** Compares where the tracks end with where they should. */
export function endFindings(tracks: readonly TrackEnd[], length: FilmLength, format: FormatName): Finding[] {
  if (!declaring.has(format) || tracks.length === 0) return []
  const own = tracks.filter(({ stream }) => Number(stream.nbFrames) > 0)
  const findings = own.flatMap((track) => shortOf(endOf(track.stream, length), track.endMs))
  if (own.length === tracks.length) return findings
  // Tracks that say nothing of themselves may end early; one of them must last as long as the film.
  const last = Math.max(...tracks.map(({ endMs = 0 }) => endMs))
  const { durationMs } = length
  return [...findings, ...shortOf(durationMs === undefined ? undefined : { ms: durationMs, toleranceMs: 1000 }, last)]
}

function shortOf(end: { ms: number; toleranceMs: number } | undefined, reachedMs = 0): Finding[] {
  if (end === undefined || end.ms - reachedMs <= end.toleranceMs) return []
  return [{ sign: 'end', fromMs: reachedMs, toMs: end.ms }]
}
