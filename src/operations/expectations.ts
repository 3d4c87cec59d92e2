/** What a schema expected, in plain words that go on after "Expected": `a number of at least 1`, `one of "webp", "png"`. */
export function inWords(message: string): string {
  const bare = message
    .replace(/^Invalid input: /, '')
    .replace(/, received .*$/, '')
    .replace(/^expected /i, '')
  const [, option] = /^Invalid option: expected one of (.*)$/.exec(bare) ?? []
  if (option !== undefined) return `one of ${option.replace(/(?<=["\d])\|(?=["\d])/g, ', ')}`
  if (bare === 'int') return nouns.int ?? bare
  const [, , type = '', sign = '', limit = '', unit = ''] = bound.exec(bare) ?? []
  if (sign === '') return bare
  if (type === 'string' && sign === '>=' && limit === '1') return 'a text that is not empty'
  const noun = nouns[type] ?? type
  const amount = unit === '' ? limit : `${limit} ${limit === '1' ? unit.replace(/s$/, '') : unit}`
  return `${noun} ${unit === '' ? of[sign] : holding[sign]} ${amount}`
}

/** As Zod says it: `Too small: expected array to have >=1 items`. */
const bound = /^Too (small|big): expected (\w+) to (?:be|have) ([<>]=?)\s*(\S+)(?: (\w+))?$/

const nouns: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'a text',
  array: 'a list',
}

const of: Readonly<Record<string, string>> = { '>=': 'of at least', '>': 'above', '<=': 'of at most', '<': 'below' }
const holding: Readonly<Record<string, string>> = {
  '>=': 'of at least',
  '>': 'of more than',
  '<=': 'of at most',
  '<': 'of less than',
}
