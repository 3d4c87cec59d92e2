import type { Metadata, MetadataTagValue } from '../metadata.ts'
import { isoDate, quicktimeDate } from './dates.ts'
import { listField, numberField, numberOf, sources, textField, valuesOf } from './fields.ts'
import type { FoundGroups } from './found.ts'
import { degreesOf, iso6709, placeOf, satelliteTime, xmpDegrees } from './gps.ts'
import { iptcDate } from './iptc.ts'
import { isFiller } from './text.ts'

type Optional<T> = { [K in keyof T]?: T[K] | undefined }
type Fields = Omit<
  Metadata,
  'format' | 'tags' | 'width' | 'height' | 'orientation' | 'bitDepth' | 'pages' | 'durationMs' | 'colorSpace'
>

/** Makes the fields of an answer from the tags of all groups. */
export function normalise(groups: FoundGroups, isIptcNewer: boolean): Fields {
  const values = (name: keyof typeof sources) => valuesOf(groups, sources[name], isIptcNewer)
  const text = (name: keyof typeof sources) => textField(values(name))
  const camera = { make: text('make'), model: text('model'), serial: text('serial'), lens: lensOf(values('lens')) }
  const descriptions = values('description').filter((value) => !isFiller(String(value), camera))
  return withoutAbsent({
    takenAt: takenAt(groups, isIptcNewer),
    camera: orAbsent(camera),
    exposure: orAbsent({
      // The bounds leave out what broken firmware writes as all ones.
      time: numberField(values('time'), (value) => value > 0 && value < 1e7),
      fNumber: numberField(values('fNumber'), (value) => value > 0 && value < 1000),
      // 65535 says that the true value is too large for the tag, and stands in another one.
      iso: numberField(values('iso'), (value) => value > 0 && value < 1e7 && value !== 65535),
      focalLength: numberField(values('focalLength'), (value) => value > 0 && value < 1e5),
      focalLength35mm: numberField(values('focalLength35mm'), (value) => value > 0 && value < 1e5),
      bias: numberField(values('bias'), (value) => Math.abs(value) < 100),
      flash: flashOf(groups),
    }),
    gps: orAbsent(gpsOf(groups)),
    title: text('title'),
    description: textField(descriptions),
    keywords: listField(values('keywords')),
    rating: numberField(values('rating'), (value) => value === -1 || (value > 0 && value <= 5)),
    creator: text('creator'),
    copyright: text('copyright'),
    software: text('software'),
  }) as Fields
}

/** The object without absent members. */
export const withoutAbsent = <T extends object>(object: Optional<T>): T =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T

/** The object without absent members; undefined when nothing is left. */
function orAbsent<T extends object>(object: Optional<T>): T | undefined {
  const present = withoutAbsent(object)
  return Object.keys(present).length > 0 ? present : undefined
}

/** Lenses without electronics leave dashes, zeros or the word. */
const lensOf = (values: readonly MetadataTagValue[]): string | undefined =>
  textField(
    values.filter(
      (value) => typeof value === 'string' && !/^([-\s.]*|0+\.?0* ?mm.*|n\/?a|none|unknown.*|no lens)$/i.test(value),
    ),
  )

