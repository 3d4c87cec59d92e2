import { createHash } from 'node:crypto'
import type { FoundGroup } from './found.ts'
import { cleanText, textOf } from './text.ts'

/** The datasets of record 2 that say something to people; the numbers of IPTC-IIM 4.2. */
const names: Record<number, string> = {
  5: 'ObjectName',
  10: 'Urgency',
  15: 'Category',
  20: 'SupplementalCategories',
  25: 'Keywords',
  40: 'SpecialInstructions',
  55: 'DateCreated',
  60: 'TimeCreated',
  62: 'DigitalCreationDate',
  63: 'DigitalCreationTime',
  65: 'OriginatingProgram',
  70: 'ProgramVersion',
  80: 'By-line',
  85: 'By-lineTitle',
  90: 'City',
  92: 'Sub-location',
  95: 'Province-State',
  100: 'Country-PrimaryLocationCode',
  101: 'Country-PrimaryLocationName',
  103: 'OriginalTransmissionReference',
  105: 'Headline',
  110: 'Credit',
  115: 'Source',
  116: 'CopyrightNotice',
  118: 'Contact',
  120: 'Caption-Abstract',
  122: 'Writer-Editor',
}
const lists = new Set([20, 25, 80, 85, 118, 122])
const maxItems = 2000

/** Reads IPTC-IIM records; texts are UTF-8 when the envelope says so or when they are valid as such. */
export function readIptc(records: Buffer): FoundGroup {
  const group: FoundGroup = {}
  let at = 0
  for (let item = 0; item < maxItems && at + 5 <= records.length && records[at] === 0x1c; item++) {
    const record = records.readUInt8(at + 1)
    const dataset = records.readUInt8(at + 2)
    const length = records.readUInt16BE(at + 3)
    // Lengths above 32767 are for rasters; nothing that is wanted here.
    if (length > 0x7fff) break
    const name = record === 2 ? names[dataset] : undefined
    const text = name ? textOf(records.subarray(at + 5, at + 5 + length)) : undefined
    if (name && text) {
      const before = group[name]?.value
      if (lists.has(dataset)) group[name] = { value: [...(Array.isArray(before) ? before : []), text] }
      else if (before === undefined) group[name] = { value: text }
    }
    at += 5 + length
  }
  return group
}

/** Whether the records were changed after XMP was last written: then IPTC is to be believed. */
export function isIptcNewer(records: Buffer, digest: string | undefined): boolean {
  // All zeros: written by software that asks for IPTC to be ignored.
  if (!digest || /^0*$/.test(digest)) return false
  return createHash('md5').update(records).digest('hex') !== digest
}

/** Date and time of two IPTC texts (`20080229`, `160102+0100`) in one line that the reader of dates understands. */
export function iptcDate(date: string | undefined, time: string | undefined): string | undefined {
  const day = /^(\d{4})[-:]?(\d{2})[-:]?(\d{2})$/.exec(date ?? '')
  if (!day) return undefined
  const clock = /^(\d{2}):?(\d{2}):?(\d{2})\s*([+-]\d{2}:?\d{2}|Z)?$/.exec(cleanText(time ?? '') ?? '')
  const days = day.slice(1).join('-')
  return clock ? `${days}T${clock.slice(1, 4).join(':')}${clock[4] ?? ''}` : days
}
