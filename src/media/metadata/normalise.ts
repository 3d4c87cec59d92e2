import type { Metadata, MetadataTagValue } from '../metadata.ts'
import { isoDate, quicktimeDate } from './dates.ts'
import { listField, numberField, sources, textField, valuesOf } from './fields.ts'
import type { FoundGroups } from './found.ts'
import { iptcDate } from './iptc.ts'
import { gpsOf } from './place.ts'
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
    rating: ratingOf(values('rating')),
    creator: text('creator'),
    copyright: text('copyright'),
    // The program that wrote the sidecar has not touched the picture.
    software: textField(valuesOf({ ...groups, sidecar: {} }, sources.software, isIptcNewer)),
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

/** The first that is one decides, also when it is 0: then the stars were taken away, whatever other places still say. */
const ratingOf = (values: readonly MetadataTagValue[]): number | undefined =>
  numberField(values, (value) => value === -1 || (value >= 0 && value <= 5)) || undefined

function takenAt(groups: FoundGroups, isIptcNewer: boolean): string | undefined {
  const text = (group: string, name: string): string | undefined => {
    const value = groups[group]?.[name]?.value
    return value === undefined ? undefined : String(value)
  }
  const partsIn = (kind: string, ...places: readonly string[]) => {
    const found = (name: string) => places.map((group) => text(group, `${name}${kind}`)).find(Boolean)
    return { subSeconds: found('SubSecTime'), offset: found('OffsetTime') }
  }
  // Photoshop moves what it does not know from Exif to XMP, under the same names.
  const parts = (kind: string) => partsIn(kind, 'exif', 'xmp')
  const exif = (name: string, kind: string) => isoDate(text('exif', name), parts(kind))
  const xmp = (group = 'xmp', partsOf = parts) =>
    isoDate(text(group, 'DateTimeOriginal'), partsOf('Original')) ??
    isoDate(text(group, 'DateCreated')) ??
    isoDate(text(group, 'DateTimeDigitized'), partsOf('Digitized')) ??
    isoDate(text(group, 'CreateDate'))
  const iptc = () =>
    isoDate(iptcDate(text('iptc', 'DateCreated'), text('iptc', 'TimeCreated'))) ??
    isoDate(iptcDate(text('iptc', 'DigitalCreationDate'), text('iptc', 'DigitalCreationTime')))
  return (
    xmp('sidecar', (kind) => partsIn(kind, 'sidecar')) ??
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
  const { Flash: told } = { ...groups.xmp, ...groups.sidecar }
  const fired = /\bFired: (true|false)/i.exec(String(told?.value ?? told?.shown ?? ''))?.[1]
  return fired === undefined ? undefined : fired.toLowerCase() === 'true'
}
