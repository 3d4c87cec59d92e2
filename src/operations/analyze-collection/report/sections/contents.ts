import { formatBytes, formatCount, formatDuration } from '../../../../units.ts'
import type { Html } from '../../../html.ts'
import { shown } from '../../../html.ts'
import type { Statistics } from '../../statistics.ts'
import type { Tally } from '../../tally.ts'
import { barList } from '../bar-list.ts'
import { section, sideBySide } from '../section.ts'
import { treemap } from '../treemap.ts'
import { counted, listed, percent, sentence, spoken } from '../words.ts'

type Counts = ReturnType<Tally['result']>

/** What there is: formats by room and by number, and what films are coded in. */
export function contents({ totals, formats, films }: Statistics): Html {
  const [first] = formats
  const kinds = [
    totals.pictures > 0 && counted(totals.pictures, 'picture'),
    totals.films > 0 && counted(totals.films, 'film'),
    totals.sounds > 0 && counted(totals.sounds, 'sound'),
  ].filter((text) => text !== false)
  const text = [
    `${sentence(listed(kinds))} in ${counted(formats.length, 'format')}.`,
    first && formats.length > 1
      ? `${sentence(spoken(first.bytes / totals.bytes))} of the room is taken by ${first.format}${first.kind === 'picture' ? '' : ` ${first.kind}s`}, with ${counted(first.files, 'file')}.`
      : undefined,
    totals.durationMs > 0 ? `Films and sounds last ${formatDuration(totals.durationMs)} together.` : undefined,
    films.hdr > 0 ? `${counted(films.hdr, 'film is', 'films are')} in HDR.` : undefined,
    films.silent > 0 ? `${counted(films.silent, 'film has', 'films have')} no sound.` : undefined,
  ]
  const fields = formats.map(({ format, kind, bytes, files }) => ({
    name: format,
    value: bytes,
    shown: `${formatBytes(bytes)} · ${counted(files, 'file')}`,
    colour: `kind-${kind}`,
  }))
  return section(
    'contents',
    'What is in it',
    text,
    formats.length > 1 &&
      treemap('formats', 'Room by format', 'Each format as a field; the larger, the more bytes.', fields),
    sideBySide(
      barList(
        'Files by format',
        'Format',
        formats
          .map(({ format, kind, files }) => ({
            name: kind === 'sound' ? `${format} (sound)` : format,
            value: files,
            shown: `${formatCount(files)} · ${percent(files / totals.files)}`,
          }))
          .sort((a, b) => b.value - a.value)
          .slice(0, 12),
      ),
      films.videoCodecs.known > 0 && tallyBars('Films by codec', 'Codec', films.videoCodecs),
    ),
  )
}

/** A tally as bars; all others follow without one, as theirs could dwarf the rest. */
export function tallyBars(title: string, of: string, { top, known, others }: Counts, limit = 10): Html {
  const listedTop = top.slice(0, limit)
  const rest = others + top.slice(limit).reduce((sum, { files }) => sum + files, 0)
  const text = (files: number) => `${formatCount(files)} · ${percent(files / known)}`
  return barList(title, of, [
    ...listedTop.map(({ name, files }) => ({ name: shown(name, 60), value: files, shown: text(files) })),
    ...(rest > 0 ? [{ name: 'others', value: 0, shown: text(rest) }] : []),
  ])
}
