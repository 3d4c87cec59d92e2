import { MediaError } from '../../errors.ts'
import type { FilmIo, Stretch } from '../film.ts'
import { Comparison } from './difference/comparison.ts'
import { notesOf } from './difference/notes.ts'
import { offsetOf } from './difference/offset.ts'
import { pairsOf } from './difference/pairs.ts'
import { openSide, type Side } from './difference/side.ts'
import { targetOf } from './difference/target.ts'
import { hasVmaf } from './difference/vmaf.ts'
import type { FilmFile } from './film-file.ts'
import { Telling } from './telling.ts'
import { rounded } from './time.ts'

/** How near a film is to its reference: PSNR and XPSNR in dB, SSIM 0–1, VMAF 0–100 where a system FFmpeg has it. */
export type Metric = 'psnr' | 'ssim' | 'xpsnr' | 'vmaf'

/** Measures of each pair of frames. */
export interface FilmDifference {
  /** By the times of the reference. Equal frames, whose decibels are endless, have 100. */
  readonly frames: readonly ({ readonly ms: number } & Partial<Record<Metric, number>>)[]
  /** Sentences on how both were brought together: sizes, rates, an offset of time. */
  readonly notes: readonly string[]
}

/**
 * Compares a film with a reference, frame by frame, in the reference's size and frame rate. A film that is about as long as
 * the stretch is taken for a copy of that stretch alone. Throws PARAMS_INVALID for films of different shapes, TOOL_MISSING
 * for VMAF where no system FFmpeg has it, and what the signal says.
 */
export async function differenceOf(
  film: FilmFile,
  reference: FilmFile,
  metrics: readonly Metric[],
  io: FilmIo,
  stretch: Stretch = { fromMs: 0, toMs: Number.POSITIVE_INFINITY },
): Promise<FilmDifference> {
  if (metrics.includes('vmaf') && !(await hasVmaf())) throw new MediaError('TOOL_MISSING', ['an ffmpeg with libvmaf'])
  const own = await openSide(film, 'the film', io.signal)
  try {
    const other = await openSide(reference, 'the reference', io.signal)
    try {
      return await compare(own, other, metrics, io, stretch)
    } finally {
      await other.close()
    }
  } finally {
    await own.close()
  }
}

async function compare(
  film: Side,
  reference: Side,
  metrics: readonly Metric[],
  io: FilmIo,
  stretch: Stretch,
): Promise<FilmDifference> {
  io.signal.throwIfAborted()
  const target = targetOf(film, reference)
  const offset = await offsetOf(film, reference, stretch, io.signal)
  const comparison = new Comparison(film, reference, target, metrics, io.signal)
  const telling = new Telling(io)
  const { fromMs } = stretch
  const endMs = Math.min(stretch.toMs, reference.durationMs ?? Number.POSITIVE_INFINITY)
  const partAt = (ms: number) => (Number.isFinite(endMs) ? (ms - fromMs) / Math.max(1, endMs - fromMs) : undefined)
  const end = { before: 0, isFilmOver: false }
  const frames: FilmDifference['frames'][number][] = []
  let damaged = 0
  let lastMs = 0
  try {
    for await (const pair of pairsOf(reference, film, stretch, offset.ms, end, io.signal)) {
      frames.push({ ms: rounded(pair.ms), ...(await comparison.take(pair)) })
      if (pair.film.isDamaged || pair.reference.isDamaged) damaged++
      lastMs = pair.ms
      telling.tell(partAt(pair.ms), frames.length, pair.ms - fromMs)
    }
    const late = await comparison.end()
    telling.end(frames.length, lastMs - fromMs)
    return {
      frames: frames.map((frame, at) => (late[at] === undefined ? frame : { ...frame, vmaf: late[at] })),
      notes: notesOf({ film, reference, target, stretch, offset, end, lastMs, damaged, pairs: frames.length }),
    }
  } finally {
    await comparison.close()
  }
}
