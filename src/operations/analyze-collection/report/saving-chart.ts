import { formatBytes } from '../../../units.ts'
import { type Html, html } from '../../html.ts'
import type { Forecast } from '../forecast.ts'
import { across, figure } from './figure.ts'

const line = 40
const left = 0.1

/** Draws for each format what it takes now, what would be saved of it, and between which bounds that is known. */
export function savingChart(forecast: Forecast): Html {
  const formats = forecast.formats.filter((row) => row.savedBytes !== undefined)
  // Where nothing is to be saved there is nothing to be seen; the table has it all.
  const drawn = formats.filter(({ highBytes = 0 }) => highBytes > 0).slice(0, 12)
  const most = Math.max(...drawn.map(({ bytes }) => bytes), 1)
  const x = (bytes: number) => left + (1 - left) * (bytes / most)
  const drawing = drawn.flatMap(({ format, bytes, savedBytes = 0, lowBytes = 0, highBytes = 0 }, at) => {
    const y = at * line
    const middle = y + 10
    return [
      html`<text class="scale name" x="${across(left - 0.012)}" y="${y + 15}" text-anchor="end">${format}</text>`,
      html`<rect class="track" x="${across(left)}" width="${across(x(bytes) - left)}" y="${y}" height="20" rx="3"/>`,
      html`<rect class="bar good" x="${across(left)}" width="${across(x(savedBytes) - left)}" y="${y}" height="20" rx="3"><title>${format}: ${formatBytes(savedBytes)}</title></rect>`,
      highBytes > lowBytes &&
        html`<line class="whisker" x1="${across(x(lowBytes))}" x2="${across(x(highBytes))}" y1="${middle}" y2="${middle}"/><line class="whisker" x1="${across(x(lowBytes))}" x2="${across(x(lowBytes))}" y1="${middle - 5}" y2="${middle + 5}"/><line class="whisker" x1="${across(x(highBytes))}" x2="${across(x(highBytes))}" y1="${middle - 5}" y2="${middle + 5}"/>`,
    ].filter((part) => part !== false)
  })
  return figure({
    id: 'saving',
    title: 'What optimising would save',
    description: `For each format its size now, the estimated saving, and the 95 % interval of the estimate. ${drawn.length} of ${formats.length} formats, those where anything is saved.`,
    height: Math.max(1, drawn.length) * line,
    drawing,
    columns: ['Format', 'Now', 'Saved', 'At least', 'At most', 'Tried', 'Became smaller', 'Failed'],
    rows: formats.map((row) => [
      row.format,
      formatBytes(row.bytes),
      formatBytes(row.savedBytes ?? 0),
      formatBytes(row.lowBytes ?? 0),
      formatBytes(row.highBytes ?? 0),
      `${row.tried} of ${row.files}`,
      String(row.gained),
      String(row.failed),
    ]),
  })
}
