import sharp from 'sharp'
import type { Pixels } from '../picture.ts'
import { readIcc, tiffWithIcc } from './icc.ts'
import { readPixels } from './raw-pixels.ts'

/**
 * Pixels in sRGB that came in the colours of an RGB or grey profile. What is sRGB already, or has a profile of another kind,
 * comes back as the object it is.
 */
export async function withProfile(pixels: Pixels, icc: Buffer): Promise<Pixels> {
  const traits = readIcc(icc)
  if (traits?.space === 'grey') return withCurve(pixels, await greysOf(icc))
  if (traits?.space !== 'rgb' || traits.isSrgb) return pixels
  return readPixels(sharp(tiffWithIcc(pixels, icc), { limitInputPixels: false }).toColourspace('srgb'))
}

/** For each grey of a profile that of sRGB. */
async function greysOf(icc: Buffer): Promise<Buffer> {
  const data = Buffer.from(Array.from({ length: 256 }, (_, grey) => grey))
  const ramp = tiffWithIcc({ data, width: 256, height: 1, channels: 1 }, icc)
  return sharp(ramp).toColourspace('b-w').raw().toBuffer()
}

function withCurve({ data, width, height, channels }: Pixels, greys: Buffer): Pixels {
  const bent = Buffer.allocUnsafe(data.length)
  for (let at = 0; at < data.length; at++) {
    const value = data[at] ?? 0
    bent[at] = channels === 4 && at % 4 === 3 ? value : (greys[value] ?? value)
  }
  return { data: bent, width, height, channels }
}
