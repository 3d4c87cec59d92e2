import { statSync } from 'node:fs'
import { MediaError } from '../../errors.ts'
import type { Film } from '../film.ts'
import type { FormatName } from '../formats.ts'
import { defaultLimits } from '../limits.ts'
import type { MediaLimits } from '../media.ts'
import { openInput } from './ffmpeg.ts'
import { lengthOf } from './length.ts'
import { readMovieIndex } from './movie-index.ts'
import { OneFilm } from './one-film.ts'
import { readPace } from './pace.ts'
import { mainTrack, readProbe } from './probe.ts'
import { lacksSetup } from './setup/spare-decoding.ts'

/** A film that is open, and how much was done with it. */
export interface OpenedFilm {
  readonly film: Film
  /** The moment of its own clock at which it begins. */
  readonly originMs: number
  /** `demuxes` stays 1 whatever is asked of the film. */
  readonly counts: { readonly demuxes: number; readonly framesDecoded: number }
  /** Frees demuxer, decoder and kept frames; waits for what is being done. */
  close(): Promise<void>
}

/** Opens a film or sound by its sniffed format. Throws MEDIA_DAMAGED, FILE_MISSING, FILE_UNREADABLE or UNSUPPORTED_CONTENT. */
export async function openFilm(
  path: string,
  format: FormatName,
  limits: MediaLimits = defaultLimits,
): Promise<OpenedFilm> {
  const bytes = sizeOf(path)
  if (bytes === 0) throw new MediaError('EMPTY_FILE')
  const index = readMovieIndex(path, format)
  if (index.isMissing) {
    throw new MediaError('MEDIA_DAMAGED', ['its index (moov) is missing, as when a recording or a copy was cut off'])
  }
  const { context, pace } = await openWithPace(path, format)
  try {
    const length = await lengthOf(context, bytes, index.durationMs)
    const probe = await readProbe(context, { format, bytes, length, pace })
    const { isWhole } = index
    const film = new OneFilm({ path, format, bytes, context, probe, length, isWhole, limits })
    return { film, originMs: length.originMs, counts: film.counts, close: () => film.close() }
  } catch (error) {
    await context.closeInput()
    throw error
  }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new MediaError('FILE_MISSING', [path], { cause })
    throw new MediaError('FILE_UNREADABLE', [`the system says ${code}`], { cause })
  }
}

/** Opens the demuxer and reads the first packets, at first without decoding anything. */
async function openWithPace(path: string, format: FormatName, quick = true) {
  const context = await openInput(path, format, quick)
  try {
    // First of all, since it needs the first packets, which FFmpeg holds still.
    const main = mainTrack(context)
    const pace = main === undefined ? undefined : readPace(context, main)
    if (!quick || !lacksSetup(context)) return { context, pace }
  } catch (error) {
    await context.closeInput()
    throw error
  }
  await context.closeInput()
  return openWithPace(path, format, false)
}
