import { MediaError } from '../../errors.ts'
import { decodeBitFields } from './bitmap.ts'
import { toPictureError } from './fault.ts'
import { decodeStills, type FrameTraits, type StillCodec, samplesOf, traitsOf } from './ffmpeg.ts'
import type { PictureHeader } from './header.ts'
import { type IconEntry, iconEntries } from './header-small.ts'
import { readIcc } from './icc.ts'
import { toRgb } from './pixels.ts'
import { withProfile } from './profile.ts'
import { kernel, type Raster } from './raster.ts'
import { openPixels, readPixels } from './raw-pixels.ts'
import { decodeWithSharp, type Edge, intentOf } from './sharp.ts'
import { dynamicRangeOf, needsConversion, profileNameOf, toSrgb } from './tone.ts'

/** Decodes a picture that is one packet to FFmpeg (JPEG XL, JPEG 2000, BMP, EXR), strictly first, then as far as it goes. */
export async function decodeStill(
  codec: StillCodec,
  bytes: Buffer,
  header: PictureHeader,
  edge: Edge,
): Promise<Raster> {
  try {
    return await decode(codec, bytes, header, edge, true)
  } catch (strict) {
    try {
      const raster = await decode(codec, bytes, header, edge, false)
      return { ...raster, damage: toPictureError(strict).details[0] ?? 'parts of it can not be read' }
    } catch {
      const pixels = codec === 'bmp' ? decodeBitFields(bytes) : null
      if (!pixels) throw toPictureError(strict)
      return {
        ...(await shrinkTo(pixels, edge)),
        fullWidth: pixels.width,
        fullHeight: pixels.height,
        intent: intentOf(header),
      }
    }
  }
}

/** EXR holds light; this asks the decoder for the tones of sRGB. */
const settings: Partial<Record<StillCodec, Record<string, string>>> = { exr: { apply_trc: 'iec61966_2_1' } }

async function decode(
  codec: StillCodec,
  bytes: Buffer,
  header: PictureHeader,
  edge: Edge,
  isStrict: boolean,
): Promise<Raster> {
  let raster: Raster | undefined
  const options = { isStrict, ...(settings[codec] ? { settings: settings[codec] } : {}) }
  await decodeStills(codec, [bytes], options, async (frame, index) => {
    if (index > 0) return
    const traits = traitsOf(frame)
    const { width, height } = frame
    const isConverted = !traits.icc && !header.icc && codec !== 'exr' && needsConversion(traits.colour)
    const layout = traits.hasAlpha ? 'rgba' : 'rgb'
    const samples = await samplesOf(frame, isConverted ? `${layout}16` : layout, { width, height })
    const channels = traits.hasAlpha ? 4 : 3
    const data = isConverted
      ? toSrgb(
          { data: new Uint16Array(samples.buffer, samples.byteOffset, samples.length / 2), width, height, channels },
          traits.colour,
        )
      : samples
    raster = await finish(withoutIdleAlpha({ data, width, height, channels }), header, traits, edge)
  })
  if (!raster) throw new Error('unexpected end of stream: no picture came out')
  return raster
}

type Bare = Pick<Raster, 'data' | 'width' | 'height' | 'channels'>

/** Some decoders give an alpha that says nothing, as of palettes and 32-bit pixels: one that is opaque everywhere is dropped. */
export function withoutIdleAlpha(pixels: Bare): Bare {
  const { data, width, height, channels } = pixels
  if (channels !== 4) return pixels
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return pixels
  return toRgb({ data, width, height, channels })
}

/** Shrinks to the edge, then applies the profile, and says so. */
async function finish(pixels: Bare, header: PictureHeader, traits: FrameTraits, edge: Edge): Promise<Raster> {
  const icc = traits.icc ?? header.icc
  const profile = icc ? readIcc(icc) : null
  const small = await shrinkTo(pixels, edge)
  const range = !icc ? dynamicRangeOf(traits.colour) : undefined
  return {
    ...(icc ? await withProfile(small, icc) : small),
    fullWidth: pixels.width,
    fullHeight: pixels.height,
    intent: {
      ...intentOf(header),
      profile: profile?.name ?? (needsConversion(traits.colour) ? profileNameOf(traits.colour) : 'untagged'),
      ...(range ? { toneMapped: range } : {}),
    },
  }
}

/** Makes pixels no larger than the edge asks for; full and small ones stay as they are. */
export async function shrinkTo(pixels: Bare, edge: Edge): Promise<Bare> {
  if (edge === 'full' || Math.max(pixels.width, pixels.height) <= edge) return pixels
  return readPixels(openPixels(pixels).resize(edge, edge, { fit: 'inside', kernel }))
}

/** Decodes the largest picture of an icon file. */
export async function decodeIcon(bytes: Buffer, header: PictureHeader, edge: Edge): Promise<Raster> {
  const entries = iconEntries(bytes)
  const [entry] = entries
  if (!entry) throw new MediaError('MEDIA_DAMAGED', ['no picture of the icon can be read'])
  const isPng = entry.data.readUInt32BE(0) === 0x89504e47
  const raster = isPng
    ? await decodeWithSharp(entry.data, header, edge)
    : await decodeStill('bmp', asBitmap(entry), header, edge)
  if (entries.length < 2) return raster
  return { ...raster, intent: { ...raster.intent, source: `largest of ${entries.length} pictures` } }
}

/** Gives an icon's bitmap the file header it lacks, and its true height: icons count the mask that follows as rows. */
function asBitmap({ data, width, height, depth }: IconEntry): Buffer {
  const head = Buffer.alloc(14)
  const headerSize = data.readUInt32LE(0)
  const colours = depth <= 8 ? data.readUInt32LE(32) || 2 ** depth : 0
  head.write('BM', 'latin1')
  head.writeUInt32LE(14 + data.length, 2)
  head.writeUInt32LE(14 + headerSize + 4 * colours, 10)
  const bitmap = Buffer.concat([head, data])
  bitmap.writeInt32LE(width, 18)
  bitmap.writeInt32LE(height, 22)
  return bitmap
}
