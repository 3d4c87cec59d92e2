import { declaredBytes } from './check/container.ts'
import type { FilmFile } from './film-file.ts'

/** How far the picture of a film was read. */
export interface Reach {
  /** When the last one is shown, from the film's origin. */
  readonly ms: number
  /** Where its packet ends in the file; 0 where that is not known. */
  readonly byte: number
}

/**
 * When the last picture is over, from the film's origin. What its packet tells is often not that: in an MP4 it is how long until
 * the next one is decoded, in Matroska the usual distance. So where there is nothing else it stands until the film is over.
 */
export async function pictureEndOf(film: FilmFile, reach: Reach, toldMs: number): Promise<number> {
  const { path, format, bytes, length } = film
  const { durationMs = 0 } = length
  if (durationMs <= reach.ms) return toldMs
  if (standsToEnd(film, await declaredBytes(path, format, bytes), reach)) return durationMs
  return Math.min(toldMs, durationMs)
}

/** What may lie behind the last packet in Matroska: an index, tags and padding. */
const leastBytes = 4096

/** Whether the last picture stands up to the end that a film declares: it is alone in it, and no others are missing. */
export function standsToEnd(
  { format, bytes, probe, length }: Pick<FilmFile, 'format' | 'bytes' | 'probe' | 'length'>,
  declaredBytes: number | undefined,
  { ms, byte }: Reach,
): boolean {
  const isAlone = probe.video.length === 1 && probe.audio.length + probe.subtitles.length === 0
  if (!isAlone || declaredBytes === undefined || declaredBytes > bytes) return false
  // The index of these has all pictures.
  if (format === 'mp4' || format === 'mov') return true
  if ((format !== 'mkv' && format !== 'webm') || byte <= 0) return false
  // For more pictures like these there are too few bytes behind it.
  const needed = ms > 0 ? (((length.durationMs ?? 0) - ms) * byte) / ms : bytes
  return bytes - byte < Math.max(leastBytes, needed / 2)
}
