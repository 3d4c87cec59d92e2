import { isUtf8 } from 'node:buffer'
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

/** Reads IPTC-IIM records; texts are UTF-8 when they are valid as such, else Windows-1252. */
export function readIptc(records: Buffer): FoundGroup {
  const group: FoundGroup = {}
  for (const { record, dataset, data } of datasetsOf(records)) {
    const name = record === 2 ? names[dataset] : undefined
    const text = name ? textOf(data) : undefined
    if (!name || !text) continue
    const before = group[name]?.value
    if (lists.has(dataset)) group[name] = { value: [...(Array.isArray(before) ? before : []), text] }
    else if (before === undefined) group[name] = { value: text }
  }
  return group
}

/** How the texts are encoded in truth: `declared` as UTF-8 or plain ASCII, `utf8` without saying so, or `latin`. */
export function iptcEncoding(records: Buffer): 'declared' | 'utf8' | 'latin' {
  const all = [...datasetsOf(records)]
  const isDeclared = all.some(({ record, dataset, data }) => record === 1 && dataset === 90 && data.equals(escapeUtf8))
  const texts = Buffer.concat(all.flatMap(({ record, data }) => (record === 2 ? [data, Buffer.from('\n')] : [])))
  if (isDeclared || texts.every((byte) => byte < 0x80)) return 'declared'
  return isUtf8(texts) ? 'utf8' : 'latin'
}

/** ISO 2022's name of UTF-8, as the envelope holds it. */
const escapeUtf8 = Buffer.from('\x1b%G', 'latin1')

function* datasetsOf(records: Buffer): Generator<{ record: number; dataset: number; data: Buffer }> {
  let at = 0
  for (let item = 0; item < maxItems && at + 5 <= records.length && records[at] === 0x1c; item++) {
    const length = records.readUInt16BE(at + 3)
    // Lengths above 32767 are for rasters; nothing that is wanted here.
    if (length > 0x7fff) break
    const data = records.subarray(at + 5, at + 5 + length)
    yield { record: records.readUInt8(at + 1), dataset: records.readUInt8(at + 2), data }
    at += 5 + length
  }
}

/** Whether the records were changed after XMP was last written: then IPTC is to be believed. */
export function isIptcNewer(records: Buffer, digest: string | undefined): boolean {
  // All zeros: written by software that asks for IPTC to be ignored.
  if (!digest || /^0*$/.test(digest)) return false
  return createHash('md5').update(records).digest('hex') !== digest
}

/** IPTC cuts texts at so many bytes; the same text stands whole in XMP. */
const cutTexts = [
  ['ObjectName', 64, 'title'],
  ['Caption-Abstract', 2000, 'description'],
  ['Keywords', 64, 'subject'],
  ['By-line', 32, 'creator'],
  ['CopyrightNotice', 128, 'rights'],
] as const

/** IPTC with the texts that it had to cut taken from XMP, where the beginning is the same. */
export function withWholeTexts(iptc: FoundGroup, xmp: FoundGroup): FoundGroup {
  const whole: FoundGroup = { ...iptc }
  for (const [name, limit, xmpName] of cutTexts) {
    const { value } = iptc[name] ?? {}
    const longer = [xmp[xmpName]?.value ?? []].flat().map(String)
    const restored = (text: string): string =>
      // A letter of several bytes is not cut in two.
      Buffer.byteLength(text) > limit - 4 ? (longer.find((one) => one.startsWith(text)) ?? text) : text
    if (Array.isArray(value)) whole[name] = { value: value.map((text) => restored(String(text))) }
    else if (typeof value === 'string') whole[name] = { value: restored(value) }
  }
  return whole
}

/** Date and time of two IPTC texts (`20080229`, `160102+0100`) in one line that the reader of dates understands. */
export function iptcDate(date: string | undefined, time: string | undefined): string | undefined {
  const day = /^(\d{4})[-:]?(\d{2})[-:]?(\d{2})$/.exec(date ?? '')
  if (!day) return undefined
  const clock = /^(\d{2}):?(\d{2}):?(\d{2})\s*([+-]\d{2}:?\d{2}|Z)?$/.exec(cleanText(time ?? '') ?? '')
  const days = day.slice(1).join('-')
  return clock ? `${days}T${clock.slice(1, 4).join(':')}${clock[4] ?? ''}` : days
}
