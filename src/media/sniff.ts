import { fileTypeFromBuffer } from 'file-type'
import type { FormatName } from './formats.ts'
import { readIfds } from './picture/tiff-ifds.ts'

/** How many bytes from a file's start `sniff` wants; fewer are fine when the file has no more. */
export const sniffBytes = 64 * 1024

/**
 * The format by content, from the first bytes of a file; null when it is no picture, film or sound of the table.
 * A name or its ending has no say. A damaged file is still named when its first bytes are intact.
 */
export async function sniff(head: Uint8Array): Promise<FormatName | null> {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength)
  return sniffPicture(bytes) ?? sniffBoxes(bytes) ?? sniffSvg(bytes) ?? (await sniffWithLibrary(bytes))
}

const at = (bytes: Buffer, offset: number, signature: string): boolean =>
  bytes.length >= offset + signature.length && bytes.toString('latin1', offset, offset + signature.length) === signature

/** First bytes that decide alone; the library wants more of the file to be intact than these. */
const signatures: readonly (readonly [signature: string, format: FormatName])[] = [
  ['\xff\xd8\xff', 'jpeg'],
  ['\x89PNG\r\n\x1a\n', 'png'],
  ['GIF87a', 'gif'],
  ['GIF89a', 'gif'],
  ['\xff\x0a', 'jxl'],
  ['\0\0\0\x0cJXL \r\n\x87\n', 'jxl'],
  ['\0\0\0\x0cjP  \r\n\x87\n', 'jp2'],
  ['\xff\x4f\xff\x51', 'jp2'],
  ['\x76\x2f\x31\x01', 'exr'],
  ['FUJIFILMCCD-RAW', 'raw'],
  ['FOVb', 'raw'],
  ['\0MRM', 'raw'],
  ['IIU\0', 'raw'],
  ['IIRO', 'raw'],
  ['IIRS', 'raw'],
  ['MMOR', 'raw'],
  ['II\x1a\0\0\0HEAPCCDR', 'raw'],
  ['\0\0\x01\xba', 'ps'],
  ['\0\0\x01\xb3', 'ps'],
]

function sniffPicture(bytes: Buffer): FormatName | undefined {
  for (const [signature, format] of signatures) if (at(bytes, 0, signature)) return format
  if (at(bytes, 0, 'RIFF') && at(bytes, 8, 'WEBP')) return 'webp'
  if (['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].some((order) => at(bytes, 0, order))) return isRaw(bytes) ? 'raw' : 'tiff'
  // "BM" alone begins many a text, so the reserved bytes or a known header size have to agree.
  if (at(bytes, 0, 'BM') && bytes.length >= 18) {
    if (bytes.readUInt32LE(6) === 0 || bitmapHeaders.has(bytes.readUInt32LE(14))) return 'bmp'
  }
  return undefined
}

const bitmapHeaders: ReadonlySet<number> = new Set([12, 16, 40, 52, 56, 64, 108, 124])

const tags = { subfileType: 254, compression: 259, photometric: 262, subIfds: 330, dngVersion: 50706 }
const colourFilterArray = 32803
/** Compressions that only cameras write: Sony, Nikon, Pentax, Kodak. */
const cameraCompressions: ReadonlySet<number> = new Set([32767, 34713, 65535, 65000])

/** Whether a TIFF structure is a camera's raw file: it says so (DNG, CR2), or holds sensor data, or only a small picture in front. */
function isRaw(bytes: Buffer): boolean {
  if (at(bytes, 8, 'CR\x02')) return true
  const [first, ...others] = readIfds(bytes)
  if (!first) return false
  if (first.has(tags.dngVersion)) return true
  if (first.get(tags.subfileType)?.[0] === 1 && first.has(tags.subIfds)) return true
  return [first, ...others].some(
    (ifd) =>
      ifd.get(tags.photometric)?.[0] === colourFilterArray ||
      cameraCompressions.has(ifd.get(tags.compression)?.[0] ?? 0),
  )
}

const brands: readonly (readonly [brand: RegExp, format: FormatName])[] = [
  [/^(avif|avis)$/, 'avif'],
  [/^(heic|heix|heim|heis|hevc|hevx|mif1|msf1)$/, 'heic'],
  [/^crx $/, 'raw'],
  [/^qt {2}$/, 'mov'],
  [/^3g/, '3gp'],
  [/^(M4A |M4B |M4P )$/, 'm4a'],
]

/** ISO media files: the major brand decides, and for pictures of a general brand the compatible ones. */
function sniffBoxes(bytes: Buffer): FormatName | undefined {
  if (!at(bytes, 4, 'ftyp') || bytes.length < 12) return undefined
  const end = Math.min(bytes.length, bytes.readUInt32BE(0), 16 + 4 * 64)
  const major = bytes.toString('latin1', 8, 12)
  const compatible: string[] = []
  for (let offset = 16; offset + 4 <= end; offset += 4) compatible.push(bytes.toString('latin1', offset, offset + 4))
  if (/^(mif1|msf1|miaf)$/.test(major) && compatible.some((brand) => /^avi[fs]$/.test(brand))) return 'avif'
  return brands.find(([pattern]) => pattern.test(major))?.[1] ?? 'mp4'
}

/** Text whose first element is `svg`, after any declaration, comments and document type. */
function sniffSvg(bytes: Buffer): FormatName | undefined {
  const isUtf16 = at(bytes, 0, '\xff\xfe')
  const text = isUtf16 ? bytes.subarray(2).toString('utf16le') : bytes.toString('latin1').replace(/^\xef\xbb\xbf/, '')
  let rest = text.trimStart()
  while (rest.startsWith('<?') || rest.startsWith('<!')) {
    const end = rest.startsWith('<?') ? '?>' : rest.startsWith('<!--') ? '-->' : documentTypeEnd(rest)
    const from = rest.indexOf(end)
    if (from < 0) return undefined
    rest = rest.slice(from + end.length).trimStart()
  }
  return /^<(?:[\w-]+:)?svg[\s>/]/.test(rest) ? 'svg' : undefined
}

const documentTypeEnd = (text: string): string => (/^<![^>]*\[/.test(text) ? ']>' : '>')

/** The library's endings, where they differ from the table's names. */
const libraryNames: Readonly<Record<string, FormatName>> = {
  ico: 'ico',
  mov: 'mov',
  mkv: 'mkv',
  webm: 'webm',
  avi: 'avi',
  mts: 'ts',
  mpg: 'ps',
  flv: 'flv',
  asf: 'asf',
  mp3: 'mp3',
  mp2: 'mp3',
  aac: 'aac',
  flac: 'flac',
  ogg: 'ogg',
  oga: 'ogg',
  ogv: 'ogg',
  ogx: 'ogg',
  ogm: 'ogg',
  opus: 'ogg',
  spx: 'ogg',
  wav: 'wav',
  aif: 'aiff',
  amr: 'amr',
  ac3: 'ac3',
  eac3: 'ac3',
}

async function sniffWithLibrary(bytes: Buffer): Promise<FormatName | null> {
  const found = await fileTypeFromBuffer(bytes).catch(() => undefined)
  return (found && libraryNames[found.ext]) ?? null
}
