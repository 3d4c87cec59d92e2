import { formatBytes, formatCount, formatDuration } from '../../../../units.ts'
import { type Html, html } from '../../../html.ts'
import type { Statistics } from '../../statistics.ts'
import { table } from '../figure.ts'
import { fileName } from '../names.ts'
import { section } from '../section.ts'
import { counted, listed, percent } from '../words.ts'

/** Files that are worth a look: what failed, what lies there twice, what takes most room. */
export function attention(statistics: Statistics): Html {
  const { problems, duplicates, largest, films, totals } = statistics
  const name = (path: string) => fileName(statistics, path)
  const listedBytes = largest.reduce((sum, { bytes }) => sum + bytes, 0)
  const text = [
    problems.files === 0
      ? 'Nothing failed on any file.'
      : `Something failed on ${counted(problems.files, 'file')}: ${listed(problems.operations.map(({ operation, files }) => `${operation} on ${formatCount(files)}`))}.`,
    duplicates.files === 0
      ? 'No file lies there twice byte for byte.'
      : `${counted(duplicates.files, 'file is', 'files are')} byte copies of others and take ${formatBytes(duplicates.bytes)}, ${percent(duplicates.bytes / totals.bytes)} of all.`,
    largest.length > 1 && totals.files > largest.length
      ? `The ${formatCount(largest.length)} largest files hold ${percent(listedBytes / totals.bytes)} of all bytes.`
      : undefined,
  ]
  return section(
    'attention',
    'Files worth a look',
    text,
    problems.list.length > 0 &&
      html`<h3>Failed</h3>${table(
        'Files on which something failed',
        ['File', 'Format', 'Failed'],
        problems.list.map(({ path, format, failed }) => [name(path), format, failed.join(', ')]),
        ['Failed'],
      )}${more(problems.list.length, problems.files)}`,
    duplicates.largest.length > 0 &&
      html`<h3>Byte copies</h3>${table(
        'Contents in several places',
        ['One of the files', 'Places', 'Each', 'Wasted'],
        duplicates.largest.map(({ path, places, bytes }) => [
          name(path),
          formatCount(places),
          formatBytes(bytes),
          formatBytes((places - 1) * bytes),
        ]),
      )}${more(duplicates.largest.length, duplicates.contents)}`,
    largest.length > 0 &&
      html`<h3>Largest</h3>${table(
        'The largest files',
        ['File', 'Format', 'Pixels', 'Size'],
        largest.map(({ path, format, width, height, bytes }) => [
          name(path),
          format,
          width === undefined || height === undefined ? '' : `${width} × ${height}`,
          formatBytes(bytes),
        ]),
      )}`,
    films.longest.length > 0 &&
      html`<h3>Longest films</h3>${table(
        'The longest films',
        ['File', 'Format', 'Length', 'Size'],
        films.longest.map(({ path, format, durationMs, bytes }) => [
          name(path),
          format,
          formatDuration(durationMs),
          formatBytes(bytes),
        ]),
      )}`,
  )
}

const more = (listedCount: number, all: number): Html | false =>
  all > listedCount && html`<p class="soft">And ${formatCount(all - listedCount)} more.</p>`
