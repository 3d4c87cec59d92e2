import type { Pixels } from '../picture.ts'

/** Luma, one byte a sample, as `greyInto` has it. Greys stay the object they are. */
export function toGrey(pixels: Pixels): Pixels {
  if (pixels.channels === 1) return pixels
  const { width, height } = pixels
  const grey = Buffer.allocUnsafe(width * height)
  greyInto(grey, pixels, 0)
  return { data: grey, width, height, channels: 1 }
}

/**
 * Fills `grey` with the luma of as many samples from the one at `first` on: of gamma-coded RGB by ITU-R BT.601; transparent parts
 * count as white.
 */
export function greyInto(grey: Uint8Array, { data, channels }: Pixels, first: number): void {
  const count = grey.length
  if (channels === 1) grey.set(data.subarray(first, first + count))
  else if (channels === 3) {
    // In bounds, as pixels are whole: a check for each sample would take half as long again.
    for (let at = 0, from = first * 3; at < count; at++, from += 3) {
      grey[at] = luma(data[from] as number, data[from + 1] as number, data[from + 2] as number)
    }
  } else {
    for (let at = 0, from = first * 4; at < count; at++, from += 4) {
      const alpha = data[from + 3] as number
      const value = luma(data[from] as number, data[from + 1] as number, data[from + 2] as number)
      grey[at] = alpha === 255 ? value : overWhite(value, alpha)
    }
  }
}

/** Three channels: alpha is laid over white, grey is repeated. RGB stays the object it is. */
export function toRgb(pixels: Pixels): Pixels {
  if (pixels.channels === 3) return pixels
  const { width, height, channels, data } = pixels
  const count = width * height
  const rgb = Buffer.allocUnsafe(count * 3)
  for (let at = 0, from = 0, to = 0; at < count; at++, from += channels, to += 3) {
    const alpha = channels === 4 ? (data[from + 3] ?? 255) : 255
    for (let channel = 0; channel < 3; channel++) {
      rgb[to + channel] = overWhite(data[from + (channels === 1 ? 0 : channel)] ?? 0, alpha)
    }
  }
  return { data: rgb, width, height, channels: 3 }
}

/** The colours of RGBA as they lie under the alpha, which is dropped; other pixels stay the object they are. */
export function withoutAlpha(pixels: Pixels): Pixels {
  if (pixels.channels !== 4) return pixels
  const { data, width, height } = pixels
  const rgb = Buffer.allocUnsafe(width * height * 3)
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    rgb[to] = data[from] ?? 0
    rgb[to + 1] = data[from + 1] ?? 0
    rgb[to + 2] = data[from + 2] ?? 0
  }
  return { data: rgb, width, height, channels: 3 }
}

/** Four channels: what has no alpha gets an opaque one. RGBA stays the object it is. */
export function toRgba(pixels: Pixels): Pixels {
  if (pixels.channels === 4) return pixels
  const { width, height, channels, data } = pixels
  const count = width * height
  const rgba = Buffer.allocUnsafe(count * 4)
  for (let at = 0, from = 0, to = 0; at < count; at++, from += channels, to += 4) {
    for (let channel = 0; channel < 3; channel++) rgba[to + channel] = data[from + (channels === 1 ? 0 : channel)] ?? 0
    rgba[to + 3] = 255
  }
  return { data: rgba, width, height, channels: 4 }
}

/** Averages each target pixel over the area it covers, in plain arithmetic, so that hashes are the same on every machine. */
export function boxShrink(pixels: Pixels, width: number, height: number): Pixels {
  if (pixels.width === width && pixels.height === height) return pixels
  const { channels } = pixels
  const columns = coverage(pixels.width, width)
  const rows = coverage(pixels.height, height)
  const rowLength = width * channels
  const data = Buffer.allocUnsafe(rowLength * height)
  const sums = new Float64Array(rowLength)
  for (let y = 0; y < height; y++) {
    sums.fill(0)
    for (const { at, weight } of rows[y] ?? []) {
      const row = at * pixels.width * channels
      for (let x = 0; x < width; x++) {
        for (const column of columns[x] ?? []) {
          const from = row + column.at * channels
          const share = weight * column.weight
          for (let channel = 0; channel < channels; channel++) {
            const to = x * channels + channel
            sums[to] = (sums[to] ?? 0) + (pixels.data[from + channel] ?? 0) * share
          }
        }
      }
    }
    for (let x = 0; x < rowLength; x++) data[y * rowLength + x] = Math.round(sums[x] ?? 0)
  }
  return { data, width, height, channels }
}

/** For each target position the source positions it covers, with weights that add up to 1. */
function coverage(from: number, to: number): { at: number; weight: number }[][] {
  const scale = from / to
  return Array.from({ length: to }, (_, position) => {
    const start = position * scale
    const end = Math.min(from, start + scale)
    const spans: { at: number; weight: number }[] = []
    for (let at = Math.floor(start); at < end; at++) {
      const weight = (Math.min(end, at + 1) - Math.max(start, at)) / (end - start)
      if (weight > 1e-9) spans.push({ at, weight })
    }
    return spans
  })
}

const luma = (red: number, green: number, blue: number): number =>
  (red * 19595 + green * 38470 + blue * 7471 + 32768) >> 16

const overWhite = (value: number, alpha: number): number => Math.round((value * alpha + 255 * (255 - alpha)) / 255)
