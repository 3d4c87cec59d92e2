import { readIfds } from './tiff-ifds.ts'

const photometric = 262
const bitsPerSample = 258
const [rgb, cieLab] = [2, 8]

/**
 * A copy of a CIELab TIFF that calls its samples RGB, since libvips refuses those of 8 bits and takes the white of those of 16
 * for that of a screen; null for all others. The decoded samples are then L*, a* and b*, for `labToSrgb`.
 */
export function labAsRgb(tiff: Buffer): Buffer | null {
  const [ifd] = readIfds(tiff)
  const bits = ifd?.get(bitsPerSample)?.[0]
  if (ifd?.get(photometric)?.[0] !== cieLab || (bits !== 8 && bits !== 16)) return null
  const isLittle = tiff[0] === 0x49
  const entry = Buffer.from(isLittle ? [6, 1, 3, 0, 1, 0, 0, 0, cieLab, 0] : [1, 6, 0, 3, 0, 0, 0, 1, 0, cieLab])
  const at = tiff.indexOf(entry)
  if (at < 0) return null
  const copy = Buffer.from(tiff)
  copy[at + (isLittle ? 8 : 9)] = rgb
  return copy
}

/** Turns interleaved L*, a*, b* bytes (a* and b* signed, white D50), with or without alpha, into sRGB, in place. */
export function labToSrgb(samples: Buffer, channels: 3 | 4): void {
  for (let at = 0; at + 2 < samples.length; at += channels) {
    const y = ((samples[at] ?? 0) / 2.55 + 16) / 116
    const x = y + samples.readInt8(at + 1) / 500
    const z = y - samples.readInt8(at + 2) / 200
    const [X, Y, Z] = [0.9642 * linear(x), linear(y), 0.8249 * linear(z)]
    // XYZ of D50 to linear sRGB, with Bradford's adaptation (Lindbloom).
    samples[at] = encode(3.1339 * X - 1.6169 * Y - 0.4906 * Z)
    samples[at + 1] = encode(-0.9788 * X + 1.9161 * Y + 0.0335 * Z)
    samples[at + 2] = encode(0.0719 * X - 0.229 * Y + 1.4052 * Z)
  }
}

const linear = (value: number): number => (value > 6 / 29 ? value ** 3 : (3 * (value - 4 / 29) * 36) / 841)

function encode(light: number): number {
  const value = light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055
  return Math.round(255 * Math.min(1, Math.max(0, value)))
}
