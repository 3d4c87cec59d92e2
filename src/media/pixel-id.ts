import { createHash } from 'node:crypto'
import { contentIdOf } from './content-id.ts'
import type { FormatName } from './formats.ts'
import { readJpeg } from './picture/jpeg-parts.ts'
import { orientationOf } from './picture/tiff-ifds.ts'
import { FilmPixels } from './pixel-id-film.ts'
import { type Source, wholeFileBytes } from './source.ts'

/**
 * SHA-256 of what is seen and heard, without the metadata but with orientation and colour profile: editing a rating, a date
 * or a place keeps it, turning the picture changes it. The content id where the format does not let them be told apart.
 */
export async function pixelIdOf(source: Source, file: number, contentId: string): Promise<string> {
  const { format, whole } = source
  if (boxFormats.has(format)) return (await (await FilmPixels.of(source, file))?.read(source, file)) ?? contentId
  const parts =
    whole && (format === 'jpeg' ? jpeg(whole) : format === 'png' ? png(whole) : format === 'webp' ? webp(whole) : null)
  if (!parts) return contentId
  const hash = createHash('sha256')
  hash.update(`${format} ${parts.orientation} `)
  for (const part of parts.coded) hash.update(part)
  return hash.digest('hex')
}

const boxFormats: ReadonlySet<FormatName> = new Set(['mp4', 'mov', '3gp', 'm4a'])

/** Content id and pixel id; both from one reading where the file is too large to be held, and small enough to be read whole. */
export async function idsOf(source: Source, file: number): Promise<{ contentId: string; pixelId: string }> {
  const isReadOnce = boxFormats.has(source.format) && !source.whole && source.bytes <= wholeFileBytes
  const pixels = isReadOnce ? await FilmPixels.of(source, file) : null
  const contentId = await contentIdOf(source, file, (bytes, at) => pixels?.take(bytes, at))
  return { contentId, pixelId: pixels?.id() ?? (await pixelIdOf(source, file, contentId)) }
}

interface Coded {
  readonly orientation: number
  readonly coded: readonly Buffer[]
}

function jpeg(bytes: Buffer): Coded | null {
  const parts = readJpeg(bytes)
  if (parts?.width === undefined) return null
  const { icc, isAdobeRgb, orientation, coded } = parts
  return { orientation, coded: [icc ?? Buffer.from(isAdobeRgb ? 'Adobe RGB' : ''), ...coded] }
}

const pngCoded: ReadonlySet<string> = new Set('IHDR PLTE IDAT tRNS gAMA cHRM sRGB iCCP cICP acTL fcTL fdAT'.split(' '))

function png(bytes: Buffer): Coded | null {
  let orientation = 1
  const coded: Buffer[] = []
  for (let at = 8; at + 8 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    const name = bytes.toString('latin1', at + 4, at + 8)
    const body = bytes.subarray(at + 8, at + 8 + length)
    if (name === 'eXIf') orientation = orientationOf(body)
    if (pngCoded.has(name)) coded.push(Buffer.from(name, 'latin1'), body)
    if (name === 'IEND') return { orientation, coded }
    at += 12 + length
  }
  return null
}

const webpCoded: ReadonlySet<string> = new Set(['VP8 ', 'VP8L', 'ALPH', 'ANIM', 'ANMF', 'ICCP'])

const animated = 2

function webp(bytes: Buffer): Coded | null {
  let orientation = 1
  const coded: Buffer[] = []
  for (let at = 12; at + 8 <= bytes.length; ) {
    const name = bytes.toString('latin1', at, at + 4)
    const length = bytes.readUInt32LE(at + 4)
    const body = bytes.subarray(at + 8, at + 8 + length)
    if (body.length < length) return null
    // The flags of VP8X tell of metadata; only the canvas of an animation is seen.
    if (name === 'VP8X' && ((body[0] ?? 0) & animated) !== 0) coded.push(body.subarray(4))
    if (name === 'EXIF')
      orientation = orientationOf(body.toString('latin1', 0, 6) === 'Exif\0\0' ? body.subarray(6) : body)
    if (webpCoded.has(name)) coded.push(Buffer.from(name, 'latin1'), body)
    at += 8 + length + (length & 1)
  }
  return coded.length > 0 ? { orientation, coded } : null
}
