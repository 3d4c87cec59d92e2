import sharp from 'sharp'
import type { RenderIntent } from '../render-intent.ts'
import type { Source } from '../source.ts'
import { heifHasGainMap, jpegHasGainMap } from './gain-map.ts'
import { readSmallHeader } from './header-small.ts'
import type { CodedColour } from './heif-boxes.ts'
import { type HeifFile, readHeif } from './heif-boxes.ts'
import { type JpegParts, readJpeg } from './jpeg-parts.ts'
import { labAsRgb } from './lab.ts'
import { orientationOfTransforms, swapsSides } from './orient.ts'
import { type RawPreview, readRaw } from './raw.ts'

/** What is known of a picture before it is decoded. */
export interface PictureHeader {
  /** Size as seen, upright; absent when the header can not be read. */
  readonly width?: number
  readonly height?: number
  /** Orientation to be applied (or that the decoder applies), and where it stands. */
  readonly orientation: number
  readonly orientationFrom: RenderIntent['orientationFrom']
  readonly icc?: Buffer
  /** Colour by numbers, which counts where there is no profile. */
  readonly colour?: CodedColour
  /** Components as coded, where it is known: 1 grey, 3 colour, 4 CMYK or with alpha. */
  readonly space?: string
  readonly depth?: string
  readonly pages?: number
  /** Frames of an animation that sharp does not count: of an APNG, or an AVIF sequence. */
  readonly frames?: number
  readonly hasGainMap?: boolean
  readonly jpeg?: JpegParts
  readonly heif?: HeifFile
  readonly raw?: RawPreview
  /** Why the size is absent. */
  readonly fault?: unknown
}

const upright: Pick<PictureHeader, 'orientation' | 'orientationFrom'> = { orientation: 1, orientationFrom: 'none' }

/** Reads a picture's header. Never throws: what can not be read is absent, and the decode reports it. */
export async function readPictureHeader(source: Source): Promise<PictureHeader> {
  const bytes = source.whole ?? source.leading ?? source.head
  try {
    switch (source.format) {
      case 'jpeg':
        return jpegHeader(bytes, readJpeg(bytes)) ?? (await sharpHeader(source))
      case 'heic':
      case 'avif':
        return await heifHeader(source, readHeif(bytes))
      case 'raw':
        return rawHeader(readRaw(bytes))
      case 'jxl':
      case 'jp2':
      case 'bmp':
      case 'ico':
      case 'exr': {
        const found = readSmallHeader(source.format, bytes)
        if (!found) return { ...upright, fault: new Error('corrupt header') }
        const { orientation = 1, icc } = found
        return {
          ...sized(found.width, found.height, orientation),
          orientation,
          orientationFrom: orientation === 1 ? 'none' : 'container',
          ...(icc ? { icc } : {}),
        }
      }
      default:
        return await sharpHeader(source)
    }
  } catch (fault) {
    return { ...upright, fault }
  }
}

const sized = (width: number, height: number, orientation: number): { width: number; height: number } =>
  swapsSides(orientation) ? { width: height, height: width } : { width, height }

function jpegHeader(bytes: Buffer, parts: JpegParts | null): PictureHeader | null {
  if (parts?.width === undefined || parts.height === undefined) return null
  // A height of zero means that it follows after the scan (DNL); the decoder has to find it.
  if (parts.width === 0 || parts.height === 0) return null
  const { orientation, icc } = parts
  return {
    ...sized(parts.width, parts.height, orientation),
    orientation,
    orientationFrom: orientation === 1 ? 'none' : 'exif',
    space: parts.components === 4 ? 'cmyk' : parts.components === 1 ? 'b-w' : 'srgb',
    jpeg: parts,
    ...(icc ? { icc } : {}),
    ...(jpegHasGainMap(bytes, parts) ? { hasGainMap: true } : {}),
  }
}

