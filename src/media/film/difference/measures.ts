import type { PairFilter, PairNotes } from './pair-graph.ts'

/** Frames that are equal have endless decibels; what is better than this is told as this. */
export const mostDecibels = 100

/** How a filter of FFmpeg measures, and what is read from its notes. */
interface Measure extends PairFilter {
  score(notes: PairNotes): number | undefined
}

/** The measures that this FFmpeg has itself. */
export const measures: Readonly<Record<'psnr' | 'ssim' | 'xpsnr', Measure>> = {
  // The mean error of all planes, each weighted by its samples: in 4:2:0 luma counts four times.
  psnr: {
    name: 'psnr',
    takesReferenceFirst: false,
    score: (notes) => decibels(notes['lavfi.psnr.psnr_avg']),
  },
  ssim: {
    name: 'ssim',
    takesReferenceFirst: false,
    score: (notes) => finite(notes['lavfi.ssim.All']),
  },
  // Where lines of deep colours have room behind their end (FFmpeg 8.1), the filter takes it for a part of them.
  // It works in blocks of 32 pixels at 2160p, which are smaller than one in the smallest pictures.
  xpsnr: { name: 'xpsnr', takesReferenceFirst: true, lineStep: 64, leastPixels: 2100, score: weighted },
}

/**
 * XPSNR of the planes as one: the filter tells each by itself and advises the least of them, which jumps where planes take
 * turns. Here their errors are averaged with the weights 4:1:1, as PSNR does in 4:2:0: −10 log₁₀((4·10^(−Y/10) + 10^(−U/10) +
 * 10^(−V/10)) / 6).
 */
function weighted(notes: PairNotes): number | undefined {
  const tell = (plane: string): number | undefined =>
    decibels(notes[`lavfi.xpsnr.xpsnr.${plane}`], Number.POSITIVE_INFINITY)
  const [red, green, blue] = [tell('r'), tell('g'), tell('b')]
  if (red !== undefined && green !== undefined && blue !== undefined) return joined([red, 1], [green, 1], [blue, 1])
  const [luma, u, v] = [tell('y'), tell('u'), tell('v')]
  if (luma === undefined) return undefined
  return u === undefined || v === undefined ? joined([luma, 1]) : joined([luma, 4], [u, 1], [v, 1])
}

function joined(...planes: readonly (readonly [decibels: number, weight: number])[]): number {
  const weights = planes.reduce((sum, [, weight]) => sum + weight, 0)
  const error = planes.reduce((sum, [score, weight]) => sum + weight * 10 ** (-score / 10), 0) / weights
  return Math.min(mostDecibels, -10 * Math.log10(error))
}

function decibels(text: string | undefined, most = mostDecibels): number | undefined {
  if (text === undefined) return undefined
  const score = text === 'inf' ? Number.POSITIVE_INFINITY : Number(text)
  return Number.isNaN(score) ? undefined : Math.min(most, score)
}

function finite(text: string | undefined): number | undefined {
  const score = Number(text)
  return text === undefined || !Number.isFinite(score) ? undefined : score
}
