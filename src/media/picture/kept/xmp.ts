import type { ExifEdits } from './exif.ts'
import { scanXml, type XmlTag } from './xml-scan.ts'

const spaces = {
  'http://ns.adobe.com/tiff/1.0/': 'tiff',
  'http://ns.adobe.com/exif/1.0/': 'exif',
  'http://ns.adobe.com/photoshop/1.0/': 'photoshop',
  'http://ns.adobe.com/xap/1.0/': 'xmp',
  'http://ns.adobe.com/xmp/note/': 'note',
  'http://ns.adobe.com/hdr-gain-map/1.0/': 'hdrgm',
  'http://ns.apple.com/HDRGainMap/1.0/': 'hdrgm',
  'http://ns.google.com/photos/1.0/camera/': 'camera',
  'http://ns.google.com/photos/1.0/container/': 'container',
  'http://ns.google.com/photos/1.0/image/': 'image',
  'http://ns.google.com/photos/1.0/audio/': 'image',
  'http://ns.google.com/photos/1.0/depthmap/': 'image',
  'http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/': 'core',
} as const

/**
 * What belongs to data that lies behind or beside the old picture and is not in the new file: gain maps, films of motion
 * photos, depth maps, extended packets, thumbnails.
 */
const isOfOldFile = (space: string, name: string): boolean =>
  space === 'hdrgm' ||
  space === 'container' ||
  space === 'image' ||
  (space === 'camera' && /^(Micro|Motion)/.test(name)) ||
  (space === 'note' && name === 'HasExtendedXMP') ||
  (space === 'xmp' && name === 'Thumbnails')

/** Where the picture was taken, in numbers or names. Drones and others have names of their own for coordinates. */
const isPlace = (space: string, name: string): boolean =>
  (/gps|latitude|longt?itude|altitude|location|geotag/i.test(name) && name !== 'SubjectLocation') ||
  (space === 'photoshop' && /^(City|State|Country)$/.test(name)) ||
  (space === 'core' && name === 'CountryCode')

/** More than this is no metadata any more, and slow to walk. */
const packetChars = 4 * 1024 * 1024

/**
 * An XMP packet that fits the new picture, in UTF-8: upright, with its size, without what points at parts of the old file.
 * Undefined when nothing can be made of it, or when a place would be left that has to go.
 */
export function patchXmp(packet: Buffer, edits: ExifEdits): Buffer | undefined {
  const text = textOf(packet)
  const [start, end] = [text.indexOf('<'), text.lastIndexOf('>')]
  if (start < 0 || text.length > packetChars || /<!(DOCTYPE|ENTITY)/i.test(text)) return undefined
  let patched: string
  try {
    patched = rewrite(text.slice(start, end + 1), edits)
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined
    throw thrown
  }
  if (edits.stripPlace && /gps-?(latitude|longt?itude|altitude|position|coordinates)/i.test(patched)) return undefined
  return Buffer.from(wrapped(patched))
}

function textOf(packet: Buffer): string {
  if (packet[0] === 0xff && packet[1] === 0xfe) return packet.toString('utf16le', 2)
  if (packet[0] === 0xfe && packet[1] === 0xff && packet.length % 2 === 0) {
    return Buffer.from(packet).swap16().toString('utf16le', 2)
  }
  const text = packet.toString('utf8')
  return text.includes('\ufffd') ? packet.toString('latin1') : text
}

/** With the marks around a packet that readers look for, without the blanks that editors leave to write into. */
function wrapped(xml: string): string {
  const [begin, end] = [xml.indexOf('<?xpacket begin'), xml.lastIndexOf('<?xpacket end')]
  const from = begin < 0 ? 0 : xml.indexOf('?>', begin) + 2
  const body = xml.slice(from, end < 0 ? undefined : end).trim()
  return `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n${body}\n<?xpacket end="w"?>`
}

/** Walks the tags, leaves out what has to go with all that is in it, and puts new numbers where old ones were. */
function rewrite(xml: string, edits: ExifEdits): string {
  const names = new Names()
  const out: string[] = []
  let depth = 0
  // The element inside of which nothing is taken over: one that is left out, or one with a new value and its own end.
  let skipped: { readonly depth: number; readonly hasEnd: boolean } | undefined
  for (const { text, tag } of scanXml(xml)) {
    if (tag?.kind === 'close') {
      depth--
      if (depth < 0) throw new RangeError('an element ends that did not begin')
      if (!skipped || (skipped.hasEnd && depth === skipped.depth - 1)) out.push(text)
      if (depth === (skipped?.depth ?? 0) - 1) skipped = undefined
      continue
    }
    if (tag) names.learn(tag)
    if (tag?.kind === 'open') depth++
    if (skipped) continue
    if (!tag) {
      out.push(text)
      continue
    }
    const [space, name] = names.of(tag.name)
    const isGone = isOfOldFile(space, name) || (edits.stripPlace && isPlace(space, name))
    const value = isGone ? undefined : codedValue(space, name, edits)
    if (!isGone) out.push(withAttributes(text, tag, names, edits))
    if (value !== undefined && tag.kind === 'open') out.push(value)
    if (tag.kind === 'open' && (isGone || value !== undefined)) skipped = { depth, hasEnd: !isGone }
  }
  if (depth !== 0) throw new RangeError('an element does not end')
  return out.join('')
}

/** What the prefixes of a packet stand for. */
class Names {
  readonly #prefixes = new Map<string, string>()

  learn({ attributes }: XmlTag): void {
    for (const { name, value } of attributes) {
      if (name.startsWith('xmlns:'))
        this.#prefixes.set(name.slice(6), spaces[value as keyof typeof spaces] ?? name.slice(6))
    }
  }

  of(name: string): [space: string, local: string] {
    const colon = name.indexOf(':')
    const prefix = name.slice(0, Math.max(0, colon))
    return [this.#prefixes.get(prefix) ?? prefix, name.slice(colon + 1)]
  }
}

/** The tag with the properties that are written as attributes edited. */
function withAttributes(text: string, { name, attributes, kind }: XmlTag, names: Names, edits: ExifEdits): string {
  const kept = attributes.flatMap((attribute) => {
    if (attribute.name.startsWith('xmlns')) return [attribute]
    const [space, local] = names.of(attribute.name)
    if (isOfOldFile(space, local) || (edits.stripPlace && isPlace(space, local))) return []
    const value = codedValue(space, local, edits)
    return value === undefined ? [attribute] : [{ name: attribute.name, value }]
  })
  if (kept.length === attributes.length && kept.every((attribute, at) => attribute === attributes[at])) return text
  const written = kept.map((attribute) => {
    const quote = attribute.value.includes('"') ? "'" : '"'
    return ` ${attribute.name}=${quote}${attribute.value}${quote}`
  })
  return `<${name}${written.join('')}${kind === 'empty' ? '/>' : '>'}`
}

/** What a property says of the new picture, when it says something of its coding. */
function codedValue(space: string, name: string, { width, height, isSrgb }: ExifEdits): string | undefined {
  switch (`${space}:${name}`) {
    case 'tiff:Orientation':
      return '1'
    case 'tiff:ImageWidth':
    case 'exif:PixelXDimension':
      return String(width)
    case 'tiff:ImageLength':
    case 'exif:PixelYDimension':
      return String(height)
    case 'exif:ColorSpace':
      return isSrgb ? '1' : undefined
    default:
      return undefined
  }
}
