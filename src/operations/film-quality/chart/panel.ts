import { type Html, html } from '../../html.ts'
import { type Column, columnsOf } from './columns.ts'
import { layout, pixel, plot } from './layout.ts'
import type { Scale } from './scale.ts'

/** A measure over time. */
export interface LinePanel {
  /** With its unit: `PSNR (dB)`. */
  readonly title: string
  /** What it comes to, in words. */
  readonly summary: string
  readonly points: readonly { readonly ms: number; readonly value: number }[]
  readonly scale: Scale
}

/** Draws it below a height, over a stretch of time. */
export function panelOf(
  { title, summary, points, scale }: LinePanel,
  stretch: { readonly fromMs: number; readonly toMs: number },
  from: number,
): Html {
  const { left, right, width, panel } = layout
  const y = (value: number): number =>
    pixel(from + panel.head + panel.tall * (1 - Math.min(1, (value - scale.from) / (scale.to - scale.from))))
  const columns = columnsOf(points, stretch, plot)
  return html`<text class="panel strong" x="${left}" y="${from + 20}">${title}</text><text class="soft" x="${width - right}" y="${from + 20}" text-anchor="end">${summary}</text>
${scale.ticks.map(
  (tick) =>
    html`<line class="${tick === scale.from ? 'floor' : 'grid'}" x1="${left}" x2="${width - right}" y1="${y(tick)}" y2="${y(tick)}"/><text x="${left - 9}" y="${y(tick) + 4}" text-anchor="end">${tick.toFixed(scale.digits)}</text>`,
)}${drawn(columns, y)}`
}

/** A line through the means, and around it what lies between the least and the most where several share a pixel. */
function drawn(columns: readonly Column[], y: (value: number) => number): Html | false {
  const [first] = columns
  if (first === undefined) return false
  const x = ({ share }: Column): number => pixel(layout.left + share * plot)
  if (columns.length === 1) return html`<circle class="one" cx="${x(first)}" cy="${y(first.mean)}" r="3"/>`
  const line = columns.map((column) => `${x(column)},${y(column.mean)}`).join(' ')
  const isBand = columns.some(({ low, high }) => low !== high)
  const upper = columns.map((column) => `${x(column)},${y(column.high)}`)
  const lower = columns.map((column) => `${x(column)},${y(column.low)}`).reverse()
  return html`${isBand && html`<polygon class="band" points="${[...upper, ...lower].join(' ')}"/>`}<polyline class="line" points="${line}"/>`
}
