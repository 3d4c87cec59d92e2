import sharp from 'sharp'
import { checkPixels } from '../limits.ts'
import type { MediaLimits } from '../media.ts'
import type { RewriteOptions } from '../picture.ts'
import type { Source } from '../source.ts'
import { type Prepared, prepareCoded } from './coded.ts'
import { encode } from './encode.ts'
import type { PictureHeader } from './header.ts'

// A book of letters; what claims more is no document, and each page is a decode.
const mostPages = 10_000

/**
 * The pages of a TIFF, each in its own size and depth, written into a new one; undefined for all else, and when one of them
 * can not be read as it is coded. Throws INPUT_TOO_LARGE for a page that declares too many pixels.
 */
export async function encodePages(
  source: Source,
  header: PictureHeader,
  options: RewriteOptions,
  limits: MediaLimits,
): Promise<{ readonly data: Buffer; readonly first: Prepared } | undefined> {
  const { pages = 1 } = header
  const isAsked = source.format === 'tiff' && options.format === 'tiff' && options.frames === 'all'
  if (!isAsked || pages < 2 || pages > mostPages) return undefined
  const files: Buffer[] = []
  let first: Prepared | undefined
  for (let page = 0; page < pages; page++) {
    // The header tells the size of the first page only.
    const { width, height } = await sharp(source.whole ?? source.path, { page, limitInputPixels: false }).metadata()
    checkPixels(width, height, limits)
    const way = await prepareCoded(source, header, options, { isStrict: true, page })
    if (!way) return undefined
    files.push(await encode(way.picture, options))
    if (way.complaint?.() !== undefined) return undefined
    first ??= way
  }
  if (!first) return undefined
  const { source: _, ...intent } = first.intent
  return { data: joinTiffs(files), first: { ...first, intent } }
}

/** Bytes of one value by its type. */
const typeBytes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4]
/** Tags whose values are places in the file: of strips, and of tiles. */
const placeTags: ReadonlySet<number> = new Set([273, 324])

/** TIFFs of one page each, as libvips writes them (little-endian, with offsets of 32 bits), as the pages of one. */
function joinTiffs(files: readonly Buffer[]): Buffer {
  const parts: Buffer[] = []
  let at = 0
  let link: { readonly file: Buffer; readonly at: number } | undefined
  for (const file of files) {
    const directory = file.readUInt32LE(4)
    // The pages before have been copied by reference, so their last word can still be written.
    link?.file.writeUInt32LE(at + directory, link.at)
    const count = file.readUInt16LE(directory)
    for (let entry = directory + 2; entry < directory + 2 + 12 * count; entry += 12) movePlaces(file, entry, at)
    link = { file, at: directory + 2 + 12 * count }
    const padding = Buffer.alloc(file.length % 2)
    parts.push(file, padding)
    at += file.length + padding.length
  }
  if (at > 0xffff_ffff) throw new RangeError('the pages together are too large for a TIFF')
  return Buffer.concat(parts)
}

function movePlaces(file: Buffer, entry: number, by: number): void {
  const [tag, type, count] = [file.readUInt16LE(entry), file.readUInt16LE(entry + 2), file.readUInt32LE(entry + 4)]
  const size = (typeBytes[type] ?? 0) * count
  const value = size > 4 ? file.readUInt32LE(entry + 8) : entry + 8
  if (placeTags.has(tag)) {
    for (let at = value; at < value + size; at += 4) file.writeUInt32LE(file.readUInt32LE(at) + by, at)
  }
  if (size > 4) file.writeUInt32LE(value + by, entry + 8)
}
