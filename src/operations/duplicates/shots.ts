import type { Subject } from './subjects.ts'

/**
 * Whether two pictures say of themselves that they are two exposures: frames of a burst, a series, a bracketing. Both must
 * tell to the second when they were taken. Times that are whole quarters of an hour apart, up to 14 hours, are one moment
 * told by the clocks of two time zones.
 */
export function areSeparateShots(one: Subject, other: Subject): boolean {
  const [time, otherTime] = [momentOf(one.takenAt), momentOf(other.takenAt)]
  if (time === undefined || otherTime === undefined) return false
  // One may tell hundredths where the other, saved by another program, ends with the seconds.
  const digits = Math.min(time.fraction.length, otherTime.fraction.length)
  if (time.fraction.slice(0, digits) !== otherTime.fraction.slice(0, digits)) return true
  const apartSeconds = Math.abs(time.seconds - otherTime.seconds)
  return apartSeconds % 900 !== 0 || apartSeconds > 14 * 3600
}

/** The moment on the camera's own clock; undefined where not even the second is told. */
function momentOf(takenAt: string | undefined): { seconds: number; fraction: string } | undefined {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?/.exec(takenAt ?? '')
  const milliseconds = Date.parse(`${parts?.[1]}Z`)
  return Number.isNaN(milliseconds) ? undefined : { seconds: milliseconds / 1000, fraction: parts?.[2] ?? '' }
}
