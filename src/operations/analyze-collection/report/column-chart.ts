import { formatCount } from '../../../units.ts'
import { type Html, html } from '../../html.ts'
import { across, figure, ticksTo } from './figure.ts'

/** Columns side by side, such as a histogram or the years. */
export interface ColumnChart {
  readonly id: string
  readonly title: string
  readonly description: string
  /** What the columns are, as head of the table: `Year`. */
  readonly of: string
  /** What is counted, as head of the table: `Files`. */
  readonly counts: string
  readonly columns: readonly { label: string; value: number; tone?: 'good' | 'fair' | 'poor' }[]
  readonly height?: number
  /** Labels that fit side by side; of more every second, third, … is written. */
  readonly labels?: number
}

const top = 14
const bottom = 26
/** Room for the figures of the scale, as a share of the width. */
const left = 0.075

/** Draws the columns over a scale from 0. */
export function columnChart({ columns, height = 190, labels = 12, of, counts, ...words }: ColumnChart): Html {
  const most = Math.max(...columns.map(({ value }) => value), 1)
  const ticks = ticksTo(most)
  const scale = (height - top - bottom) / (ticks.at(-1) ?? 1)
  const floor = height - bottom
  const width = (1 - left) / Math.max(1, columns.length)
  const every = Math.max(1, Math.ceil(columns.length / labels))
  // What is narrower than a phone's page has no room for all of them.
  const isTight = columns.slice(0, labels).reduce((sum, { label }) => sum + 7 * label.length + 8, 0) > 290
  const gap = columns.length > 40 ? 0.08 : 0.16
  const drawing = [
    ...ticks.map((tick) => {
      const y = Math.round(floor - tick * scale) + 0.5
      return html`<line class="${tick === 0 ? 'floor' : 'grid'}" x1="${across(left)}" x2="100%" y1="${y}" y2="${y}"/><text class="scale" x="${across(left - 0.012)}" y="${y + 4}" text-anchor="end">${formatCount(tick)}</text>`
    }),
    ...columns.map(({ label, value, tone }, at) => {
      const x = left + at * width
      const tall = value === 0 ? 0 : Math.max(1.5, value * scale)
      const centre = across(x + width / 2)
      return html`${
        value > 0 &&
        html`<rect class="bar ${tone ?? ''}" x="${across(x + width * gap)}" width="${across(width * (1 - 2 * gap))}" y="${floor - tall}" height="${tall}" rx="2"><title>${label}: ${formatCount(value)}</title></rect>`
      }${at % every === 0 && html`<text class="${isTight && (at / every) % 2 === 1 && 'spare'}" x="${centre}" y="${height - 8}" text-anchor="middle">${label}</text>`}`
    }),
  ]
  const rows = columns.map(({ label, value }) => [label, formatCount(value)])
  return figure({ ...words, height, drawing, columns: [of, counts], rows })
}
