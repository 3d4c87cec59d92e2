import { MediaError } from '../../errors.ts'
import type { FilmIo, Stretch } from '../film.ts'
import type { FilmFile } from './film-file.ts'

/** Measures of how near a film is to its reference: PSNR and XPSNR in dB, SSIM 0–1, VMAF 0–100 where a system FFmpeg has it. */
export const metrics = ['psnr', 'ssim', 'xpsnr', 'vmaf'] as const

/** One of the measures. */
export type Metric = (typeof metrics)[number]

/** Measures of each pair of frames. */
export interface FilmDifference {
  readonly frames: readonly ({ readonly ms: number } & Partial<Record<Metric, number>>)[]
  /** Sentences on how both were brought together: sizes, rates, an offset of time. */
  readonly notes: readonly string[]
}

/** Compares a film with a reference, frame by frame, in the reference's size and frame rate. */
export async function differenceOf(
  _film: FilmFile,
  _reference: FilmFile,
  _metrics: readonly Metric[],
  _io: FilmIo,
  _stretch?: Stretch,
): Promise<FilmDifference> {
  throw new MediaError('INTERNAL', ['not built yet'])
}
