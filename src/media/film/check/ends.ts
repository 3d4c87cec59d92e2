import type { Stream } from 'node-av/lib'
import type { FormatName } from '../../formats.ts'
import { standsToEnd } from '../last-picture.ts'
import { endOf } from '../length.ts'
import type { Finding, Sign } from './signs.ts'
import type { CheckedFile } from './thorough.ts'

/** How far a track was read. */
export interface TrackEnd {
  readonly stream: Stream
  readonly isPicture: boolean
  /** When its last packet is over; undefined when none was found. */
  readonly endMs: number | undefined
  /** Where that ends in the file, in bytes. */
  readonly endByte: number
}

/**
 * Containers that tell how long they are by themselves, and how far the end may be off. Of the others the length is measured
 * or guessed from what is there.
 */
const declaring: Partial<Record<FormatName, number>> = {
  mp4: 500,
  mov: 500,
  '3gp': 500,
  m4a: 500,
  mkv: 500,
  webm: 500,
  flv: 500,
  aiff: 100,
  flac: 150,
}
/** A last subtitle may stand in the length of a film whose picture is over. */
const withSubtitlesMs = 10_000
/** Of a file that is cut off even a little is missing. */
const strictMs = 100

/** Compares where the tracks end with where they should, and the file with its container. */
export function endFindings(tracks: readonly TrackEnd[], file: CheckedFile): Finding[] {
  const { bytes, declaredBytes = 0, format, length } = file
  const isCut = declaredBytes > bytes
  const endMs = Math.max(0, ...tracks.map((track) => track.endMs ?? 0))
  const tolerance = declaring[format]
  const findings = tolerance === undefined ? [] : shortEnds(tracks, file, isCut ? strictMs : tolerance)
  if (!isCut) return findings
  if (tolerance !== undefined && findings.length === 0) {
    return [{ sign: 'cut-behind', fromMs: endMs, toMs: endMs }]
  }
  const fromMs = Math.min(endMs, ...findings.map((finding) => finding.fromMs))
  // Without a length that was told, as much is missing as there are bytes.
  const toMs = tolerance === undefined ? (endMs * declaredBytes) / bytes : Math.max(endMs, length.durationMs ?? 0)
  return [...findings, { sign: 'cut', fromMs, toMs }]
}

function shortEnds(tracks: readonly TrackEnd[], file: CheckedFile, toleranceMs: number): Finding[] {
  const { length, probe, declaredBytes } = file
  const own = tracks.filter(({ stream }) => Number(stream.nbFrames) > 0)
  const findings = own.flatMap(({ stream, isPicture, endMs }) =>
    shortOf(isPicture ? 'end-picture' : 'end-sound', endOf(stream, length)?.ms, endMs, toleranceMs),
  )
  if (own.length === tracks.length) return findings
  // Tracks that say nothing of themselves may end early; one of them must last as long as the film.
  const last = Math.max(...tracks.map(({ endMs = 0 }) => endMs))
  const byte = Math.max(...tracks.map(({ endByte }) => endByte))
  if (standsToEnd(file, declaredBytes, { ms: last, byte })) return findings
  const allowed = probe.subtitles.length > 0 ? withSubtitlesMs : toleranceMs
  return [...findings, ...shortOf('end', length.durationMs, last, allowed)]
}

function shortOf(sign: Sign, endMs: number | undefined, reachedMs = 0, toleranceMs: number): Finding[] {
  if (endMs === undefined || endMs - reachedMs <= toleranceMs) return []
  return [{ sign, fromMs: reachedMs, toMs: endMs }]
}
