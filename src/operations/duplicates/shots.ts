/**
 * Whether the capture times of two pictures make them two exposures: frames of a burst, a series, a bracketing. Both must
 * tell to the second when they were taken. Times that are whole quarters of an hour apart, up to 14 hours, are one moment
 * told by the clocks of two time zones.
 */
export function areSeparateShots(one: Moment | undefined, other: Moment | undefined): boolean {
  if (one === undefined || other === undefined) return false
  // One may tell hundredths where the other, saved by another program, ends with the seconds.
  const digits = Math.min(one.fraction.length, other.fraction.length)
  if (one.fraction.slice(0, digits) !== other.fraction.slice(0, digits)) return true
  const apartSeconds = Math.abs(one.seconds - other.seconds)
  return apartSeconds % 900 !== 0 || apartSeconds > 14 * 3600
}

/** A moment on a camera's own clock. */
export interface Moment {
  /** Since 1970, as if the clock showed UTC. */
  readonly seconds: number
  /** Digits behind the seconds, as many as are told. */
  readonly fraction: string
}

/** The moment of an ISO 8601 time, its offset left aside; undefined where not even the second is told. */
export function momentOf(takenAt: string | undefined): Moment | undefined {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?/.exec(takenAt ?? '')
  const milliseconds = Date.parse(`${parts?.[1]}Z`)
  return Number.isNaN(milliseconds) ? undefined : { seconds: milliseconds / 1000, fraction: parts?.[2] ?? '' }
}
