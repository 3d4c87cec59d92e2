import { MediaError } from '../../errors.ts'
import type { FilmIo } from '../film.ts'
import type { FilmFile } from './film-file.ts'
import type { WrittenFilm } from './transcode.ts'

/** A short silent film of moments of another. */
export interface ClipsPlan {
  readonly format: 'mp4' | 'webm' | 'webp'
  /** Where each moment begins, in milliseconds from the origin, rising. */
  readonly startsMs: readonly number[]
  /** How long each lasts. */
  readonly clipMs: number
  readonly width: number
  readonly frameRate: number
}

/** Writes moments of a film one after the other, upright, SDR, with square pixels. */
export async function writeClips(_film: FilmFile, _plan: ClipsPlan, _to: string, _io: FilmIo): Promise<WrittenFilm> {
  throw new MediaError('INTERNAL', ['not built yet'])
}
