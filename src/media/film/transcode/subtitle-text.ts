/** Kinds of text subtitles by FFmpeg's names, and how their packets are read: as lines with `<i>`, `<b>` and `<u>`. */
const readers: Readonly<Record<string, (data: Buffer) => string>> = {
  subrip: (data) => withoutPlaces(data.toString()),
  text: (data) => data.toString(),
  webvtt: (data) => fromEntities(onlySimple(data.toString())),
  ass: (data) => fromAss(data.toString()),
  ssa: (data) => fromAss(data.toString()),
  mov_text: fromTimedText,
}

/** How text is written into packets. */
const writers = {
  subrip: (text: string) => Buffer.from(text),
  webvtt: (text: string) => Buffer.from(toCue(text)),
  mov_text: toTimedText,
}

/** A kind of text subtitle that is written. */
export type WrittenText = keyof typeof writers

/** Whether a codec is one of subtitles whose text can be read. */
export const isText = (codec: string | undefined): boolean => codec !== undefined && Object.hasOwn(readers, codec)

/** The same text in another kind of packet; absent when there is none to show. */
export function textAs(data: Buffer, from: string, to: WrittenText): Buffer | undefined {
  const text = readers[from]?.(data).replace(/\0/g, '').trim()
  return text ? writers[to](text) : undefined
}

/** SubRip borrows from ASS where a text stands on the screen, and from HTML its fonts. */
const withoutPlaces = (text: string): string => onlySimple(text.replace(/\{\\[^}]*\}/g, '').replace(/\r\n?/g, '\n'))

/** Keeps of all tags those for italic, bold and underlined. */
const onlySimple = (text: string): string =>
  text.replace(/<(\/?)([a-z]+|[\d:.]+(?=>))[^<>]*>/gi, (_, slash: string, name: string) =>
    /^[ibu]$/i.test(name) ? `<${slash}${name.toLowerCase()}>` : '',
  )

const fromEntities = (text: string): string =>
  text
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&(?:nbsp|lrm|rlm);/g, ' ')
    .replace(/&amp;/g, '&')

/** A line of ASS: eight fields, then the text with commands in braces. */
function fromAss(line: string): string {
  const text = line
    .replace(/^Dialogue: */, '')
    .split(',')
    .slice(8)
    .join(',')
  const open = new Set<string>()
  const marked = text.replace(/\{[^}]*\}/g, (commands) =>
    [...commands.matchAll(/\\([ibu])(\d)/g)]
      .map(([, name = '', value]) => {
        if (value === '0') return open.delete(name) ? `</${name}>` : ''
        if (open.has(name)) return ''
        open.add(name)
        return `<${name}>`
      })
      .join(''),
  )
  const closed =
    marked +
    [...open]
      .reverse()
      .map((name) => `</${name}>`)
      .join('')
  return closed.replace(/\\N|\\n/g, '\n').replace(/\\h/g, ' ')
}

/** Two bytes of length, then text in UTF-8, or in UTF-16 with its mark. */
function fromTimedText(data: Buffer): string {
  if (data.length < 2) return ''
  const text = data.subarray(2, 2 + data.readUInt16BE(0))
  if (text.length >= 2 && text.readUInt16BE(0) === 0xfeff) return text.subarray(2).swap16().toString('utf16le')
  return text.toString()
}

function toTimedText(text: string): Buffer {
  const bytes = Buffer.from(text.replace(/<\/?[ibu]>/g, '')).subarray(0, 0xffff)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** An empty line would end a cue. */
const toCue = (text: string): string =>
  text
    .replace(/&/g, '&amp;')
    .replace(/<(?!\/?[ibu]>)/g, '&lt;')
    .replace(/-->/g, '--&gt;')
    .replace(/\n{2,}/g, '\n')

/** How timed text looks (3GPP TS 26.245, `tx3g`): white Sans in the middle at the bottom. */
export const timedTextStyle = Buffer.from(
  [
    '00000000', // Nothing special
    '01ff', // In the middle, at the bottom
    '00000000', // Clear background
    '0000000000000000', // Anywhere in the picture
    '00000000000100', // All characters in the first font, plain
    '12ffffffff', // 18 points, white
    '00000011667461620001000104', // One font with a name of four letters
    '53616e73',
  ].join(''),
  'hex',
)
