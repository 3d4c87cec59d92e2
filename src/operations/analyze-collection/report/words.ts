import { formatCount } from '../../../units.ts'

/** `1 photo`, `5,132 photos`. */
export const counted = (count: number, word: string, many = `${word}s`): string =>
  `${formatCount(count)} ${count === 1 ? word : many}`

/** A share for tables: `12 %`, `0.4 %`, `<0.1 %`. */
export function percent(share: number): string {
  const value = share * 100
  if (value > 0 && value < 0.1) return '<0.1 %'
  if (value > 99.9 && value < 100) return '>99.9 %'
  return `${value > 0 && value < 9.95 ? value.toFixed(1).replace(/\.0$/, '') : Math.round(value)} %`
}

/** Fractions that people say; what lies near one is told by its name. */
const fractions: readonly (readonly [share: number, words: string])[] = [
  [0.1, 'a tenth'],
  [0.2, 'a fifth'],
  [0.25, 'a quarter'],
  [1 / 3, 'a third'],
  [0.5, 'half'],
  [2 / 3, 'two thirds'],
  [0.75, 'three quarters'],
  [0.8, 'four fifths'],
  [0.9, 'nine tenths'],
]

/** A share as one would say it: `all`, `nearly all`, `two thirds`, `about a quarter`, `17 %`, `hardly any`, `none`. */
export function spoken(share: number): string {
  if (share <= 0) return 'none'
  if (share >= 1) return 'all'
  if (share > 0.97) return 'nearly all'
  if (share < 0.01) return 'hardly any'
  const [near, words] = fractions.reduce((best, one) =>
    Math.abs(one[0] - share) < Math.abs(best[0] - share) ? one : best,
  )
  const error = Math.abs(near - share)
  if (error < 0.005) return words
  return error < 0.025 ? `about ${words}` : percent(share)
}

/** `one`, `two`, … `ten`, `11`. */
export const numeral = (count: number): string =>
  ['none', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'][count] ?? formatCount(count)

/** `a`, `a and b`, `a, b and c`. */
export const listed = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`

/** The first letter large, as a sentence begins. */
export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
