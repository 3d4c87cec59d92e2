import { type Html, html, type Part } from '../../html.ts'

/** A part of the page under a heading; its text is one paragraph. */
export function section(
  id: string,
  heading: string,
  text: readonly (string | Html | undefined)[],
  ...content: Part[]
): Html {
  const sentences = text.filter((one) => one !== undefined && one !== '')
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${heading}</h2>
${sentences.length > 0 && html`<p>${sentences.map((one, at) => [at > 0 && ' ', one])}</p>`}
${content}
</section>`
}

/** Charts that stand side by side where there is room. */
export const sideBySide = (...charts: Part[]): Html => html`<div class="pair">${charts}</div>`
