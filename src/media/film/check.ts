import { MediaError } from '../../errors.ts'
import type { FilmIo, Stretch } from '../film.ts'
import type { FilmFile } from './film-file.ts'

/** What is wrong with a stretch of a film. */
export interface FilmDamage extends Stretch {
  readonly kind: 'missing' | 'video' | 'audio' | 'container' | 'timestamps'
  /** In words, as a sentence without its full stop. */
  readonly message: string
  /** Players show it without anyone noticing. */
  readonly isHarmless: boolean
}

/** Whether a film can be read to its end. */
export interface FilmCheck {
  readonly verdict: 'ok' | 'damaged'
  readonly damage: readonly FilmDamage[]
  readonly packetsRead: number
  readonly framesDecoded: number
}

/** Reads a film: `quick` container, index, and key frames; `thorough` every packet and frame. */
export async function checkFilm(_film: FilmFile, _mode: 'quick' | 'thorough', _io: FilmIo): Promise<FilmCheck> {
  throw new MediaError('INTERNAL', ['not built yet'])
}
