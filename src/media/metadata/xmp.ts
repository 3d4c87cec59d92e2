import { MiB } from '../../units.ts'
import type { FoundGroup, FoundTag } from './found.ts'
import { cleanText } from './text.ts'

/** Real packets have a few kilobytes, with an edit history hundreds. Parsing is slow, so more is left out. */
const packetBytes = MiB
/** Pictures and their maps inside of XMP, and what is of use to XMP only. */
const skipped = /^(_raw|about|Thumbnails|Data|HasExtendedXMP|NativeDigest|MakerNote|DocumentAncestors|parseType)$/

/** Decodes XMP packets into tags by their local names; the first packet that has a name wins. Never throws. */
export async function decodeXmp(packets: readonly Buffer[]): Promise<FoundGroup> {
  const { default: reader } = await import('exifreader')
  const group: FoundGroup = {}
  for (const packet of packets) {
    const text = packet.length > 2 ? packetText(packet) : undefined
    if (text === undefined) continue
    try {
      const { xmp } = reader.load(Buffer.from(text), { expanded: true, includeTags: { xmp: true } })
      for (const [name, tag] of Object.entries((xmp ?? {}) as Record<string, Decoded>)) {
        if (skipped.test(name) || Object.hasOwn(group, name)) continue
        const found = name === 'Directory' ? containerOf(tag) : foundOf(tag)
        if (found) group[name] = found
      }
    } catch {
      // A broken packet says nothing; the next one may.
    }
  }
  return group
}

/** What Adobe's programs and darktable let grow to megabytes, and nobody asks for. */
const heavy = [
  'photoshop:DocumentAncestors',
  'xmpMM:History',
  'xmpMM:Ingredients',
  'xmpMM:Pantry',
  'xmp:Thumbnails',
  // Masks and steps of editors: most of a sidecar.
  'crs:MaskGroupBasedCorrections',
  'crs:GradientBasedCorrections',
  'crs:CircularGradientBasedCorrections',
  'crs:PaintBasedCorrections',
  'crs:RetouchAreas',
  'crs:RetouchInfo',
  'darktable:history',
  'darktable:masks_history',
]

/** The packet as the reader wants it; undefined when it is too large or declares entities, which XMP has no use for. */
function packetText(packet: Buffer): string | undefined {
  const text = decoded(packet)
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) return undefined
  const light = heavy.reduce(without, text)
  if (light.length > packetBytes) return undefined
  const start = light.indexOf('<')
  const body = light
    .slice(Math.max(start, 0))
    .replace(/\0+$/, '')
    .replace(/^<\?xml[^>]*\?>\s*/, '')
    // The name that Adobe used before 2001.
    .replaceAll('x:xapmeta', 'x:xmpmeta')
    // Windows' rating is a percentage, and tags go by their local names.
    .replaceAll('MicrosoftPhoto:Rating', 'MicrosoftPhoto:RatingOf100')
  return body.startsWith('<?xpacket begin') ? body : `<?xpacket begin="" id=""?>${body}`
}

/** UTF-16 shows by its mark, or by the NUL beside the first "<". */
function decoded(packet: Buffer): string {
  const start = packet.readUInt16BE(0)
  if (start === 0xfffe || start === 0x3c00) return packet.toString('utf16le')
  if (start === 0xfeff || start === 0x003c)
    return Buffer.from(packet.subarray(0, packet.length & ~1))
      .swap16()
      .toString('utf16le')
  return utf8OrLatin(packet)
}

/** Cuts out the first element of a name. By plain search: a pattern could be made to take hours. */
function without(text: string, name: string): string {
  const start = text.indexOf(`<${name}>`)
  const close = `</${name}>`
  const end = start < 0 ? -1 : text.indexOf(close, start)
  return end < 0 ? text : text.slice(0, start) + text.slice(end + close.length)
}

function utf8OrLatin(packet: Buffer): string {
  const text = packet.toString('utf8')
  return text.includes('\ufffd') ? packet.toString('latin1') : text
}

interface Decoded {
  readonly value?: unknown
  readonly description?: unknown
}

function foundOf({ value, description }: Decoded): FoundTag | undefined {
  if (Array.isArray(value)) return foundOfList(value as ListItem[])
  if (typeof value !== 'string') return textTag(description)
  const tag = textTag(value)
  const shown = typeof description === 'string' && description !== value ? cleanText(description) : undefined
  return tag && shown ? { ...tag, shown } : tag
}

/** The parts of a file as Google's cameras list them, one text each: type, meaning, bytes, bytes of padding. */
function containerOf({ value }: Decoded): FoundTag | undefined {
  if (!Array.isArray(value)) return undefined
  const items = (value as { Item?: { value?: Record<string, Decoded> } }[]).slice(0, 64).map(({ Item }) => {
    const part = (name: string, otherwise: string) => String(Item?.value?.[name]?.value ?? otherwise)
    return [part('Mime', '?'), part('Semantic', '?'), part('Length', '0'), part('Padding', '0')].join(' ')
  })
  return items.length > 0 ? { value: items } : undefined
}

interface ListItem {
  readonly value?: unknown
  readonly attributes?: Record<string, string>
  readonly description?: unknown
}

/** Alternatives in several languages are one text, the default one; everything else is a list. */
function foundOfList(items: readonly ListItem[]): FoundTag | undefined {
  if (items.length > 0 && items.every((item) => item.attributes?.lang !== undefined)) {
    const chosen = items.find((item) => item.attributes?.lang === 'x-default') ?? items[0]
    return textTag(chosen?.value) ?? items.map((item) => textTag(item.value)).find(Boolean)
  }
  const texts = items.flatMap(
    (item) => textTag(typeof item.value === 'string' ? item.value : item.description)?.value ?? [],
  )
  return texts.length > 0 ? { value: texts.flat() as string[] } : undefined
}

function textTag(text: unknown): { value: string } | undefined {
  const clean = typeof text === 'string' ? cleanText(text) : undefined
  return clean === undefined ? undefined : { value: clean }
}
