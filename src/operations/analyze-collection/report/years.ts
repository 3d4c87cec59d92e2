import type { Statistics } from '../statistics.ts'

type Years = Statistics['dates']['years']

/** Clocks that were never set put a few files many years away: at most this share of them … */
const strayShare = 0.01
/** … at least so many years from all others. */
const strayYears = 8

/** The years without those that stray clocks claim, and how many files claim them. */
export function mainYears(years: Years): { years: Years; strays: number } {
  const total = years.reduce((sum, { files }) => sum + files, 0)
  let [first, last, strays] = [0, years.length - 1, 0]
  const isStray = (gone: number, gap: number) => gone <= strayShare * total && gap >= strayYears
  for (let [at, gone] = [0, 0]; at < years.length - 1; at++) {
    gone += years[at]?.files ?? 0
    if (!isStray(gone, (years[at + 1]?.year ?? 0) - (years[at]?.year ?? 0))) continue
    first = at + 1
    strays = gone
  }
  for (let [at, gone] = [years.length - 1, strays]; at > first; at--) {
    gone += years[at]?.files ?? 0
    if (!isStray(gone, (years[at]?.year ?? 0) - (years[at - 1]?.year ?? 0))) continue
    last = at - 1
    strays = gone
  }
  return { years: years.slice(first, last + 1), strays }
}
