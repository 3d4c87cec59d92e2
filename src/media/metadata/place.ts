import type { Metadata } from '../metadata.ts'
import { isoDate } from './dates.ts'
import { numberOf } from './fields.ts'
import type { FoundGroup, FoundGroups } from './found.ts'
import { degreesOf, iso6709, placeOf, satelliteTime, xmpDegrees } from './gps.ts'

type Place = NonNullable<Metadata['gps']>

/** Where it was: sidecar, Exif, XMP, films, and what only a deep read finds. Coordinates and height are of one source. */
export function gpsOf({
  sidecar = {},
  exif = {},
  xmp = {},
  quicktime = {},
  film = {},
  composite = {},
}: FoundGroups): Place {
  const location = quicktime['location.ISO6709']?.value ?? film.location?.value
  const deep = (name: string) => numberOf(composite[name]?.value)
  const fromExif = exifPlace(exif)
  const fromXmp = xmpPlace(xmp)
  const places = [
    xmpPlace(sidecar),
    fromExif,
    fromXmp,
    iso6709(location === undefined ? undefined : String(location)),
    placeOf(deep('GPSLatitude'), deep('GPSLongitude'), deep('GPSAltitude'), false),
  ]
  const taken = xmpTime(sidecar) ?? exifTime(exif) ?? xmpTime(xmp)
  const whole = places.find(({ latitude }) => latitude !== undefined)
  // Without any position, a height alone is still worth telling.
  return { ...(whole ?? { ...fromExif, ...fromXmp }), ...(taken === undefined ? {} : { takenAt: taken }) }
}

function exifPlace(exif: FoundGroup): Place {
  const ref = (name: string) => (exif[name] ? String(exif[name].value) : undefined)
  const south = ref('GPSLatitudeRef')
  const west = ref('GPSLongitudeRef')
  return placeOf(
    degreesOf(numbersIn(exif, 'GPSLatitude'), south),
    degreesOf(numbersIn(exif, 'GPSLongitude'), west),
    below(numbersIn(exif, 'GPSAltitude')[0], ref('GPSAltitudeRef')),
    /[NS]/i.test(south ?? '') && /[EW]/i.test(west ?? ''),
  )
}

function xmpPlace(xmp: FoundGroup): Place {
  const of = (name: string) => (xmp[name] ? String(xmp[name].value) : undefined)
  return placeOf(
    xmpDegrees(of('GPSLatitude')),
    xmpDegrees(of('GPSLongitude')),
    below(numberOf(of('GPSAltitude')), of('GPSAltitudeRef')),
    /[NS]/i.test(of('GPSLatitude') ?? ''),
  )
}

const below = (altitude: number | undefined, sea: string | undefined): number | undefined =>
  altitude !== undefined && sea === '1' ? -Math.abs(altitude) : altitude

const exifTime = (exif: FoundGroup): string | undefined =>
  satelliteTime(exif.GPSDateStamp && String(exif.GPSDateStamp.value), numbersIn(exif, 'GPSTimeStamp'))

/** Satellites know UTC only: a missing offset is no doubt, and another one is taken back. */
function xmpTime({ GPSTimeStamp: stamp }: FoundGroup): string | undefined {
  const time = isoDate(stamp && String(stamp.value), { offset: 'Z' })
  if (!time || !/[+-]\d\d:\d\d$/.test(time)) return time
  return new Date(time).toISOString().replace('.000Z', 'Z')
}

function numbersIn(group: FoundGroup, name: string): number[] {
  const value = group[name]?.value
  return (Array.isArray(value) ? value : value === undefined ? [] : [value]).map((item) => numberOf(item) ?? Number.NaN)
}
