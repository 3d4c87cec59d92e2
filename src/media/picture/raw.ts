import { type JpegParts, readJpeg } from './jpeg-parts.ts'
import { type Ifd, orientationOf, readIfds } from './tiff-ifds.ts'

/** What is shown of a camera's raw file. */
export interface RawPreview {
  /** The largest JPEG inside that can be shown; absent when there is none. */
  readonly jpeg?: Buffer
  readonly parts?: JpegParts
  /** Size of the sensor's picture where the file tells it, else of the preview; as stored. */
  readonly width?: number
  readonly height?: number
  /** The orientation to apply to the preview, once, whoever named it. */
  readonly orientation: number
}

// Cameras write a handful of previews; a file of nothing but JPEG starts would be scanned for ever.
const maxCandidates = 200

/**
 * Finds the preview of a raw file of any maker by looking for JPEGs in its bytes: every maker keeps one, and each keeps it
 * elsewhere. Sensor data in lossless JPEG, which begins alike, is told apart by its frame marker.
 */
export function readRaw(bytes: Buffer): RawPreview {
  const best = largestJpeg(bytes)
  const sensor = sensorSize(bytes)
  const width = sensor?.width ?? best?.parts.width
  const height = sensor?.height ?? best?.parts.height
  return {
    ...(best ? { jpeg: best.jpeg, parts: best.parts } : {}),
    ...(width === undefined || height === undefined ? {} : { width, height }),
    orientation: rawOrientation(bytes, best?.parts),
  }
}

const jpegStart = Buffer.from([0xff, 0xd8, 0xff])
const baseline = 0xc0
const progressive = 0xc2

function largestJpeg(bytes: Buffer): { jpeg: Buffer; parts: JpegParts } | undefined {
  let best: { jpeg: Buffer; parts: JpegParts; area: number } | undefined
  let at = bytes.indexOf(jpegStart)
  for (let tried = 0; at >= 0 && tried < maxCandidates; tried++) {
    const parts = readJpeg(bytes, at)
    const area = (parts?.width ?? 0) * (parts?.height ?? 0)
    const isShown = parts !== null && (parts.frame === baseline || parts.frame === 0xc1 || parts.frame === progressive)
    if (isShown && parts.end !== undefined && area > (best?.area ?? 0)) {
      best = { jpeg: bytes.subarray(at, parts.end), parts, area }
    }
    // A preview may hold a smaller one in its own EXIF, so the search goes on inside it.
    at = bytes.indexOf(jpegStart, at + 2)
  }
  return best
}

const tags = { width: 256, height: 257, photometric: 262 }
const sensorPhotometrics: ReadonlySet<number> = new Set([32803, 34892])

function sensorSize(bytes: Buffer): { width: number; height: number } | undefined {
  const sensor = readIfds(tiffOf(bytes)).find((ifd) => sensorPhotometrics.has(first(ifd, tags.photometric)))
  if (!sensor) return undefined
  const width = first(sensor, tags.width)
  const height = first(sensor, tags.height)
  return width > 0 && height > 0 ? { width, height } : undefined
}

const first = (ifd: Ifd, tag: number): number => ifd.get(tag)?.[0] ?? 0

/** The TIFF structure of a raw file: the file itself, or in a CR3 the box with the main directory. */
function tiffOf(bytes: Buffer): Buffer {
  if (bytes.toString('latin1', 4, 8) !== 'ftyp') return bytes
  const at = bytes.subarray(0, 64 * 1024).indexOf('CMT1', 0, 'latin1')
  return at < 0 ? Buffer.alloc(0) : bytes.subarray(at + 4)
}

/** The raw file's own orientation where it has a directory, else that of the preview's EXIF. */
function rawOrientation(bytes: Buffer, parts: JpegParts | undefined): number {
  const tiff = tiffOf(bytes)
  const hasDirectory = readIfds(tiff).length > 0
  return hasDirectory ? orientationOf(tiff) : (parts?.orientation ?? 1)
}
