import { MediaError } from '../../errors.ts'
import type { FilmIo } from '../film.ts'
import type { FilmFile } from './film-file.ts'

/** One quality that players may choose. */
export interface Rung {
  /** Size as seen, even numbers. */
  readonly width: number
  readonly height: number
  /** Bits a second at most. */
  readonly bitRate: number
}

/** How a film is packaged. */
export interface PackagePlan {
  readonly rungs: readonly Rung[]
  readonly segmentMs: number
  /** Bits a second of the sound; 0 without. */
  readonly audioBitRate: number
}

/** A package that lies complete in its folder. */
export interface WrittenPackage {
  /** Names in the folder, the master playlist first, each media file before the playlists that name it. */
  readonly files: readonly { readonly name: string; readonly role: 'master' | 'playlist' | 'media' | 'iframes' }[]
  readonly durationMs: number
  readonly frames: number
  readonly notes: readonly string[]
}

/** Writes HLS: one decode, all rungs; playlists grow while it runs, so that playing can begin with the first segment. */
export async function packageFilm(
  _film: FilmFile,
  _plan: PackagePlan,
  _folder: string,
  _io: FilmIo,
): Promise<WrittenPackage> {
  throw new MediaError('INTERNAL', ['not built yet'])
}
