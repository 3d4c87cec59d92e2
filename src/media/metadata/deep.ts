import { type ExiftoolValue, readWithExiftool } from './exiftool.ts'
import type { FoundGroup, FoundGroups, FoundTag } from './found.ts'
import { cleanText } from './text.ts'

/** Tags that exiftool names differently than the standards do, by its family. */
const renamed: Record<string, Record<string, string>> = {
  exif: {
    ISO: 'ISOSpeedRatings',
    CreateDate: 'DateTimeDigitized',
    ModifyDate: 'DateTime',
    ExposureCompensation: 'ExposureBiasValue',
    FocalLengthIn35mmFormat: 'FocalLengthIn35mmFilm',
    SerialNumber: 'BodySerialNumber',
    InteropIndex: 'InteroperabilityIndex',
    ExifImageWidth: 'PixelXDimension',
    ExifImageHeight: 'PixelYDimension',
  },
  xmp: { Subject: 'subject', Title: 'title', Description: 'description', Creator: 'creator', Rights: 'rights' },
  quicktime: {
    CreationDate: 'creationdate',
    Make: 'make',
    Model: 'model',
    Software: 'software',
    Title: 'title',
    Artist: 'artist',
    Author: 'author',
    Description: 'description',
    Keywords: 'keywords',
    Copyright: 'copyright',
    LensModel: 'camera.lens_model',
  },
}
/** The second directory describes the thumbnail, not the picture. */
const skippedGroups = /^(IFD1|System)$/

/** What exiftool knows of a file, in the groups of the quick reader and with maker notes; throws as `readWithExiftool`. */
export async function readDeep(path: string): Promise<FoundGroups> {
  const groups: FoundGroups = {}
  for (const [key, told] of Object.entries(await readWithExiftool(path))) {
    const [family = '', group = '', name = group] = key.split(':')
    if (!key.includes(':') || family === 'ExifTool' || skippedGroups.test(group)) continue
    const ours = family.toLowerCase()
    const found = namedInWords.test(name) ? inWords(told) : foundOf(told)
    if (!found) continue
    const into: FoundGroup = groups[ours] ?? {}
    groups[ours] = into
    into[renamed[ours]?.[name] ?? name] ??= found
  }
  return groups
}

/** Codes that only exiftool's tables can name: the number alone says nothing to anybody. */
const namedInWords = /^(LensID|LensType)$/

const inWords = ({ val }: ExiftoolValue): FoundTag | undefined => {
  const value = scalarOf(val)
  return typeof value === 'string' ? { value } : undefined
}

function foundOf({ val, num = val }: ExiftoolValue): FoundTag | undefined {
  const value = scalarOf(num)
  const shown = scalarOf(val)
  if (value === undefined) return undefined
  return shown !== undefined && shown !== value && typeof shown === 'string' ? { value, shown } : { value }
}

function scalarOf(told: unknown): FoundTag['value'] | undefined {
  if (typeof told === 'number' || typeof told === 'boolean') return told
  if (Array.isArray(told))
    return told.flatMap((item) => (typeof item === 'number' ? item : (cleanText(String(item)) ?? [])))
  if (typeof told !== 'string' || told.startsWith('(Binary data')) return undefined
  return cleanText(told)
}
