import type { Pixels } from '../../media/picture.ts'

/** How a picture is sharpened. */
export interface Sharpening {
  /** Deviation of the blur that is taken away, in pixels. */
  readonly sigma: number
  /** How many times the difference to the blurred picture is added. */
  readonly amount: number
  /** Differences up to this are noise and are left alone. */
  readonly noise: number
}

/** A difference approaches this, so that hard edges get no halo. */
const mostStep = 40

/**
 * Sharpens RGB or RGBA in place by its luma (unsharp masking), leaving colours and alpha alone. `pause` is awaited after each
 * row.
 */
export async function sharpen(
  { data, width, height, channels }: Pixels,
  { sigma, amount, noise }: Sharpening,
  pause: (row: number) => Promise<void> | undefined,
): Promise<void> {
  const weights = bell(sigma)
  const reach = weights.length - 1
  // Rows of luma and of luma blurred along the row, as they were before anything was changed.
  const size = 2 * reach + 1
  const [lumas, blurs] = [rowsOf(size, width), rowsOf(size, width)]
  const at = (rows: readonly Float32Array[], y: number): Float32Array =>
    rows[Math.min(height - 1, Math.max(0, y)) % size] as Float32Array
  const load = (y: number): void => {
    const luma = at(lumas, y)
    lumaOf(data, y * width * channels, channels, luma)
    blurRow(luma, at(blurs, y), weights)
  }
  for (let y = 0; y < Math.min(reach, height); y++) load(y)
  const blurred = new Float32Array(width)
  for (let y = 0; y < height; y++) {
    if (y + reach < height) load(y + reach)
    blurred.fill(0)
    for (let away = -reach; away <= reach; away++) {
      addRow(blurred, at(blurs, y + away), weights[Math.abs(away)] as number)
    }
    addDetail(data, y * width * channels, channels, at(lumas, y), blurred, amount, noise)
    await pause(y)
  }
}

const rowsOf = (count: number, width: number): Float32Array[] =>
  Array.from({ length: count }, () => new Float32Array(width))

/** The weights of a Gaussian from its middle outwards, which all together make 1. */
function bell(sigma: number): Float32Array {
  const reach = Math.max(1, Math.ceil(2.5 * sigma))
  const weights = Float32Array.from({ length: reach + 1 }, (_, away) => Math.exp(-(away * away) / (2 * sigma * sigma)))
  const sum = weights.reduce((total, weight, away) => total + (away === 0 ? weight : 2 * weight), 0)
  return weights.map((weight) => weight / sum)
}

// In bounds by the loops, here and below.
function lumaOf(data: Buffer, start: number, channels: number, luma: Float32Array): void {
  for (let x = 0, at = start; x < luma.length; x++, at += channels) {
    luma[x] = 0.299 * (data[at] as number) + 0.587 * (data[at + 1] as number) + 0.114 * (data[at + 2] as number)
  }
}

function blurRow(row: Float32Array, blurred: Float32Array, weights: Float32Array): void {
  const last = row.length - 1
  for (let x = 0; x <= last; x++) {
    let sum = (row[x] as number) * (weights[0] as number)
    for (let away = 1; away < weights.length; away++) {
      const left = x < away ? 0 : x - away
      const right = Math.min(x + away, last)
      sum += ((row[left] as number) + (row[right] as number)) * (weights[away] as number)
    }
    blurred[x] = sum
  }
}

function addRow(sums: Float32Array, row: Float32Array, weight: number): void {
  for (let x = 0; x < sums.length; x++) sums[x] = (sums[x] as number) + (row[x] as number) * weight
}

function addDetail(
  data: Buffer,
  start: number,
  channels: number,
  luma: Float32Array,
  blurred: Float32Array,
  amount: number,
  noise: number,
): void {
  for (let x = 0, at = start; x < luma.length; x++, at += channels) {
    const difference = (luma[x] as number) - (blurred[x] as number)
    const size = difference < 0 ? -difference : difference
    if (size <= noise) continue
    const strong = (size - noise) * amount
    const step = (strong * mostStep) / (strong + mostStep)
    const change = difference < 0 ? -step : step
    for (let channel = at; channel < at + 3; channel++) {
      const value = (data[channel] as number) + change + 0.5
      data[channel] = value <= 0 ? 0 : value >= 255 ? 255 : value | 0
    }
  }
}
