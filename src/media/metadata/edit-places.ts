import type { MetadataEdits } from '../media.ts'
import type { ExiftoolEdits } from './exiftool.ts'

/** Where a field is written, by exiftool's groups. */
interface Places {
  readonly always: string
  /** Written where the file has IPTC. */
  readonly iptc?: string
  /** Written where the file has Exif, as the Metadata Working Group asks. */
  readonly exif?: string
  /** Kept in step where they are. */
  readonly present: readonly string[]
}

const titlePlaces: Places = {
  always: 'XMP-dc:Title',
  iptc: 'IPTC:ObjectName',
  present: ['IFD0:XPTitle', 'PNG:Title', 'Keys:Title', 'Keys:DisplayName', 'ItemList:Title', 'UserData:Title'],
}
const descriptionPlaces: Places = {
  always: 'XMP-dc:Description',
  iptc: 'IPTC:Caption-Abstract',
  exif: 'IFD0:ImageDescription',
  present: ['IFD0:XPComment', 'PNG:Description', 'Keys:Description', 'ItemList:Description', 'UserData:Description'],
}
const keywordPlaces: Places = {
  always: 'XMP-dc:Subject',
  iptc: 'IPTC:Keywords',
  present: ['Keys:Keywords', 'ItemList:Keyword', 'UserData:Keywords'],
}
/** Trees and copies of keywords: programs would bring the old words back from them. */
const keywordCopies = [
  'IFD0:XPKeywords',
  'XMP-lr:HierarchicalSubject',
  'XMP-lr:WeightedFlatSubject',
  'XMP-digiKam:TagsList',
  'XMP-microsoft:LastKeywordXMP',
  'XMP-microsoft:LastKeywordIPTC',
  'XMP-mediapro:CatalogSets',
  'XMP-acdsee:Categories',
]
const gpsPlaces = [
  'GPS:all',
  'XMP:*GPS*',
  'XMP-LocationCreated:all',
  'Keys:GPSCoordinates',
  'Keys:Location*',
  'ItemList:GPSCoordinates',
  'UserData:GPSCoordinates',
  'UserData:LocationInformation',
]

/** Stars as Windows counts them, of a hundred. */
const percentOf: Readonly<Record<number, number>> = { 0: 0, 1: 1, 2: 25, 3: 50, 4: 75, 5: 99 }

/** The tags to be written for what shall be changed; `told` are the keys of what exiftool read in the file. */
export function placesOfEdits(edits: MetadataEdits, told: readonly string[], hasIptc: boolean): ExiftoolEdits {
  const { rating, title, description, keywords, stripGps } = edits
  const isThere = (name: string) => told.some((key) => key === name || key.endsWith(`:${name}`))
  const hasExif = told.some((key) => key.startsWith('EXIF:'))
  const writeTo = <Value>(places: Places, value: Value): Record<string, Value> => {
    const { always, iptc, exif, present } = places
    const names = [
      always,
      ...(hasIptc && iptc ? [iptc] : []),
      ...(hasExif && exif ? [exif] : []),
      ...present.filter(isThere),
    ]
    return Object.fromEntries(names.map((name) => [name, value]))
  }
  const textOrNothing = (text: string) => (text === '' ? null : text)
  return {
    ...(title === undefined ? {} : writeTo(titlePlaces, textOrNothing(title))),
    ...(description === undefined ? {} : writeTo(descriptionPlaces, textOrNothing(description))),
    ...(keywords === undefined ? {} : writeTo(keywordPlaces, keywords.length > 0 ? keywords : null)),
    ...(keywords === undefined ? {} : nothingAt(keywordCopies.filter(isThere))),
    ...(rating === undefined ? {} : ratingPlaces(rating, isThere)),
    ...(stripGps ? nothingAt(gpsPlaces) : {}),
  }
}

const nothingAt = (names: readonly string[]): ExiftoolEdits => Object.fromEntries(names.map((name) => [name, null]))

function ratingPlaces(rating: number, isThere: (name: string) => boolean): ExiftoolEdits {
  const stars = rating > 0 ? rating : null
  const percent = percentOf[rating] || null
  const present: Record<string, number | null> = {
    'IFD0:Rating': stars,
    'IFD0:RatingPercent': percent,
    'XMP-microsoft:RatingPercent': percent,
    'Keys:UserRating': stars,
  }
  const kept = Object.entries(present).filter(([name]) => isThere(name))
  return { 'XMP-xmp:Rating': rating === 0 ? null : rating, ...Object.fromEntries(kept) }
}
