import { MediaError } from '../../errors.ts'
import { checkPixels } from '../limits.ts'
import type { MediaLimits } from '../media.ts'
import type { EncodeOptions, Picture, ShownPicture } from '../picture.ts'
import type { Source } from '../source.ts'
import { toPictureError } from './fault.ts'
import { damageOfGif, readGif } from './gif.ts'
import type { PictureHeader } from './header.ts'
import { pictureOf, type Raster } from './raster.ts'
import { decodeWithSharp, type Edge, encodeWithSharp } from './sharp.ts'

/** Decodes a picture of any format to at least `edge`; refuses what declares too many pixels before anything is decoded. */
export async function decodePicture(
  source: Source,
  header: PictureHeader,
  edge: Edge,
  limits: MediaLimits,
): Promise<Picture> {
  check(header, limits)
  return pictureOf(await decode(source, header, edge, limits))
}

/**
 * Decodes and encodes in one go, to the same bytes as one after the other; undefined where that can not be, and then
 * nothing is said of the file. Refuses what declares too many pixels.
 */
export async function encodePicture(
  source: Source,
  header: PictureHeader,
  options: EncodeOptions,
  limits: MediaLimits,
): Promise<ShownPicture | undefined> {
  if (source.format !== 'jpeg') return undefined
  check(header, limits)
  const encoded = await encodeWithSharp(input(source), header, options)
  const damage = encoded?.damage ?? cutShort(source, header)
  return encoded && damage !== undefined ? { ...encoded, damage } : encoded
}

function check(header: PictureHeader, limits: MediaLimits): void {
  if (header.fault !== undefined) throw toPictureError(header.fault)
  // What is shown of a raw file is its preview, whose own size counts.
  const { width, height } = header.raw?.parts ?? header
  if (width !== undefined && height !== undefined) checkPixels(width, height, limits)
}

async function decode(source: Source, header: PictureHeader, edge: Edge, limits: MediaLimits): Promise<Raster> {
  switch (source.format) {
    case 'jpeg': {
      const raster = await decodeWithSharp(input(source), header, edge)
      const damage = raster.damage ?? cutShort(source, header)
      return damage === undefined ? raster : { ...raster, damage }
    }
    case 'avif':
      return decodeAvif(source, header, edge)
    case 'heic': {
      const { decodeHeif } = await import('./heif.ts')
      return decodeHeif(held(source), header, edge)
    }
    case 'raw':
      return decodePreview(header, edge)
    case 'ico': {
      const { decodeIcon } = await import('./still.ts')
      return decodeIcon(held(source), header, edge)
    }
    case 'jxl':
    case 'jp2':
    case 'bmp':
    case 'exr': {
      const { decodeStill } = await import('./still.ts')
      return decodeStill(source.format, held(source), header, edge)
    }
    case 'webp':
      return decodeWebp(source, header, edge)
    case 'gif':
      return decodeGif(source, header, edge, limits)
    case 'tiff':
      return header.space === 'lab' ? decodeLab(source, header, edge) : decodeWithSharp(input(source), header, edge)
    default:
      return decodeWithSharp(input(source), header, edge)
  }
}

const input = (source: Source): Buffer | string => source.whole ?? source.path

/** The content in memory, for decoders that take nothing else. */
function held(source: Source): Buffer {
  if (source.whole) return source.whole
  throw new MediaError('UNSUPPORTED_CONTENT', [`files of the format ${source.format} are read up to 64 MiB`])
}

/**
 * A JPEG whose end is missing and whose last bytes are zeros: an interrupted copy. Decoders show the lost half as plain grey
 * and say nothing, since zeros are valid codes.
 */
function cutShort({ whole }: Source, { jpeg }: PictureHeader): string | undefined {
  if (!whole || !jpeg || jpeg.end !== undefined) return undefined
  return whole.subarray(-64).every((byte) => byte === 0) ? 'the picture data ends early, in zeros' : undefined
}

async function decodeGif(source: Source, header: PictureHeader, edge: Edge, limits: MediaLimits): Promise<Raster> {
  const frame = readGif(source.whole ?? source.head)
  if (frame) checkPixels(frame.width, frame.height, limits)
  const raster = await decodeWithSharp(input(source), header, edge)
  const damage = raster.damage ?? (frame && source.whole ? damageOfGif(source.whole) : undefined)
  return damage === undefined ? raster : { ...raster, damage }
}

async function decodeWebp(source: Source, header: PictureHeader, edge: Edge): Promise<Raster> {
  const { damage } = header
  if (damage === undefined) return decodeWithSharp(input(source), header, edge)
  const { wholeFrames } = await import('./animation/whole-frames.ts')
  const raster = await decodeWithSharp((await wholeFrames(source, false)) ?? input(source), header, edge)
  return { ...raster, damage }
}

async function decodeLab(source: Source, header: PictureHeader, edge: Edge): Promise<Raster> {
  const [{ labAsRgb, labToSrgb }, { shrinkTo }] = await Promise.all([import('./lab.ts'), import('./still.ts')])
  // Shrunk later: the mean of two signed bytes near zero is not what libvips takes it for.
  const raster = await decodeWithSharp(labAsRgb(held(source)) ?? input(source), header, 'full')
  if (raster.channels !== 1) labToSrgb(raster.data, raster.channels)
  return { ...raster, ...(await shrinkTo(raster, edge)), intent: { ...raster.intent, profile: 'CIELab' } }
}

/** libvips refuses files that call themselves sequences first, although a still picture lies in them as in any AVIF. */
async function decodeAvif(source: Source, header: PictureHeader, edge: Edge): Promise<Raster> {
  const { whole } = source
  const isSequence = whole?.toString('latin1', 8, 12) === 'avis'
  const still = whole && isSequence ? Buffer.from(whole) : input(source)
  if (isSequence && typeof still !== 'string') still.write('avif', 8, 'latin1')
  try {
    return await decodeWithSharp(still, header, edge)
  } catch (thrown) {
    if (!whole || !header.heif) throw thrown
    const { decodeHeif } = await import('./heif.ts')
    return decodeHeif(whole, header, edge).catch(() => Promise.reject(thrown))
  }
}

/** Shows a raw file by its preview, turned once: the preview's own EXIF is set aside for the orientation of the whole. */
async function decodePreview(header: PictureHeader, edge: Edge): Promise<Raster> {
  const { raw } = header
  if (!raw?.jpeg || !raw.parts) throw new MediaError('NO_PICTURE', ['the raw file holds no preview that can be shown'])
  const { orientPixels, swapsSides } = await import('./orient.ts')
  const { width = 0, height = 0 } = raw.parts
  const flat = { ...header, width, height, orientation: 1, orientationFrom: 'none' as const }
  const raster = await decodeWithSharp(raw.jpeg, flat, edge, { autoOrient: false })
  const pixels = orientPixels({ ...raster }, raw.orientation)
  const { orientation, orientationFrom } = header
  return {
    ...raster,
    ...pixels,
    fullWidth: swapsSides(orientation) ? height : width,
    fullHeight: swapsSides(orientation) ? width : height,
    intent: { ...raster.intent, orientation, orientationFrom, source: 'embedded preview' },
  }
}
