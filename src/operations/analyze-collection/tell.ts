import { formatBytes } from '../../units.ts'
import { visible } from '../html.ts'
import { counted, listed, percent } from './report/words.ts'
import { mainYears } from './report/years.ts'
import type { Statistics } from './statistics.ts'

/** The statistics in a few lines for a terminal; the report has the rest. */
export function tellStatistics(statistics: Statistics): string[] {
  const { totals, formats, cameras, dates, quality, problems, duplicates, forecast } = statistics
  const { years } = mainYears(dates.years)
  const [first, last] = [years[0]?.year, years.at(-1)?.year]
  const { savedBytes, lowBytes = 0, highBytes = 0 } = forecast
  const lines: (string | false)[] = [
    `${counted(totals.files, 'file')}, ${formatBytes(totals.bytes)}${first === undefined ? '' : `, ${first === last ? first : `${first}–${last}`}`}`,
    formats.length > 0 && `formats: ${listed(formats.slice(0, 6).map((row) => `${row.format} ${row.files}`))}`,
    cameras.top.length > 0 &&
      `cameras: ${listed(cameras.top.slice(0, 4).map(({ name, files }) => `${visible(name)} ${files}`))}`,
    quality.median !== undefined &&
      `quality: median score ${quality.median}, ${percent(quality.flawless / quality.judged)} without a flaw`,
    duplicates.files > 0 && `byte copies: ${counted(duplicates.files, 'file')}, ${formatBytes(duplicates.bytes)}`,
    savedBytes !== undefined &&
      `optimising would save about ${formatBytes(savedBytes)} (${formatBytes(lowBytes)} to ${formatBytes(highBytes)}), from ${counted(forecast.tried, 'trial')}`,
    problems.files > 0 && `something failed on ${counted(problems.files, 'file')}`,
  ]
  return lines.filter((line) => line !== false)
}
