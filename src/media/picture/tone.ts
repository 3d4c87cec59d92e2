import type { CodedColour } from './heif-boxes.ts'

/** Pixels of 16 bits a sample, little-endian in host order, still in the colour of their file. */
export interface DeepPixels {
  readonly data: Uint16Array
  readonly width: number
  readonly height: number
  readonly channels: 3 | 4
}

const [pq, hlg] = [16, 18]

/** How a coded colour is high dynamic range, if it is. */
export const dynamicRangeOf = ({ transfer }: CodedColour): 'pq' | 'hlg' | undefined =>
  transfer === pq ? 'pq' : transfer === hlg ? 'hlg' : undefined

/** Whether pixels in this colour would look wrong when shown as sRGB. */
export const needsConversion = (colour: CodedColour): boolean =>
  dynamicRangeOf(colour) !== undefined || colour.transfer === linear || primariesToSrgb[colour.primaries] !== undefined

const linear = 8

/** Names of primaries for people; sRGB's own are the default. */
export const profileNameOf = (colour: CodedColour): string => {
  const primaries =
    colour.primaries === 9 ? 'Rec. 2020' : colour.primaries === 12 || colour.primaries === 11 ? 'Display P3' : 'sRGB'
  const range = dynamicRangeOf(colour)
  return range ? `${primaries} ${range.toUpperCase()}` : primaries
}

/** Linear-light matrices to sRGB's primaries (ITU-R BT.2407 for Rec. 2020; SMPTE EG 432-1 for P3 with D65). */
const primariesToSrgb: Readonly<Record<number, readonly number[]>> = {
  9: [1.6605, -0.5876, -0.0728, -0.1246, 1.1329, -0.0083, -0.0182, -0.1006, 1.1187],
  11: [1.2249, -0.2247, 0, -0.042, 1.0419, 0, -0.0197, -0.0786, 1.0979],
  12: [1.2249, -0.2247, 0, -0.042, 1.0419, 0, -0.0197, -0.0786, 1.0979],
}
const identity: readonly number[] = [1, 0, 0, 0, 1, 0, 0, 0, 1]

/**
 * Brings pixels to 8-bit sRGB: undoes the transfer function, turns the primaries, and rolls highlights above reference white
 * (203 cd/m², ITU-R BT.2408) off along the curve of ITU-R BT.2390, so that what is below keeps its tone.
 */
export function toSrgb(pixels: DeepPixels, colour: CodedColour): Buffer {
  const { data, channels } = pixels
  const toLight = lightTable(colour.transfer)
  const matrix = primariesToSrgb[colour.primaries] ?? identity
  const [m0 = 1, m1 = 0, m2 = 0, m3 = 0, m4 = 1, m5 = 0, m6 = 0, m7 = 0, m8 = 1] = matrix
  const range = dynamicRangeOf(colour)
  // Of HLG the table gives light of the scene, which a screen shows the more vividly the brighter the pixel is as a whole.
  const screen = range === 'hlg' ? screenGains : undefined
  const peak = range ? Math.max(1, shown(brightestOf(pixels, toLight), screen)) : 1
  const gains = peak > 1 ? rollOff(peak) : undefined
  const out = Buffer.allocUnsafe(data.length)
  for (let at = 0; at < data.length; at += channels) {
    let red = toLight[(data[at] ?? 0) >> 4] ?? 0
    let green = toLight[(data[at + 1] ?? 0) >> 4] ?? 0
    let blue = toLight[(data[at + 2] ?? 0) >> 4] ?? 0
    if (screen) {
      const gain = screen[(steps * Math.sqrt(0.2627 * red + 0.678 * green + 0.0593 * blue) + 0.5) | 0] ?? 0
      red *= gain
      green *= gain
      blue *= gain
    }
    const brightest = Math.max(red, green, blue)
    const gain = gains && brightest > 0 ? (gains[Math.min(steps, (steps * Math.sqrt(brightest / peak)) | 0)] ?? 1) : 1
    out[at] = encode((m0 * red + m1 * green + m2 * blue) * gain)
    out[at + 1] = encode((m3 * red + m4 * green + m5 * blue) * gain)
    out[at + 2] = encode((m6 * red + m7 * green + m8 * blue) * gain)
    if (channels === 4) out[at + 3] = (data[at + 3] ?? 65535) >> 8
  }
  return out
}

