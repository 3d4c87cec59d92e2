/** What a tag of an XML text says. */
export interface XmlTag {
  readonly name: string
  readonly attributes: readonly { readonly name: string; readonly value: string }[]
  readonly kind: 'open' | 'close' | 'empty'
}

/** A piece of an XML text: a tag, or anything between (texts, comments, instructions). */
export interface XmlPiece {
  readonly text: string
  readonly tag?: XmlTag
}

/**
 * Cuts an XML text into its tags and what lies between, in one walk whose time grows with the length only: patterns could be made
 * to take hours. Throws RangeError where the text is no XML.
 */
export function* scanXml(xml: string): Generator<XmlPiece> {
  let at = 0
  while (at < xml.length) {
    const open = xml.indexOf('<', at)
    if (open < 0) {
      yield { text: xml.slice(at) }
      return
    }
    if (open > at) yield { text: xml.slice(at, open) }
    const special = specials.find(([start]) => xml.startsWith(start, open))
    if (special) {
      at = after(xml, special[1], open + special[0].length)
      yield { text: xml.slice(open, at) }
      continue
    }
    at = endOfTag(xml, open + 1)
    const text = xml.slice(open, at)
    yield { text, tag: tagOf(text) }
  }
}

const specials = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
] as const

function after(xml: string, end: string, from: number): number {
  const found = xml.indexOf(end, from)
  if (found < 0) throw new RangeError(`${end} is missing`)
  return found + end.length
}

/** Behind the `>` that closes a tag; one inside of quotes does not. */
function endOfTag(xml: string, from: number): number {
  let at = from
  while (at < xml.length) {
    const sign = xml[at]
    if (sign === '>') return at + 1
    at = sign === '"' || sign === "'" ? after(xml, sign, at + 1) : at + 1
  }
  throw new RangeError('a tag does not end')
}

function tagOf(text: string): XmlTag {
  const isClose = text[1] === '/'
  const isEmpty = text.endsWith('/>')
  const body = text.slice(isClose ? 2 : 1, isEmpty ? -2 : -1)
  const name = wordAt(body, 0)
  if (name === '' || name.startsWith('!')) throw new RangeError('a tag has no name')
  const attributes: { name: string; value: string }[] = []
  let at = skipBlank(body, name.length)
  while (at < body.length) {
    const attribute = wordAt(body, at)
    at = skipBlank(body, at + attribute.length)
    if (attribute === '' || body[at] !== '=') throw new RangeError('an attribute has no value')
    at = skipBlank(body, at + 1)
    const quote = body[at]
    if (quote !== '"' && quote !== "'") throw new RangeError('an attribute has no quotes')
    const end = after(body, quote, at + 1)
    attributes.push({ name: attribute, value: body.slice(at + 1, end - 1) })
    at = skipBlank(body, end)
  }
  return { name, attributes, kind: isClose ? 'close' : isEmpty ? 'empty' : 'open' }
}

const isBlank = (sign: string | undefined): boolean => sign === ' ' || sign === '\n' || sign === '\r' || sign === '\t'

function skipBlank(text: string, from: number): number {
  let at = from
  while (isBlank(text[at])) at++
  return at
}

function wordAt(text: string, from: number): string {
  let at = from
  while (at < text.length && !isBlank(text[at]) && text[at] !== '=') at++
  return text.slice(from, at)
}
