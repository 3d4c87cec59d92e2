import type { FilmDifference, Metric } from '../../media/film/difference.ts'
import { formatCount } from '../../units.ts'
import { rounded } from '../numbers.ts'
import { clock, scaleFor } from './chart/scale.ts'
import { type Drawing, drawTimeChart } from './chart/time-chart.ts'
import { measureNames, measures } from './measures.ts'
import { type Pooled, pooled } from './pool.ts'
import { thinned, worstOf } from './series.ts'

/** The measures of one pair of frames. */
export type Scores = { readonly ms: number } & Partial<Record<Metric, number>>

/** What comparing a film with its reference told. */
export interface Compared {
  readonly pools: Partial<Record<Metric, Pooled>>
  readonly frames: readonly Scores[]
  readonly series: readonly Scores[]
  readonly worst: readonly Scores[]
  /** Of the reference. */
  readonly fromMs: number
  readonly toMs: number
}

const mostWorst = 6

/** Pools what was measured and finds the worst moments, by the measure that comes nearest to what people see. */
export function comparedBy({ frames: measured }: FilmDifference): Compared {
  const frames = measured.map(toldOf)
  const leading = measureNames.find((name) => frames[0]?.[name] !== undefined)
  const badness = (frame: Scores): number => (leading === undefined ? 0 : -(frame[leading] ?? 0))
  const fromMs = frames[0]?.ms ?? 0
  const toMs = frames.at(-1)?.ms ?? 0
  const pools = measureNames.flatMap((name) => {
    const pool = pooled(
      measured.flatMap((frame) => frame[name] ?? []),
      measures[name],
    )
    return pool === undefined ? [] : [[name, pool] as const]
  })
  const differing = frames.filter((frame) => !isEqual(frame))
  return {
    pools: Object.fromEntries(pools),
    frames,
    series: thinned(frames, badness),
    worst: worstOf(differing, { most: mostWorst, apartMs: Math.max(500, (toMs - fromMs) / 30), badness }),
    fromMs,
    toMs,
  }
}

/** Draws the measures over the time of the reference. */
export function chartOf({ pools, frames, worst, fromMs, toMs }: Compared): Drawing {
  const shown = measureNames.filter((name) => pools[name] !== undefined)
  return drawTimeChart({
    title: 'Quality against the reference',
    subtitle: `${formatCount(frames.length)} frames compared, from ${clock(fromMs)} to ${clock(toMs)}. Higher is nearer to the reference.`,
    description: shown.map((name) => `${measures[name].title}: ${summaryOf(name, pools[name])}.`).join(' '),
    axis: 'Time of the reference',
    fromMs,
    toMs,
    panels: shown.map((name) => {
      const points = frames.flatMap(({ ms, [name]: value }) => (value === undefined ? [] : [{ ms, value }]))
      const { title, bounds, least } = measures[name]
      // Equal frames are far above all others; they are drawn at the top.
      const values = points.map(({ value }) => value)
      const differing = values.filter((value) => value < bounds[1])
      return {
        title,
        summary: summaryOf(name, pools[name]),
        points,
        scale: scaleFor(differing.length > 0 ? differing : values, { bounds, least }),
      }
    }),
    lanes: [],
    marks: worst.map((frame) => ({
      ms: frame.ms,
      words: `${clock(frame.ms, 10)}: ${shown.map((name) => inWords(name, frame[name] ?? 0)).join(', ')}`,
    })),
  })
}

function toldOf({ ms, ...scores }: Scores): Scores {
  const told = Object.entries(scores).map(([name, score]) => [name, rounded(score, measures[name as Metric].digits)])
  return { ms, ...Object.fromEntries(told) }
}

const isEqual = ({ ms: _, ...scores }: Scores): boolean =>
  Object.entries(scores).every(([name, score]) => score >= measures[name as Metric].bounds[1])

function summaryOf(name: Metric, pool: Pooled | undefined): string {
  if (pool === undefined) return ''
  return `mean ${inWords(name, pool.mean, false)}, 1 in 100 below ${inWords(name, pool.p1, false)}, least ${inWords(name, pool.min, false)}`
}

function inWords(name: Metric, score: number, isNamed = true): string {
  const { unit } = measures[name]
  return `${isNamed ? `${name.toUpperCase()} ` : ''}${score.toFixed(name === 'ssim' ? 4 : 1)}${unit}`
}