const referenceWhite = 203
const steps = 4096

/** By the root of a scene's luminance: what a screen of 1000 cd/m² multiplies its light with; 1 is reference white. */
const screenGains = Float32Array.from(
  { length: steps + 1 },
  (_, step) => (1000 * (step / steps) ** (2 * 0.2)) / referenceWhite,
)

const shown = (light: number, screen: Float32Array | undefined): number =>
  screen ? light * (screen[Math.round(steps * Math.sqrt(light))] ?? 0) : light

/** Light by the upper 12 bits of a sample; 1 is reference white, of HLG the most that a scene can hold. */
function lightTable(transfer: number): Float32Array {
  const known = lightTables.get(transfer)
  if (known) return known
  const table = Float32Array.from({ length: 4096 }, (_, code) => lightOf(code / 4095, transfer))
  lightTables.set(transfer, table)
  return table
}

/** To make one takes longer than to use it on a small picture. */
const lightTables = new Map<number, Float32Array>()

function lightOf(value: number, transfer: number): number {
  if (transfer === pq) return pqToNits(value) / referenceWhite
  if (transfer === hlg) return hlgToScene(value)
  if (transfer === linear) return value
  if (transfer === 4) return value ** 2.2
  if (transfer === 5) return value ** 2.8
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
}

/** SMPTE ST 2084. */
function pqToNits(value: number): number {
  const power = value ** (1 / 78.84375)
  return 10_000 * (Math.max(0, power - 0.8359375) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125)
}

function nitsToPq(nits: number): number {
  const power = (nits / 10_000) ** 0.1593017578125
  return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375
}

/** ITU-R BT.2100, hybrid log-gamma. */
const hlgToScene = (value: number): number =>
  value <= 0.5 ? (value * value) / 3 : (Math.exp((value - 0.55991073) / 0.17883277) + 0.28466892) / 12

/** The light that all but one pixel in a thousand stay below, so that a single spark does not darken all. */
function brightestOf({ data, channels }: DeepPixels, toLight: Float32Array): number {
  const counts = new Uint32Array(4096)
  for (let at = 0; at < data.length; at += channels) {
    const code = Math.max(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0) >> 4
    counts[code] = (counts[code] ?? 0) + 1
  }
  let left = data.length / channels / 1000
  let code = 4095
  while (code > 0 && left > 0) left -= counts[code--] ?? 0
  return toLight[code + 1] ?? 1
}

/** By the root of brightness ÷ peak: what to multiply with, so that `peak` ends at white. */
function rollOff(peak: number): Float32Array {
  const source = nitsToPq(peak * referenceWhite)
  const target = nitsToPq(referenceWhite) / source
  const knee = Math.max(0, 1.5 * target - 0.5)
  const kneeLight = pqToNits(knee * source) / referenceWhite
  return Float32Array.from({ length: steps + 1 }, (_, step) => {
    const light = Math.max(1e-6, (step / steps) ** 2 * peak)
    if (light <= kneeLight) return 1
    const level = Math.min(1, nitsToPq(light * referenceWhite) / source)
    const t = (level - knee) / (1 - knee)
    const bent =
      (2 * t ** 3 - 3 * t ** 2 + 1) * knee + (t ** 3 - 2 * t ** 2 + t) * (1 - knee) + (3 * t ** 2 - 2 * t ** 3) * target
    return pqToNits(bent * source) / referenceWhite / light
  })
}

const encoded = Uint8Array.from({ length: 8193 }, (_, index) => {
  const light = index / 8192
  return Math.round(255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055))
})

const encode = (light: number): number => encoded[light <= 0 ? 0 : light >= 1 ? 8192 : (light * 8192) | 0] ?? 0
