import { type Html, html } from '../../html.ts'

/** A chart with its words: what it shows, for those who can not see it, and the same figures as a table. */
export interface Figure {
  /** Unique on the page. */
  readonly id: string
  readonly title: string
  /** One sentence that says what is to be seen. */
  readonly description: string
  /** Pixels; the width is that of the page. */
  readonly height: number
  readonly drawing: readonly Html[]
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | Html)[])[]
}

/** The chart on the page. Its x coordinates are shares of the width, so that letters keep their size at any width. */
export function figure({ id, title, description, height, drawing, columns, rows }: Figure): Html {
  return html`<figure class="chart">
<figcaption>${title}</figcaption>
<svg role="img" aria-labelledby="${id}-title ${id}-desc" width="100%" height="${height}">
<title id="${id}-title">${title}</title><desc id="${id}-desc">${description}</desc>
${drawing}
</svg>
<details><summary>As a table</summary>${table(title, columns, rows)}</details>
</figure>`
}

/**
 * A table with a caption for those who hear it; the first column names the row, the others are figures, but for those
 * of `words`.
 */
export function table(
  caption: string,
  columns: readonly string[],
  rows: readonly (readonly (string | Html)[])[],
  words: readonly string[] = [],
): Html {
  const isWords = columns.map((column) => words.includes(column))
  const style = (at: number): string => (isWords[at] ? 'words' : 'figures')
  return html`<div class="scroll"><table><caption class="unseen">${caption}</caption>
<thead><tr>${columns.map((column, at) => html`<th scope="col" class="${style(at)}">${column}</th>`)}</tr></thead>
<tbody>${rows.map(
    ([name, ...cells]) =>
      html`<tr><th scope="row">${name}</th>${cells.map((cell, at) => html`<td class="${style(at + 1)}">${cell}</td>`)}</tr>`,
  )}</tbody></table></div>`
}

/** A share of the width as SVG wants it. */
export const across = (share: number): string => `${Math.round(share * 100_000) / 1000}%`

/** Even steps from 0 to at least `most`, at most five, of whole numbers that people count in. */
export function ticksTo(most: number): number[] {
  const rough = Math.max(1, most) / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = Math.max(1, [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? rough)
  const whole = Number.isInteger(step) ? step : Math.ceil(step)
  return Array.from({ length: Math.ceil(Math.max(1, most) / whole) + 1 }, (_, at) => at * whole)
}
