import { Html, html } from '../../html.ts'
import { layout, pixel, plot } from './layout.ts'
import { type LinePanel, panelOf } from './panel.ts'
import { timeTicks } from './scale.ts'
import { style } from './style.ts'

/** Stretches of time of which something can be said. */
export interface Lane {
  readonly title: string
  readonly tone: 'poor' | 'fair' | 'calm'
  readonly stretches: readonly { readonly fromMs: number; readonly toMs: number }[]
}

/** Measures over time as a picture that stands alone. */
export interface TimeChart {
  readonly title: string
  readonly subtitle: string
  /** For those who can not see it. */
  readonly description: string
  /** What the times are. */
  readonly axis: string
  readonly fromMs: number
  readonly toMs: number
  readonly panels: readonly LinePanel[]
  readonly lanes: readonly Lane[]
  /** Moments to look at, the worst first; they are numbered. */
  readonly marks: readonly { readonly ms: number; readonly words: string }[]
}

/** A picture in SVG and its size in pixels. */
export interface Drawing {
  readonly svg: string
  readonly width: number
  readonly height: number
}

const { width, left, right, head, panel, lane: laneTall, axis, line } = layout

/** Draws it: the measures one below the other over one time line, below them the lanes, and the moments in words. */
export function drawTimeChart(chart: TimeChart): Drawing {
  const { panels, lanes, marks, fromMs, toMs } = chart
  const x = (ms: number): number =>
    pixel(left + plot * Math.min(1, Math.max(0, (ms - fromMs) / Math.max(1, toMs - fromMs))))
  const lanesFrom = head + panels.length * (panel.tall + panel.head) + 14
  const floor = lanes.length > 0 ? lanesFrom + lanes.length * laneTall : lanesFrom - 14
  const height = floor + axis + Math.ceil(marks.length / 2) * line + 10
  // Lines across do not run through the words between the panels.
  const spans = [
    ...panels.map((_, at) => [head + at * (panel.tall + panel.head) + panel.head, panel.tall] as const),
    ...(lanes.length > 0 ? [[lanesFrom - 4, floor - lanesFrom + 4] as const] : []),
  ]
  const across = (ms: number, look: 'grid' | 'mark') =>
    spans.map(
      ([from, tall]) => html`<line class="${look}" x1="${x(ms)}" x2="${x(ms)}" y1="${from}" y2="${from + tall}"/>`,
    )
  const svg = html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">
<title id="title">${chart.title}</title><desc id="desc">${chart.description}</desc>
<style>${new Html(style)}</style>
<rect class="back" width="${width}" height="${height}"/>
<text class="title strong" x="20" y="32">${chart.title}</text><text class="soft" x="20" y="53">${chart.subtitle}</text>
${timeTicks(fromMs, toMs).map(
  ({ ms, label }) =>
    html`${across(ms, 'grid')}<text x="${x(ms)}" y="${floor + 17}" text-anchor="middle">${label}</text>`,
)}
<line class="floor" x1="${left}" x2="${width - right}" y1="${floor}" y2="${floor}"/><text x="${width - right}" y="${floor + 36}" text-anchor="end">${chart.axis}</text>
${lanes.map((lane, at) => laneOf(lane, lanesFrom + at * laneTall, x))}
${panels.map((one, at) => panelOf(one, chart, head + at * (panel.tall + panel.head)))}
${marks.map(({ ms, words }, at) => {
  const [column, row] = [at % 2, Math.floor(at / 2)]
  return html`${across(ms, 'mark')}<text class="worst" x="${x(ms)}" y="${head + panel.head - 4}" text-anchor="middle">${at + 1}</text><text class="soft" x="${left + (column * plot) / 2}" y="${floor + axis + 8 + row * line}"><tspan class="worst">${at + 1}</tspan>  ${words}</text>`
})}
</svg>
`
  return { svg: svg.toString(), width, height }
}

function laneOf({ title, tone, stretches }: Lane, y: number, x: (ms: number) => number): Html {
  return html`<text x="${left - 9}" y="${y + 14}" text-anchor="end">${title}</text><rect class="lane" x="${left}" width="${plot}" y="${y + 3}" height="14" rx="3"/>
${stretches.map(({ fromMs, toMs }) => html`<rect class="${tone}" x="${x(fromMs)}" width="${Math.max(2, pixel(x(toMs) - x(fromMs)))}" y="${y + 3}" height="14" rx="2"/>`)}`
}