async function heifHeader(source: Source, heif: HeifFile | null): Promise<PictureHeader> {
  const primary = heif?.primary
  const orientation = orientationOfTransforms(primary?.transforms ?? [])
  // A grid often leaves its colour to its tiles.
  const tile =
    heif && primary && !primary.icc && !primary.colour
      ? heif.item(heif.references('dimg', primary.id)[0] ?? -1)
      : undefined
  const { icc, colour } = tile ?? primary ?? {}
  const frames = sequenceFrames(source)
  const known = {
    orientation,
    orientationFrom: orientation === 1 ? ('none' as const) : ('container' as const),
    ...(heif ? { heif } : {}),
    ...(heif && heifHasGainMap(heif) ? { hasGainMap: true } : {}),
    ...(frames === undefined ? {} : { frames }),
    ...(icc ? { icc } : {}),
    ...(colour && !icc ? { colour } : {}),
  }
  const isPlain =
    primary?.width !== undefined && primary.height !== undefined && !primary.otherProperties.includes('clap')
  if (isPlain) return { ...known, ...sized(primary.width ?? 0, primary.height ?? 0, orientation) }
  const { orientation: _, orientationFrom: __, ...size } = await sharpHeader(source)
  return { ...size, ...known }
}

function rawHeader(raw: RawPreview): PictureHeader {
  const { orientation, width, height } = raw
  return {
    ...(width === undefined || height === undefined ? {} : sized(width, height, orientation)),
    orientation,
    orientationFrom: orientation === 1 ? 'none' : 'exif',
    raw,
    ...(raw.parts?.icc ? { icc: raw.parts.icc } : {}),
  }
}

async function sharpHeader(source: Source): Promise<PictureHeader> {
  const lab = source.format === 'tiff' && source.whole ? labAsRgb(source.whole) : null
  const input = lab ?? source.whole ?? source.path
  const found = await sharp(input, { limitInputPixels: false, failOn: 'none' }).metadata()
  const { orientation = 1, autoOrient, icc } = found
  const applied = orientation >= 2 && orientation <= 8 ? orientation : 1
  const isPng = source.format === 'png'
  const colour = isPng ? pngColour(source.head) : undefined
  const frames = isPng ? pngFrames(source.head) : undefined
  return {
    width: autoOrient.width,
    height: autoOrient.height,
    orientation: applied,
    orientationFrom: applied === 1 ? 'none' : 'exif',
    space: lab ? 'lab' : found.space,
    depth: found.depth,
    ...(found.pages === undefined ? {} : { pages: found.pages }),
    ...(frames === undefined ? {} : { frames }),
    ...(icc ? { icc } : {}),
    ...(colour ? { colour } : {}),
  }
}

/** The chunk `cICP` of a PNG, which stands before the palette and the data. */
function pngColour(head: Buffer): CodedColour | undefined {
  const at = head.indexOf('\0\0\0\x04cICP', 8, 'latin1')
  if (at < 0 || at + 12 > head.length) return undefined
  const [primaries = 2, transfer = 2, matrix = 0] = head.subarray(at + 8, at + 11)
  return { primaries, transfer, matrix, isFullRange: head[at + 11] === 1 }
}

/** Frames of an APNG whose still picture is its first frame; its count stands before the first frame's own header. */
function pngFrames(head: Buffer): number | undefined {
  const at = head.indexOf('\0\0\0\x08acTL', 8, 'latin1')
  const first = head.indexOf('fcTL', 8, 'latin1')
  const data = head.indexOf('IDAT', 8, 'latin1')
  if (at < 0 || at + 12 > head.length || first < 0 || (data >= 0 && data < first)) return undefined
  return head.readUInt32BE(at + 8)
}

/** Frames of a HEIF that is a sequence as well, by the first table of sample sizes. */
function sequenceFrames({ whole, head }: Source): number | undefined {
  const brand = head.toString('latin1', 8, 12)
  if (!whole || !['avis', 'hevc', 'msf1'].includes(brand)) return undefined
  const at = whole.indexOf('stsz', 0, 'latin1')
  return at < 0 || at + 16 > whole.length ? undefined : whole.readUInt32BE(at + 12)
}
