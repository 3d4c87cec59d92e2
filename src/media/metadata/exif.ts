import type { FoundGroup, FoundTag } from './found.ts'
import { cleanText } from './text.ts'

/** Of use to the structure only. */
const structural =
  /^(Exif IFD Pointer|GPS Info IFD Pointer|Interoperability IFD Pointer|Thumbnail|Padding|OffsetSchema)$/
/** Texts that are stored as bytes. */
const texts = /^(XP\w+|UserComment|\w*Version|GPSProcessingMethod|GPSAreaInformation)$/
/** Longer lists are tables of the coding. */
const longestList = 16

/** Decodes a small TIFF structure (as `compactTiff` writes it) into named tags; throws when it is no TIFF. */
export async function decodeExif(tiff: Buffer): Promise<FoundGroup> {
  const { default: reader } = await import('exifreader')
  const { exif } = reader.load(tiff, { expanded: true, computed: true, includeTags: { exif: true } })
  const group: FoundGroup = {}
  for (const [name, tag] of Object.entries((exif ?? {}) as Record<string, Decoded>)) {
    const found = structural.test(name) ? undefined : foundOf(name, tag)
    if (found) group[name] = found
  }
  return group
}

interface Decoded {
  readonly value?: unknown
  readonly description?: unknown
  /** Fractions are numbers here, or null when the denominator is 0. */
  readonly computed?: unknown
}

function foundOf(name: string, { value, description, computed }: Decoded): FoundTag | undefined {
  if (value === '<faulty value>') return undefined
  if (typeof computed === 'string') return textTag(computed)
  if (typeof computed === 'number') {
    if (!Number.isFinite(computed)) return undefined
    const isNamed = typeof value === 'number' && typeof description === 'string' && /^[A-Za-z]/.test(description)
    return { value: computed, ...(isNamed && { shown: description }) }
  }
  if (!Array.isArray(computed) || computed.length === 0) return undefined
  if (computed.some((item) => typeof item === 'string')) {
    // A text with NULs in it. Copyright has two by definition, photographer and editor; elsewhere the rest is rubbish.
    const parts = computed.flatMap((item) => (typeof item === 'string' ? (cleanText(item) ?? []) : []))
    return textTag(name === 'Copyright' ? parts.join(', ') : (parts[0] ?? ''))
  }
  // Bytes that are a text (comments, versions, the tags of Windows) are decoded in the description only.
  if (texts.test(name)) return textTag(String(description).replace(/^\[.*\]$/, ''))
  const numbers = computed.filter((item) => typeof item === 'number' && Number.isFinite(item)) as number[]
  return numbers.length === computed.length && numbers.length <= longestList ? { value: numbers } : undefined
}

function textTag(text: string): FoundTag | undefined {
  const clean = cleanText(text)
  return clean === undefined ? undefined : { value: clean }
}
