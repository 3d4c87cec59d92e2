import sharp from 'sharp'
import type { RenderIntent } from '../render-intent.ts'
import type { Source } from '../source.ts'
import { heifHasGainMap, jpegHasGainMap } from './gain-map.ts'
import { readPng } from './header-png.ts'
import { readSmallHeader } from './header-small.ts'
import type { CodedColour } from './heif-boxes.ts'
import { type HeifFile, readHeif } from './heif-boxes.ts'
import { type JpegParts, readJpeg } from './jpeg-parts.ts'
import { countViews } from './jpeg-views.ts'
import { labAsRgb } from './lab.ts'
import { adobeRgbProfile } from './made-profile.ts'
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
  /** Views of one subject (stereo, panorama), when the file holds several; the first is shown. */
  readonly views?: number
  readonly jpeg?: JpegParts
  readonly heif?: HeifFile
  readonly raw?: RawPreview
  /** Of an animation that can not be opened as it is, while some of its frames can: what is wrong with it. */
  readonly damage?: string
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
      case 'webp':
        return await webpHeader(source)
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
  const { orientation } = parts
  const icc = profileOfJpeg(parts)
  const views = parts.index ? countViews(parts.index, bytes.length) : 1
  return {
    ...sized(parts.width, parts.height, orientation),
    orientation,
    orientationFrom: orientation === 1 ? 'none' : 'exif',
    space: parts.components === 4 ? 'cmyk' : parts.components === 1 ? 'b-w' : 'srgb',
    jpeg: parts,
    ...(icc ? { icc } : {}),
    ...(jpegHasGainMap(bytes, parts) ? { hasGainMap: true } : {}),
    ...(views > 1 ? { views } : {}),
  }
}

/** The profile that a JPEG holds, or the one that its camera only names. */
const profileOfJpeg = ({ icc, isAdobeRgb, components }: JpegParts): Buffer | undefined =>
  icc ?? (isAdobeRgb && components === 3 ? adobeRgbProfile() : undefined)

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
  const icc = raw.parts ? profileOfJpeg(raw.parts) : undefined
  return {
    ...(width === undefined || height === undefined ? {} : sized(width, height, orientation)),
    orientation,
    orientationFrom: orientation === 1 ? 'none' : 'exif',
    raw,
    ...(icc ? { icc } : {}),
  }
}

/** libvips refuses an animation of which a frame is cut; the header is then that of the frames that are whole. */
async function webpHeader(source: Source): Promise<PictureHeader> {
  try {
    return await sharpHeader(source)
  } catch (fault) {
    const { wholeFrames } = await import('./animation/whole-frames.ts')
    const whole = await wholeFrames(source, false)
    if (!whole) throw fault
    const isCut = source.bytes < 8 + source.head.readUInt32LE(4)
    const damage = isCut ? 'the picture data ends early' : 'the picture data is garbled in places'
    return { ...(await sharpHeader({ ...source, whole })), damage }
  }
}

async function sharpHeader(source: Source): Promise<PictureHeader> {
  const lab = source.format === 'tiff' && source.whole ? labAsRgb(source.whole) : null
  const input = lab ?? source.whole ?? source.path
  const found = await sharp(input, { limitInputPixels: false, failOn: 'none' }).metadata()
  const { orientation = 1, autoOrient, icc } = found
  const applied = orientation >= 2 && orientation <= 8 ? orientation : 1
  const png = source.format === 'png' ? readPng(source.head) : undefined
  return {
    width: autoOrient.width,
    height: autoOrient.height,
    orientation: applied,
    orientationFrom: applied === 1 ? 'none' : 'exif',
    space: lab ? 'lab' : found.space,
    depth: found.depth,
    ...(found.pages === undefined ? {} : { pages: found.pages }),
    ...png,
    ...(icc ? { icc } : {}),
  }
}

/** Frames of a HEIF that is a sequence as well, by the first table of sample sizes. */
function sequenceFrames({ whole, head }: Source): number | undefined {
  const brand = head.toString('latin1', 8, 12)
  if (!whole || !['avis', 'hevc', 'msf1'].includes(brand)) return undefined
  const at = whole.indexOf('stsz', 0, 'latin1')
  return at < 0 || at + 16 > whole.length ? undefined : whole.readUInt32BE(at + 12)
}
