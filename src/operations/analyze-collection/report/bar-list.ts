import { type Html, html } from '../../html.ts'
import { across } from './figure.ts'

/** One line of a bar list. */
export interface Bar {
  readonly name: string | Html
  /** Length of the bar; the longest one fills the room. */
  readonly value: number
  /** The value in words. */
  readonly shown: string
  readonly tone?: 'good' | 'fair' | 'poor' | 'rest'
}

/** Names with bars: a table whose middle column is drawn, so that it is its own table for those who can not see it. */
export function barList(title: string, of: string, bars: readonly Bar[]): Html {
  const most = Math.max(...bars.map(({ value }) => value), 0)
  return html`<figure class="bars"><figcaption>${title}</figcaption><table>
<thead class="unseen"><tr><th scope="col">${of}</th><th scope="col">Share</th><th scope="col">Count</th></tr></thead>
<tbody>${bars.map(
    ({ name, value, shown, tone }) =>
      html`<tr><th scope="row">${name}</th><td class="track" aria-hidden="true"><svg width="100%" height="12"><rect class="track" width="100%" height="12" rx="3"/><rect class="bar ${tone ?? ''}" width="${across(most > 0 ? value / most : 0)}" height="12" rx="3"/></svg></td><td>${shown}</td></tr>`,
  )}</tbody></table></figure>`
}