function takenAt(groups: FoundGroups, isIptcNewer: boolean): string | undefined {
  const text = (group: string, name: string): string | undefined => {
    const value = groups[group]?.[name]?.value
    return value === undefined ? undefined : String(value)
  }
  // Photoshop moves what it does not know from Exif to XMP, under the same names.
  const either = (name: string) => text('exif', name) ?? text('xmp', name)
  const parts = (kind: string) => ({ subSeconds: either(`SubSecTime${kind}`), offset: either(`OffsetTime${kind}`) })
  const exif = (name: string, kind: string) => isoDate(text('exif', name), parts(kind))
  const xmp = () =>
    isoDate(text('xmp', 'DateTimeOriginal'), parts('Original')) ??
    isoDate(text('xmp', 'DateCreated')) ??
    isoDate(text('xmp', 'DateTimeDigitized'), parts('Digitized')) ??
    isoDate(text('xmp', 'CreateDate'))
  const iptc = () =>
    isoDate(iptcDate(text('iptc', 'DateCreated'), text('iptc', 'TimeCreated'))) ??
    isoDate(iptcDate(text('iptc', 'DigitalCreationDate'), text('iptc', 'DigitalCreationTime')))
  return (
    exif('DateTimeOriginal', 'Original') ??
    exif('DateTimeDigitized', 'Digitized') ??
    (isIptcNewer ? (iptc() ?? xmp()) : (xmp() ?? iptc())) ??
    quicktimeDate(text('quicktime', 'creationdate')) ??
    quicktimeDate(text('film', 'creation_time')) ??
    // What only exiftool reads: trail cameras, AVI and AVCHD.
    isoDate(text('makernotes', 'DateTimeOriginal')) ??
    isoDate(text('riff', 'DateTimeOriginal')) ??
    isoDate(text('h264', 'DateTimeOriginal'))
  )
}

/** Bit 0 of Flash; in XMP a structure whose text names `Fired`. */
function flashOf(groups: FoundGroups): boolean | undefined {
  const flash = groups.exif?.Flash?.value
  if (typeof flash === 'number') return (flash & 1) === 1
  const fired = /\bFired: (true|false)/i.exec(String(groups.xmp?.Flash?.value ?? groups.xmp?.Flash?.shown ?? ''))?.[1]
  return fired === undefined ? undefined : fired.toLowerCase() === 'true'
}

function gpsOf({
  exif = {},
  xmp = {},
  quicktime = {},
  film = {},
  composite = {},
}: FoundGroups): NonNullable<Metadata['gps']> {
  const numbers = (name: string): number[] => {
    const value = exif[name]?.value
    return (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(
      (item) => numberOf(item) ?? Number.NaN,
    )
  }
  const ref = (name: string) => (exif[name] ? String(exif[name].value) : undefined)
  const taken =
    satelliteTime(ref('GPSDateStamp'), numbers('GPSTimeStamp')) ??
    // Satellites know UTC only, so a missing offset is no doubt.
    isoDate(xmp.GPSTimeStamp && String(xmp.GPSTimeStamp.value), { offset: 'Z' })
  const below = (altitude: number | undefined, sea: unknown) =>
    altitude === undefined ? undefined : String(sea) === '1' ? -Math.abs(altitude) : altitude
  const south = ref('GPSLatitudeRef')
  const west = ref('GPSLongitudeRef')
  const place = placeOf(
    degreesOf(numbers('GPSLatitude'), south),
    degreesOf(numbers('GPSLongitude'), west),
    below(numbers('GPSAltitude')[0], exif.GPSAltitudeRef?.value),
    /[NS]/i.test(south ?? '') && /[EW]/i.test(west ?? ''),
  )
  const time = taken && { takenAt: taken }
  if (place.latitude !== undefined) return { ...place, ...time }
  const of = (name: string) => (xmp[name] ? String(xmp[name].value) : undefined)
  const fromXmp = placeOf(
    xmpDegrees(of('GPSLatitude')),
    xmpDegrees(of('GPSLongitude')),
    below(numberOf(of('GPSAltitude')), of('GPSAltitudeRef')),
    /[NS]/i.test(of('GPSLatitude') ?? ''),
  )
  if (fromXmp.latitude !== undefined) return { ...fromXmp, ...time }
  const location = quicktime['location.ISO6709']?.value ?? film.location?.value
  const fromFilm = iso6709(location === undefined ? undefined : String(location))
  if (fromFilm.latitude !== undefined) return { ...fromFilm, ...time }
  const deep = (name: string) => numberOf(composite[name]?.value)
  const fromDeep = placeOf(deep('GPSLatitude'), deep('GPSLongitude'), deep('GPSAltitude'), false)
  return { ...place, ...fromXmp, ...fromDeep, ...time }
}
