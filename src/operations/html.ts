/** Markup that may stand in a page as it is; made by `html` only. */
export class Html {
  readonly markup: string

  constructor(markup: string) {
    this.markup = markup
  }

  /** The markup. */
  toString(): string {
    return this.markup
  }
}

/** What can be set into a template. Absent things leave nothing. */
export type Part = string | number | Html | undefined | false | readonly Part[]

/** Markup with parts set in: texts become texts whatever they contain, markup of this function stays markup. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(texts.map((text, at) => (at === 0 ? '' : markupOf(parts[at - 1])) + text).join(''))
}

function markupOf(part: Part): string {
  if (part === undefined || part === false) return ''
  if (part instanceof Html) return part.markup
  if (typeof part === 'object') return part.map(markupOf).join('')
  return String(part).replace(/[&<>"']/g, (letter) => named[letter] ?? letter)
}

const named: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/**
 * A name that comes out of a file, as a person may see it: what would draw nothing or turn the line around is spelled out,
 * and the middle of what is too long is left out. Emoji and Persian need U+200C and U+200D; they stay.
 */
export function visible(name: string, longest = 160): string {
  const half = Math.floor(longest / 2)
  const short = name.length > longest ? `${name.slice(0, half)} … ${name.slice(-half)}` : name
  return short.toWellFormed().replace(/(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu, (letter) => {
    const code = letter.codePointAt(0) ?? 0
    return `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`
  })
}

/** The same as markup, in an element that keeps its direction of writing to itself. */
export const shown = (name: string, longest?: number): Html => html`<bdi>${visible(name, longest)}</bdi>`
