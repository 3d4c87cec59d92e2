import sharp, { type Sharp, type SharpOptions } from 'sharp'
import type { EncodeOptions, ShownPicture } from '../picture.ts'
import type { RenderIntent } from '../render-intent.ts'
import { damageOf, toPictureError } from './fault.ts'
import type { PictureHeader } from './header.ts'
import { readIcc } from './icc.ts'
import { withProfile } from './profile.ts'
import { encodeSmall, kernel, type Raster } from './raster.ts'
import { dynamicRangeOf, needsConversion, profileNameOf, toSrgb } from './tone.ts'

/** How large a decode has to be: the longest side in pixels, or all there is. */
export type Edge = number | 'full'

/**
 * Decodes with libvips: shrunk on load, upright, sRGB. A file that fails is decoded once more leniently, and what could be
 * read comes back with `damage`.
 */
export async function decodeWithSharp(
  input: Buffer | string,
  header: PictureHeader,
  edge: Edge,
  options: SharpOptions = {},
): Promise<Raster> {
  const intent = intentOf(header)
  try {
    return await decode(input, header, edge, intent, { ...options, failOn: 'error' })
  } catch (strict) {
    try {
      const raster = await decode(input, header, edge, intent, { ...options, failOn: 'none' })
      const { details } = toPictureError(strict)
      return { ...raster, damage: raster.damage ?? details[0] ?? 'parts of it can not be read' }
    } catch {
      // The strict decoder says best what is wrong; the lenient one only where it gave up.
      throw toPictureError(strict)
    }
  }
}

/**
 * Decodes a JPEG and encodes what is seen in one go: the bytes are those that would be made of its decode. Undefined where
 * pixels must be looked at between, and for a file that fails.
 */
export async function encodeWithSharp(
  input: Buffer | string,
  header: PictureHeader,
  options: EncodeOptions,
): Promise<ShownPicture | undefined> {
  const { fit, format, edge } = options
  const icc = header.icc ? readIcc(header.icc) : null
  const isSrgb = header.space === 'srgb' && !header.colour && (!header.icc || icc?.isSrgb)
  if (fit !== 'inside' || (format !== 'webp' && format !== 'jpeg') || !isSrgb) return undefined
  const { image, warnings } = open(input, edge, { ignoreIcc: icc !== null, failOn: 'error' })
  const encoded = await encodeSmall(image, options).catch(() => undefined)
  const damage = damageOf(warnings)
  return encoded && { ...encoded, intent: intentOf(header), ...(damage === undefined ? {} : { damage }) }
}

async function decode(
  input: Buffer | string,
  header: PictureHeader,
  edge: Edge,
  intent: RenderIntent,
  options: SharpOptions,
): Promise<Raster> {
  const icc = header.icc ? readIcc(header.icc) : null
  // Converting a colour profile costs more than all else, and libvips does it before it shrinks: what is sRGB by its numbers
  // is left alone, and the rest is converted after shrinking. Besides, sharp brings 16 bits to Display P3 instead of sRGB, and
  // leaves 16-bit greys as they are.
  const isApplied = (icc?.space === 'rgb' || icc?.space === 'grey') && header.space !== 'cmyk'
  const { image, warnings } = open(input, edge, { ignoreIcc: isApplied, ...options })
  const { colour } = header
  const raster = colour && !icc && needsConversion(colour) ? await deep(image, colour) : await plain(image)
  const converted = isApplied && header.icc ? await withProfile(raster, header.icc) : raster
  const damage = damageOf(warnings)
  return {
    ...converted,
    fullWidth: header.width ?? converted.width,
    fullHeight: header.height ?? converted.height,
    intent,
    ...(damage === undefined ? {} : { damage }),
  }
}

/** Opens a file, upright and shrunk on load; `warnings` fills while it is decoded. */
function open(input: Buffer | string, edge: Edge, options: SharpOptions): { image: Sharp; warnings: string[] } {
  const image = sharp(input, { limitInputPixels: false, autoOrient: true, sequentialRead: true, ...options })
  const warnings: string[] = []
  image.on('warning', (warning: string) => warnings.push(warning))
  if (edge !== 'full') image.resize(edge, edge, { fit: 'inside', withoutEnlargement: true, kernel })
  return { image, warnings }
}

type Bare = Pick<Raster, 'data' | 'width' | 'height' | 'channels'>

async function plain(image: Sharp): Promise<Bare> {
  const { data, info } = await image.toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  if (info.channels === 1 || info.channels === 3 || info.channels === 4) {
    return { data, width: info.width, height: info.height, channels: info.channels }
  }
  // Grey with alpha.
  const rgba = Buffer.allocUnsafe(info.width * info.height * 4)
  for (let at = 0, to = 0; at < data.length; at += info.channels, to += 4) {
    const grey = data[at] ?? 0
    rgba[to] = grey
    rgba[to + 1] = grey
    rgba[to + 2] = grey
    rgba[to + 3] = data[at + 1] ?? 255
  }
  return { data: rgba, width: info.width, height: info.height, channels: 4 }
}

async function deep(image: Sharp, colour: Parameters<typeof toSrgb>[1]): Promise<Bare> {
  const { data, info } = await image
    .toColourspace('rgb16')
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true })
  const { width, height } = info
  const channels = info.channels === 4 ? 4 : 3
  const samples = new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2)
  return { data: toSrgb({ data: samples, width, height, channels }, colour), width, height, channels }
}

/** What is decided by the header alone. */
export function intentOf(header: PictureHeader): RenderIntent {
  const icc = header.icc ? readIcc(header.icc) : null
  const range = header.colour && !icc ? dynamicRangeOf(header.colour) : undefined
  const frames = header.frames ?? header.pages ?? 1
  const profile =
    icc?.name ??
    (header.colour && needsConversion(header.colour)
      ? profileNameOf(header.colour)
      : header.space === 'cmyk'
        ? 'CMYK'
        : 'untagged')
  return {
    orientation: header.orientation,
    orientationFrom: header.orientationFrom,
    profile,
    ...(range ? { toneMapped: range } : {}),
    ...(header.hasGainMap ? { gainMap: 'ignored' } : {}),
    ...(frames > 1 ? { source: `frame 1 of ${frames}` } : header.views ? { source: `view 1 of ${header.views}` } : {}),
  }
}
