import type { Pixels } from '../picture.ts'

/** What a small picture of a frame shows of its worth as the film's face; all 0–1. */
export interface FrameWorth {
  readonly brightness: number
  readonly contrast: number
  readonly detail: number
  readonly sharpness: number
  readonly colour: number
  /** The whole: near 0 for black, white and empty frames, above 0.5 for most others. */
  readonly score: number
}

/** Judges a frame by a small rendering of it (about 160 pixels wide). */
export function worthOf({ data, width, height, channels }: Pixels): FrameWorth {
  const count = width * height
  const luma = new Uint8Array(count)
  const counts = new Uint32Array(256)
  let saturation = 0
  for (let at = 0, from = 0; at < count; at++, from += channels) {
    const [red = 0, green = red, blue = red] = [data[from], data[from + 1], data[from + 2]]
    const value = (red * 77 + green * 151 + blue * 28) >> 8
    luma[at] = value
    counts[value] = (counts[value] ?? 0) + 1
    saturation += Math.max(red, green, blue) - Math.min(red, green, blue)
  }
  const brightness = luma.reduce((sum, value) => sum + value, 0) / count / 255
  const contrast = (quantile(counts, count, 0.95) - quantile(counts, count, 0.05)) / 255
  const detail = entropy(counts, count) / 8
  const sharpness = Math.min(1, edges(luma, width, height) / 20)
  const colour = Math.min(1, saturation / count / 80)
  // Each of the three spoils the whole, so they multiply: a black frame is not saved by a sharp line of text.
  const spoiled = exposure(brightness) * Math.min(1, contrast / 0.35) * Math.min(1, detail / 0.6)
  return { brightness, contrast, detail, sharpness, colour, score: spoiled * (0.6 + 0.3 * sharpness + 0.1 * colour) }
}

/** 1 in the middle, falling to 0 towards black and white. */
function exposure(brightness: number): number {
  if (brightness < 0.25) return Math.max(0, brightness - 0.02) / 0.23
  if (brightness > 0.8) return Math.max(0, 1 - brightness) / 0.2
  return 1
}

function quantile(counts: Uint32Array, total: number, share: number): number {
  let left = total * share
  let value = 0
  while (value < 255) {
    left -= counts[value] ?? 0
    if (left <= 0) break
    value++
  }
  return value
}

/** Bits a pixel, 0–8: how many different tones there are. */
function entropy(counts: Uint32Array, total: number): number {
  let bits = 0
  for (const count of counts) if (count > 0) bits -= (count / total) * Math.log2(count / total)
  return bits
}

/** Mean step from each pixel to what its neighbours let expect. */
function edges(luma: Uint8Array, width: number, height: number): number {
  if (width < 3 || height < 3) return 0
  let sum = 0
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x
      const around = (luma[at - 1] ?? 0) + (luma[at + 1] ?? 0) + (luma[at - width] ?? 0) + (luma[at + width] ?? 0)
      sum += Math.abs(4 * (luma[at] ?? 0) - around)
    }
  }
  return sum / ((width - 2) * (height - 2))
}

/** How far two small pictures of the same size differ, 0–1; a cut or a fade between them is above a tenth. */
export function differenceOf(one: Pixels, other: Pixels): number {
  if (one.data.length !== other.data.length) return 1
  let sum = 0
  for (let at = 0; at < one.data.length; at++) sum += Math.abs((one.data[at] ?? 0) - (other.data[at] ?? 0))
  return sum / one.data.length / 255
}
