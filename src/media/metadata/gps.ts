import type { Metadata } from '../metadata.ts'
import { isoDate } from './dates.ts'

type Place = NonNullable<Metadata['gps']>

/** A place by its two coordinates, when both are there and on the globe; 0/0 counts only when the file names hemispheres. */
export function placeOf(
  latitude: number | undefined,
  longitude: number | undefined,
  altitude: number | undefined,
  hasHemispheres: boolean,
): Place {
  const place: Place = {}
  if (isWithin(latitude, 90) && isWithin(longitude, 180) && (hasHemispheres || latitude !== 0 || longitude !== 0)) {
    place.latitude = rounded(latitude)
    place.longitude = rounded(longitude)
  }
  // An altitude of 0 without a position is what receivers write before they know where they are.
  if (isWithin(altitude, 100_000) && (altitude !== 0 || place.latitude !== undefined))
    place.altitude = rounded(altitude)
  return place
}

const isWithin = (value: number | undefined, bound: number): value is number =>
  value !== undefined && Number.isFinite(value) && Math.abs(value) <= bound

/** Ten billionths of a degree are a hundredth of a millimetre; further digits are noise of binary fractions. */
const rounded = (value: number): number => Math.round(value * 1e10) / 1e10

/** Degrees, minutes and seconds as one number of degrees, negative for south and west. */
export function degreesOf(parts: readonly number[], hemisphere: string | undefined): number | undefined {
  const [degrees, minutes = 0, seconds = 0] = parts
  if (degrees === undefined || !parts.every(Number.isFinite)) return undefined
  return (degrees + minutes / 60 + seconds / 3600) * (/^[SW]/i.test(hemisphere ?? '') ? -1 : 1)
}

/** The coordinates of XMP: `48,49.3242N`, `48,49,19.4N`, or a plain number. */
export function xmpDegrees(text: string | undefined): number | undefined {
  const match = /^(\d+),(\d+(?:\.\d+)?)(?:,(\d+(?:\.\d+)?))?([NSEW])$/i.exec(text ?? '')
  if (match) return degreesOf([match[1], match[2], match[3] ?? '0'].map(Number), match[4])
  return text !== undefined && /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined
}

/** The place of ISO 6709 as phones write it into films: `+48.8220+002.3985+047.590/`; degrees, or with minutes and seconds. */
export function iso6709(text: string | undefined): Place {
  const match = /^([+-]\d+(?:\.\d+)?)([+-]\d+(?:\.\d+)?)([+-]\d+(?:\.\d+)?)?/.exec(text ?? '')
  if (!match) return {}
  const [latitude = '', longitude = '', altitude] = match.slice(1) as (string | undefined)[]
  // Films without a fix hold zeros.
  return placeOf(sexagesimal(latitude, 2), sexagesimal(longitude, 3), altitude ? Number(altitude) : undefined, false)
}

/** More digits than degrees need are minutes, then seconds. */
function sexagesimal(text: string, degreeDigits: number): number {
  const [, sign, digits = '', fraction = ''] = /^([+-])(\d+)(\.\d+)?$/.exec(text) ?? []
  const factor = sign === '-' ? -1 : 1
  if (digits.length <= degreeDigits) return factor * Number(digits + fraction)
  const degrees = Number(digits.slice(0, degreeDigits))
  const rest = digits.slice(degreeDigits)
  if (rest.length <= 2) return factor * (degrees + Number(rest + fraction) / 60)
  return factor * (degrees + Number(rest.slice(0, 2)) / 60 + Number(rest.slice(2) + fraction) / 3600)
}

/** Day and time of the satellites, which is always UTC. */
export function satelliteTime(day: string | undefined, time: readonly number[]): string | undefined {
  const [hours, minutes, seconds = 0] = time
  if (hours === undefined || minutes === undefined || !time.every(Number.isFinite)) return undefined
  const two = (value: number) => String(Math.trunc(value)).padStart(2, '0')
  const fraction = /\.\d{1,6}/.exec(seconds.toFixed(6).replace(/\.?0+$/, ''))?.[0] ?? ''
  const taken = isoDate(`${day ?? ''} ${two(hours)}:${two(minutes)}:${two(seconds)}${fraction}Z`)
  // The zeros of Unix and of the satellites: the receiver did not know the time.
  return taken && /^(1970-01-01|1980-01-06)T00:00:00/.test(taken) ? undefined : taken
}
