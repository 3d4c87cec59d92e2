import { formatCount } from '../../../units.ts'
import { type Html, html } from '../../html.ts'
import { across, figure } from './figure.ts'

const names = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const line = 20
const head = 20
const left = 0.075

/** Draws a line for each year with a field for each month, the darker the more files; years without files are left out. */
export function calendar(id: string, title: string, months: readonly { month: string; files: number }[]): Html {
  const counts = new Map(months.map(({ month, files }) => [month, files]))
  const years = [...new Set(months.map(({ month }) => month.slice(0, 4)))]
  const most = Math.max(...counts.values(), 1)
  const width = (1 - left) / 12
  const drawing = [
    ...names.map(
      (name, at) =>
        html`<text class="${at % 2 === 1 && 'spare'}" x="${across(left + (at + 0.5) * width)}" y="12" text-anchor="middle">${name}</text>`,
    ),
    ...years.flatMap((year, row) => [
      html`<text class="scale" x="${across(left - 0.012)}" y="${head + row * line + 14}" text-anchor="end">${year}</text>`,
      ...names.map((name, at) => {
        const files = counts.get(`${year}-${String(at + 1).padStart(2, '0')}`) ?? 0
        // The root lets months with few files be seen beside one with thousands.
        const strength = files === 0 ? 0 : 0.15 + 0.85 * Math.sqrt(files / most)
        const place = html`x="${across(left + at * width + 0.002)}" y="${head + row * line}" width="${across(width - 0.004)}" height="${line - 3}" rx="2"`
        return files === 0
          ? html`<rect class="track" ${place}/>`
          : html`<rect class="bar" fill-opacity="${strength.toFixed(2)}" ${place}><title>${name} ${year}: ${formatCount(files)}</title></rect>`
      }),
    ]),
  ]
  const [busiest] = [...months].sort((a, b) => b.files - a.files)
  const description = busiest
    ? `Files by month in ${years.length === 1 ? years[0] : `${years.length} years`}; the most, ${formatCount(busiest.files)}, in ${monthName(busiest.month)}.`
    : 'No file tells its month.'
  const rows = months.map(({ month, files }) => [monthName(month), formatCount(files)])
  const height = head + years.length * line
  return figure({ id, title, description, height, drawing, columns: ['Month', 'Files'], rows })
}

/** `2024-07` as `July 2024`. */
export function monthName(month: string): string {
  const [year = '', number = '1'] = month.split('-')
  return `${longNames[Number(number) - 1] ?? ''} ${year}`
}

const longNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
