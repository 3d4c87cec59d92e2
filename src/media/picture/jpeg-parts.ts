import { namesAdobeRgb, orientationOf } from './tiff-ifds.ts'

/** What the segments of a JPEG say, read without decoding it. */
export interface JpegParts {
  /** Size as stored, before orientation; absent when there is no frame header. */
  readonly width?: number
  readonly height?: number
  readonly components: number
  /** Start-of-frame marker (0xC0 baseline, 0xC2 progressive, 0xC3 lossless). */
  readonly frame: number
  /** EXIF orientation 1–8; 1 when there is none. */
  readonly orientation: number
  readonly hasExif: boolean
  /** The camera says that the colours are those of Adobe RGB, which it need not prove with a profile (DCF 2.0). */
  readonly isAdobeRgb: boolean
  readonly icc?: Buffer
  /** The index of a multi-picture file (MPF), which is a TIFF structure. */
  readonly index?: Buffer
  /** The coded picture: tables, frame, scans and Adobe's colour transform, in file order, without metadata. */
  readonly coded: readonly Buffer[]
  /** Byte where the first scan begins; absent when there is none. */
  readonly scan?: number
  /** Byte after the end marker; absent when the file ends before it. */
  readonly end?: number
}

/** Where segments can be put into a JPEG: behind that of JFIF, which wants to be the first, else behind the first marker. */
export const segmentPlace = (jpeg: Buffer): number => (jpeg[3] === marker.app0 ? 4 + jpeg.readUInt16BE(4) : 2)

const marker = { soi: 0xd8, eoi: 0xd9, sos: 0xda, app0: 0xe0, app1: 0xe1, app2: 0xe2, app14: 0xee, comment: 0xfe }

const known = new WeakMap<Buffer, JpegParts | null>()

/**
 * Walks the segments from `start`; null when no JPEG begins there. Stops quietly where the file is cut or garbled. The parts
 * of a whole buffer are remembered, as ids and header both ask for them.
 */
export function readJpeg(bytes: Buffer, start = 0): JpegParts | null {
  if (start > 0) return walk(bytes, start)
  const found = known.get(bytes)
  if (found !== undefined) return found
  const parts = walk(bytes, 0)
  known.set(bytes, parts)
  return parts
}

function walk(bytes: Buffer, start: number): JpegParts | null {
  if (bytes[start] !== 0xff || bytes[start + 1] !== marker.soi) return null
  let frame: { marker: number; width: number; height: number; components: number } | undefined
  let exif: Buffer | undefined
  let index: Buffer | undefined
  const profile: Buffer[] = []
  const coded: Buffer[] = []
  let scan: number | undefined
  let end: number | undefined
  let at = start + 2
  while (at + 4 <= bytes.length) {
    // Decoders skip bytes between segments, and any number of fill bytes before a marker.
    if (bytes[at] !== 0xff || bytes[at + 1] === 0xff || bytes[at + 1] === 0) {
      at++
      continue
    }
    const code = bytes[at + 1] ?? 0
    if (code === marker.eoi) break
    if ((code >= 0xd0 && code <= marker.soi) || code === 0x01) {
      at += 2
      continue
    }
    const length = bytes.readUInt16BE(at + 2)
    const next = at + 2 + length
    if (length < 2) break
    const body = bytes.subarray(at + 4, next)
    if (isFrame(code) && body.length >= 6) {
      frame ??= {
        marker: code,
        height: body.readUInt16BE(1),
        width: body.readUInt16BE(3),
        components: body[5] ?? 0,
      }
    }
    if (code === marker.app1) {
      if (!exif && body.toString('latin1', 0, 6) === 'Exif\0\0') exif = body.subarray(6)
    } else if (code === marker.app2) {
      if (body.toString('latin1', 0, 12) === 'ICC_PROFILE\0') profile[body[12] ?? 0] = body.subarray(14)
      else if (body.toString('latin1', 0, 4) === 'MPF\0') index ??= body.subarray(4)
    } else if ((code & 0xf0) !== 0xe0 || code === marker.app14) {
      if (code !== marker.comment) coded.push(bytes.subarray(at, next))
    }
    if (code === marker.sos) {
      scan = next
      // Inside a scan FF is always followed by a stuffed zero or a marker, so the first FFD9 is the end.
      const found = bytes.indexOf(endMarker, next)
      if (found >= 0) end = found + 2
      coded.push(bytes.subarray(next, end ?? bytes.length))
      break
    }
    at = next
  }
  const icc = profile.length > 0 ? Buffer.concat(profile.filter((part) => part !== undefined)) : undefined
  return {
    ...(frame ? { width: frame.width, height: frame.height } : {}),
    components: frame?.components ?? 0,
    frame: frame?.marker ?? 0,
    orientation: exif ? orientationOf(exif) : 1,
    hasExif: exif !== undefined,
    isAdobeRgb: exif !== undefined && namesAdobeRgb(exif),
    ...(icc ? { icc } : {}),
    ...(index ? { index } : {}),
    coded,
    ...(scan === undefined ? {} : { scan }),
    ...(end === undefined ? {} : { end }),
  }
}

const endMarker = Buffer.from([0xff, marker.eoi])

/** SOF0–SOF15 without the three codes among them that mean tables (DHT, JPG, DAC). */
const isFrame = (code: number): boolean =>
  code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc
