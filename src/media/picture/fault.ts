import { MediaError } from '../../errors.ts'

/** What decoders say, and what people are told instead; the first that fits. */
const sentences: readonly (readonly [pattern: RegExp, sentence: string])[] = [
  [
    /premature end|ends? early|unexpected end|not enough data|bad seek|truncat|read error|end of stream/i,
    'the picture data ends early',
  ],
  [
    /huffman|corrupt jpeg data|bad code word|crc|incorrect data check|bitstream|decoding failed/i,
    'the picture data is garbled in places',
  ],
  [/not yet implemented|patches welcome/i, 'it is of a variant that no decoder here knows'],
  [/invalid data found|invalid argument|generic error/i, 'the picture data can not be decoded'],
  [/unsupported image format|corrupt header|unable to parse|not a known/i, 'its header can not be read'],
  // A few lines of SVG can ask for millions of shapes by referring to each other.
  [/referenced elements|stack overflow|maximum number of/i, 'it draws more than is accepted of one picture'],
  [/entit(y|ies)|xml parse|svg/i, 'it is no well-formed SVG'],
]

/** The sentence for a decoder's message, without paths and line breaks. */
export function sentenceOfFault(message: string): string {
  const known = sentences.find(([pattern]) => pattern.test(message))?.[1]
  if (known) return known
  const [line = ''] = message.split('\n')
  const clean = line
    .replace(/(?:[A-Za-z]:)?[/\\][^\s:]+/g, 'the file')
    .replace(/\s+/g, ' ')
    .trim()
  return clean === '' ? 'the decoder gave up' : `the decoder says "${clean.slice(0, 160)}"`
}

/** Translates what a decoder threw: one of ours as it is, all else as MEDIA_DAMAGED with the original as cause. */
export function toPictureError(thrown: unknown): MediaError {
  if (thrown instanceof MediaError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new MediaError('MEDIA_DAMAGED', [sentenceOfFault(message)], { cause: thrown })
}

/**
 * Warnings that mean lost pixels; others are about metadata, or bytes that decoders skip without loss. Bytes too many before
 * a restart marker (0xd0–0xd7) lie in the picture data, those before other markers between segments.
 */
const losses =
  /premature end|huffman|corrupt jpeg data: (?!\d+ extraneous bytes before marker 0x(?!d[0-7]))|unsupported marker|not enough data|incorrect data check|invalid distance|IDAT: |bad code word|read error/i

/** The damage that a decoder's warnings tell of; absent when nothing was lost. */
export function damageOf(warnings: readonly string[]): string | undefined {
  const lost = warnings.find((warning) => losses.test(warning))
  if (lost === undefined) return undefined
  // libjpeg speaks of a "premature end of data segment" also when bits in the middle are wrong.
  return /premature end of data segment/i.test(lost)
    ? 'the picture data is garbled or ends early'
    : sentenceOfFault(lost)
}
