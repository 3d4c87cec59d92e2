const pattern =
  /^(\d{4})(?:[-:/.](\d{1,2})(?:[-:/.](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?)?)?)?$/i

/** The first photograph is of 1826; years before are counters and blank memories. */
const firstYear = 1826

/** What a file tells about a date besides the date. */
export interface DateParts {
  /** Digits behind the second, as Exif keeps them in a tag of their own. */
  readonly subSeconds?: string | undefined
  /** `+02:00`, as Exif keeps it in a tag of its own. */
  readonly offset?: string | undefined
}

/**
 * A date of any of the notations that media use as ISO 8601, no more precise than it was; undefined for blanks, zeros and
 * days that do not exist. An offset appears only when the text or `offset` has a valid one.
 */
export function isoDate(text: string | undefined, { subSeconds, offset }: DateParts = {}): string | undefined {
  const match = pattern.exec((text ?? '').trim())
  if (!match) return undefined
  const [year = '', month, day, hour, minute, second, fraction, zone] = match.slice(1) as (string | undefined)[]
  if (Number(year) < firstYear || !isDay(year, month, day) || !isTime(hour, minute, second)) return undefined
  const date = [year, month, day].flatMap((part) => part?.padStart(2, '0') ?? []).join('-')
  if (hour === undefined || minute === undefined) return date
  const behind = (fraction ?? /^\d+/.exec((subSeconds ?? '').trim())?.[0] ?? '').replace(/0{6,}$/, '')
  const clock = `${hour.padStart(2, '0')}:${minute}${second === undefined ? '' : `:${second}`}`
  return `${date}T${clock}${second !== undefined && behind ? `.${behind}` : ''}${zoneOf(zone) ?? zoneOf(offset) ?? ''}`
}

function isDay(year: string, month: string | undefined, day: string | undefined): boolean {
  if (month === undefined) return true
  const months = Number(month)
  if (months < 1 || months > 12) return false
  return (
    day === undefined || (Number(day) >= 1 && Number(day) <= new Date(Date.UTC(Number(year), months, 0)).getUTCDate())
  )
}

const isTime = (hour: string | undefined, minute: string | undefined, second: string | undefined): boolean =>
  Number(hour ?? 0) < 24 && Number(minute ?? 0) < 60 && Number(second ?? 0) < 60

/** Offsets reach from −12 to +14 hours. */
function zoneOf(text: string | undefined): string | undefined {
  const trimmed = (text ?? '').trim()
  if (/^(Z|UTC)$/i.test(trimmed)) return 'Z'
  const [, sign, hours = '', minutes = ''] = /^([+-])(\d{2}):?(\d{2})$/.exec(trimmed) ?? []
  return sign && Number(hours) <= 14 && Number(minutes) < 60 ? `${sign}${hours}:${minutes}` : undefined
}

/** Creation time of QuickTime and MP4 by `isoDate`; its zero, 1904, and that of Unix mean that the clock was never set. */
export function quicktimeDate(text: string | undefined): string | undefined {
  const date = isoDate(text)
  return date && /^(1904-01-01|1970-01-01T00:00:00)/.test(date) ? undefined : date
}
