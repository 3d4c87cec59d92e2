import { MiB } from '../../units.ts'
import type { FormatName } from '../formats.ts'
import { boxesOf } from './boxes.ts'
import { attempt, type FoundGroup } from './found.ts'
import { FileView } from './source.ts'
import { cleanText, textOf } from './text.ts'

const adobe = 'be7acfcb97a942e89c71999491e3afac'
const boxed: ReadonlySet<FormatName> = new Set(['mp4', 'mov', 'm4a', '3gp'])

/** Texts of 3GPP by our names of films' tags. */
const texts: Readonly<Record<string, string>> = {
  titl: 'title',
  dscp: 'description',
  auth: 'author',
  perf: 'artist',
  cprt: 'copyright',
}

/** What FFmpeg passes over in a film. */
export interface FilmBoxes {
  /** XMP packets: in a box of Adobe's in MP4, in one of the user's data in QuickTime. */
  readonly xmp: readonly Buffer[]
  /** Texts of phones before 2010. */
  readonly texts: FoundGroup
}

/** Reads the boxes of a film that its demuxer passes over. Never throws: the demuxer has answered already. */
export function filmBoxes(path: string, format: FormatName): FilmBoxes {
  const xmp: Buffer[] = []
  const found: FoundGroup = {}
  if (!boxed.has(format)) return { xmp, texts: found }
  attempt(() => {
    const view = new FileView(path)
    try {
      const boxes = boxesOf(view)
      const movie = boxes.filter(({ type }) => type === 'moov').flatMap(({ body }) => boxesOf(body))
      for (const { type, body } of [...boxes, ...movie]) {
        if (type === 'uuid' && body.bytes(0, 16).toString('hex') === adobe) xmp.push(body.bytes(16, MiB))
      }
      for (const { type, body } of movie.filter((box) => box.type === 'udta').flatMap((box) => boxesOf(box.body))) {
        if (type === 'XMP_') xmp.push(body.bytes(0, MiB))
        const name = texts[type]
        const value = name && packedText(body.bytes(0, 4096))
        if (name && value) found[name] ??= { value }
      }
    } finally {
      view.close()
    }
  })
  return { xmp, texts: found }
}

/** Version and flags, the language in two bytes, then UTF-8, or UTF-16 with its mark. */
function packedText(body: Buffer): string | undefined {
  const text = body.subarray(6)
  if (text.length < 2 || text.readUInt16BE(0) !== 0xfeff) return textOf(text)
  return cleanText(
    Buffer.from(text.subarray(2, text.length & ~1))
      .swap16()
      .toString('utf16le'),
  )
}
