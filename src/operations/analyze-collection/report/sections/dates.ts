import type { Html } from '../../../html.ts'
import { html } from '../../../html.ts'
import type { Statistics } from '../../statistics.ts'
import { calendar, monthName } from '../calendar.ts'
import { columnChart } from '../column-chart.ts'
import { fileName } from '../names.ts'
import { section } from '../section.ts'
import { counted, sentence, spoken } from '../words.ts'
import { mainYears } from '../years.ts'

/** More years than this are drawn as decades, and of more than this the calendar shows the last. */
const mostYears = 40

/** When it was taken: by year, by month, by hour. */
export function dates(statistics: Statistics): Html | string {
  const { dates: found, totals } = statistics
  const { dated, undated, oldest, newest, months, hours } = found
  if (dated === 0) return 'No file tells when it was taken.'
  const { years, strays } = mainYears(found.years)
  const busiest = years.reduce((best, year) => (year.files > best.files ? year : best))
  const text = [
    oldest && newest && oldest.path !== newest.path
      ? html`The oldest file is of ${dayOf(oldest.takenAt)} (${fileName(statistics, oldest.path)}), the newest of ${dayOf(newest.takenAt)} (${fileName(statistics, newest.path)}).`
      : undefined,
    years.length > 1
      ? `The busiest year was ${busiest.year} with ${counted(busiest.files, 'file')}, ${spoken(busiest.files / dated)} of all that are dated.`
      : undefined,
    strays > 0
      ? `${counted(strays, 'file tells', 'files tell')} of years far from all others, as clocks do that were never set.`
      : undefined,
    undated > 0
      ? `${sentence(spoken(undated / totals.files))} (${counted(undated, 'file')}) ${undated === 1 ? 'does' : 'do'} not tell a date.`
      : 'Every file tells its date.',
  ]
  const counted24 = hours.reduce((sum, files) => sum + files, 0)
  return section(
    'dates',
    'When it was taken',
    text,
    columnChart({
      id: 'years',
      title: isLong(years) ? 'Files by decade' : 'Files by year',
      description: `From ${years[0]?.year} to ${years.at(-1)?.year}; the most, ${busiest.files}, in ${busiest.year}.`,
      of: isLong(years) ? 'Decade' : 'Year',
      counts: 'Files',
      columns: isLong(years) ? decades(years) : withGaps(years),
    }),
    months.length > 0 && calendar('months', 'Files by month', lastYears(months)),
    counted24 > 0 &&
      columnChart({
        id: 'hours',
        title: 'Files by hour of the day',
        description: 'By the clock of the camera, from midnight to midnight.',
        of: 'Hour',
        counts: 'Files',
        columns: hours.map((value, hour) => ({ label: `${hour} h`, value })),
        height: 150,
        labels: 8,
      }),
  )
}

type Years = Statistics['dates']['years']

const isLong = (years: Years): boolean => (years.at(-1)?.year ?? 0) - (years[0]?.year ?? 0) >= mostYears

/** All years from the first to the last, so that a pause is seen as one. */
function withGaps(years: Years) {
  const files = new Map(years.map(({ year, files: count }) => [year, count]))
  const [first = 0, last = 0] = [years[0]?.year, years.at(-1)?.year]
  return Array.from({ length: last - first + 1 }, (_, at) => ({
    label: String(first + at),
    value: files.get(first + at) ?? 0,
  }))
}

/** Decades with files only: a wrong clock can write any year up to 9999. */
function decades(years: Years) {
  const counts = new Map<number, number>()
  for (const { year, files } of years) {
    const decade = Math.floor(year / 10) * 10
    counts.set(decade, (counts.get(decade) ?? 0) + files)
  }
  return [...counts].map(([decade, value]) => ({ label: `${decade}s`, value })).slice(-mostYears)
}

function lastYears(months: Statistics['dates']['months']) {
  const years = [...new Set(months.map(({ month }) => month.slice(0, 4)))].slice(-mostYears)
  return months.filter(({ month }) => years.includes(month.slice(0, 4)))
}

/** `2024-07-03T12:00:00` as `3 July 2024`; no more precise than it is. */
function dayOf(takenAt: string): string {
  const [year = '', month, day] = takenAt.slice(0, 10).split('-')
  if (month === undefined) return year
  return day === undefined ? monthName(`${year}-${month}`) : `${Number(day)} ${monthName(`${year}-${month}`)}`
}
