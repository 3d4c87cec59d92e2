import { KiB } from '../../units.ts'
import type { MetadataTags, MetadataTagValue } from '../metadata.ts'
import type { FoundGroups } from './found.ts'

/** An answer holds the tags of one file; a million of them have to fit into a catalog. */
const totalBytes = 32 * KiB
const longestText = 1024
const longestList = 64
const cut = '…'
/** Long runs of letters without a blank are pictures and tables in Base64 or hex. */
const blob = /^[\w+/=\r\n-]{513,}$/

/** The tags of an answer: safe as JSON, long values cut with `…`, and no more than 32 kB; `…` counts the tags left out. */
export function shownTags(groups: FoundGroups): MetadataTags {
  const tags: MetadataTags = {}
  let left = totalBytes
  let omitted = 0
  for (const [group, found] of Object.entries(groups)) {
    const shown: Record<string, MetadataTagValue> = {}
    for (const [name, tag] of Object.entries(found)) {
      const value = shortened(tag.shown ?? tag.value)
      if (value === undefined) continue
      const size = Buffer.byteLength(name) + Buffer.byteLength(JSON.stringify(value)) + 4
      // Names come from the file: this one would change the object instead of being kept in it.
      if (size > left || name === '__proto__') omitted++
      else {
        left -= size
        shown[name] = value
      }
    }
    if (Object.keys(shown).length > 0) tags[group] = shown
  }
  if (omitted > 0) tags[cut] = { omitted }
  return tags
}

function shortened(value: MetadataTagValue): MetadataTagValue | undefined {
  if (typeof value === 'string') return shortText(value)
  if (!Array.isArray(value)) return value
  const items = value
    .slice(0, longestList)
    .flatMap((item) => (typeof item === 'string' ? (shortText(item) ?? []) : item))
  return value.length > longestList ? [...items, cut] : items
}

function shortText(text: string): string | undefined {
  const whole = text.toWellFormed()
  if (blob.test(whole)) return undefined
  return whole.length > longestText ? `${whole.slice(0, longestText).toWellFormed()}${cut}` : whole
}
