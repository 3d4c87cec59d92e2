import type { MetadataTagValue } from '../metadata.ts'
import type { FoundGroups } from './found.ts'

/** Where a field is looked for: group and name, in this order; the first that holds something wins. */
export type Sources = readonly string[]

/** Which tags feed which field. docs/metadata.md explains the order. */
export const sources = {
  make: ['exif.Make', 'xmp.Make', 'quicktime.make', 'film.make', 'film.com.android.manufacturer'],
  model: ['exif.Model', 'xmp.Model', 'quicktime.model', 'film.model', 'film.com.android.model'],
  serial: [
    'exif.BodySerialNumber',
    'exif.CameraSerialNumber',
    'xmp.SerialNumber',
    'xmp.BodySerialNumber',
    'makernotes.SerialNumber',
    'makernotes.InternalSerialNumber',
  ],
  lens: [
    'exif.LensModel',
    'xmp.LensModel',
    'xmp.Lens',
    'composite.LensID',
    'makernotes.LensModel',
    'makernotes.LensType',
    'quicktime.camera.lens_model',
  ],

  time: ['exif.ExposureTime', 'xmp.ExposureTime'],
  fNumber: ['exif.FNumber', 'xmp.FNumber'],
  iso: [
    'exif.ISOSpeedRatings',
    'exif.PhotographicSensitivity',
    'exif.RecommendedExposureIndex',
    'exif.ISOSpeed',
    'xmp.ISOSpeedRatings',
    'xmp.PhotographicSensitivity',
    'makernotes.ISO',
    'composite.ISO',
  ],
  focalLength: ['exif.FocalLength', 'xmp.FocalLength'],
  focalLength35mm: [
    'exif.FocalLengthIn35mmFilm',
    'xmp.FocalLengthIn35mmFilm',
    'quicktime.camera.focal_length.35mm_equivalent',
  ],
  bias: ['exif.ExposureBiasValue', 'xmp.ExposureBiasValue'],

  title: [
    'xmp.title',
    'iptc.ObjectName',
    'exif.XPTitle',
    'xmp.Headline',
    'iptc.Headline',
    'png.Title',
    'quicktime.title',
    'quicktime.displayname',
    'film.title',
  ],
  description: [
    'exif.ImageDescription',
    'xmp.description',
    'iptc.Caption-Abstract',
    'exif.XPComment',
    'png.Description',
    'quicktime.description',
    'film.description',
    'film.synopsis',
  ],
  keywords: ['xmp.subject', 'iptc.Keywords', 'exif.XPKeywords', 'quicktime.keywords', 'film.keywords'],
  rating: ['xmp.Rating', 'exif.Rating', 'quicktime.rating.user'],
  creator: [
    'exif.Artist',
    'xmp.creator',
    'iptc.By-line',
    'exif.XPAuthor',
    'png.Author',
    'quicktime.artist',
    'quicktime.author',
    'film.artist',
    'film.author',
  ],
  copyright: [
    'exif.Copyright',
    'xmp.rights',
    'iptc.CopyrightNotice',
    'png.Copyright',
    'quicktime.copyright',
    'film.copyright',
  ],
  software: [
    'exif.Software',
    'xmp.Software',
    'xmp.CreatorTool',
    'iptc.OriginatingProgram',
    'png.Software',
    'quicktime.software',
    'film.software',
    'film.encoder',
  ],
} as const satisfies Record<string, Sources>

/**
 * All values that the named places hold, best first. What the sidecar says of an XMP tag goes before everything in the
 * file. IPTC changes places with the XMP tag in front of it when it was edited later.
 */
export function valuesOf(groups: FoundGroups, from: Sources, isIptcNewer = false): MetadataTagValue[] {
  const beside = from.filter(isXmp).map((source) => source.replace('xmp.', 'sidecar.'))
  return [...beside, ...(isIptcNewer ? iptcFirst(from) : from)].flatMap((source) => {
    const value = valueAt(groups, source)
    return value === undefined ? [] : [value]
  })
}

const isXmp = (source: string): boolean => source.startsWith('xmp.')

function iptcFirst(from: Sources): Sources {
  const ordered = [...from]
  for (const [at, source] of from.entries()) {
    const before = from[at - 1]
    if (source.startsWith('iptc.') && before !== undefined && isXmp(before)) ordered.splice(at - 1, 2, source, before)
  }
  return ordered
}

function valueAt(groups: FoundGroups, source: string): MetadataTagValue | undefined {
  const dot = source.indexOf('.')
  return groups[source.slice(0, dot)]?.[source.slice(dot + 1)]?.value
}

/** The first text among the values; lists are joined by "; ". */
export function textField(values: readonly MetadataTagValue[]): string | undefined {
  return values
    .map((value) => (Array.isArray(value) ? value.join('; ') : String(value)))
    .find((text) => text.trim() !== '')
}

/** The first number among the values that passes; texts may be fractions (`1/125`), of lists the first item counts. */
export function numberField(
  values: readonly MetadataTagValue[],
  isFit: (value: number) => boolean = (value) => value > 0,
): number | undefined {
  return values
    .map((value) => numberOf(Array.isArray(value) ? value[0] : value))
    .find((value) => value !== undefined && isFit(value))
}

/** A number as media write it: plain, or as a fraction; undefined for anything else. */
export function numberOf(value: MetadataTagValue | undefined): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value !== 'string') return undefined
  const [, above, below = '1'] = /^\s*([+-]?\d+(?:\.\d+)?)(?:\/(\d+))?\s*$/.exec(value) ?? []
  const number = above === undefined ? Number.NaN : Number(above) / Number(below)
  return Number.isFinite(number) ? number : undefined
}

/** Whole lists; a single text of several keywords is split at semicolons, and each word stands once. */
export function listField(values: readonly MetadataTagValue[]): string[] | undefined {
  for (const value of values) {
    const words = (Array.isArray(value) ? value : String(value).split(/[;\0]/)).map((word) => String(word).trim())
    const unique = [...new Set(words.filter((word) => word !== ''))]
    if (unique.length > 0) return unique
  }
  return undefined
}
