import { ascending, clamp, quantile } from '../numbers.ts'
import { type Plane, tileSide } from './plane.ts'
import type { Tile } from './tiles.ts'

/** Exposure, clipping and contrast from the histograms, and how bright the parts with detail are. */
export function measureTones(plane: Plane, tiles: readonly Tile[]): Record<string, number> {
  const { luma, most, green, count } = histograms(plane)
  const share = (histogram: Uint32Array, from: number, to: number): number => {
    let sum = 0
    for (let value = from; value <= to; value++) sum += histogram[value] as number
    return sum / count
  }
  const at = (histogram: Uint32Array, part: number): number => {
    let left = part * count
    for (let value = 0; value < 256; value++) {
      left -= histogram[value] as number
      if (left <= 0) return value / 255
    }
    return 1
  }
  let [sum, squares, linear, entropy] = [0, 0, 0, 0]
  for (let value = 0; value < 256; value++) {
    const part = (luma[value] as number) / count
    sum += part * value
    squares += part * value * value
    linear += part * (value / 255) ** 2.2
    if (part > 0) entropy -= part * Math.log2(part)
  }
  const spike = (inner: number, outer: number): number => Math.log((outer + 1e-4) / (inner + 1e-4))
  const detailed = detailTones(plane, tiles)
  return {
    p01: at(luma, 0.001),
    p1: at(luma, 0.01),
    p5: at(luma, 0.05),
    p25: at(luma, 0.25),
    p50: at(luma, 0.5),
    p75: at(luma, 0.75),
    p95: at(luma, 0.95),
    p99: at(luma, 0.99),
    p999: at(luma, 0.999),
    most99: at(most, 0.99),
    most999: at(most, 0.999),
    most50: at(most, 0.5),
    mean: sum / 255,
    deviation: Math.sqrt(Math.max(0, squares - sum * sum)) / 255,
    stops: Math.log2(linear + 1e-4),
    entropy,
    range: at(luma, 0.99) - at(luma, 0.01),
    wideRange: at(luma, 0.999) - at(luma, 0.001),
    clippedLow: Math.sqrt(share(luma, 0, 3)),
    clippedHigh: Math.sqrt(share(most, 252, 255)),
    clippedWhite: Math.sqrt(share(luma, 251, 255)),
    darkShare: share(luma, 0, 25),
    brightShare: share(luma, 230, 255),
    spikeLow: spike(share(luma, 6, 21) / 4, share(luma, 0, 3)),
    spikeHigh: spike(share(most, 234, 249) / 4, share(most, 252, 255)),
    combs: combsOf(green, count),
    emptyValues: emptyOf(green),
    ...detailed,
  }
}

interface Histograms {
  readonly luma: Uint32Array
  /** Of the brightest channel of each pixel. */
  readonly most: Uint32Array
  readonly green: Uint32Array
  readonly count: number
}

function histograms({ rgb, luma: values, width, height }: Plane): Histograms {
  const luma = new Uint32Array(256)
  const most = new Uint32Array(256)
  const green = new Uint32Array(256)
  const stride = height < 480 ? 1 : Math.floor(height / 240) | 1
  let count = 0
  for (let y = 0; y < height; y += stride) {
    for (let at = y * width, end = at + width; at < end; at++) {
      const r = rgb[at * 3] as number
      const g = rgb[at * 3 + 1] as number
      const b = rgb[at * 3 + 2] as number
      ;(luma[values[at] as number] as number)++
      ;(most[Math.max(r, g, b)] as number)++
      ;(green[g] as number)++
    }
    count += width
  }
  return { luma, most, green, count }
}

/** How far the histogram goes up and down from value to value, 0–1: it does after stretching and in bands. */
function combsOf(histogram: Uint32Array, count: number): number {
  let [rough, total] = [0, 0]
  for (let value = 3; value < 253; value++) {
    const around =
      ((histogram[value - 2] as number) +
        (histogram[value - 1] as number) +
        (histogram[value + 1] as number) +
        (histogram[value + 2] as number)) /
      4
    rough += Math.abs((histogram[value] as number) - around)
    total += Math.max(histogram[value] as number, around)
  }
  return total < count / 50 ? 0 : rough / total
}

/** Share of the values between the first and the last hundredth that hardly occur. */
function emptyOf(histogram: Uint32Array): number {
  let [low, high] = [1, 254]
  const total = histogram.reduce((sum, value) => sum + value, 0)
  for (let sum = histogram[0] as number; low < high && sum < total / 100; low++) sum += histogram[low] as number
  for (let sum = histogram[255] as number; high > low && sum < total / 100; high--) sum += histogram[high] as number
  let empty = 0
  for (let value = low; value <= high; value++) if ((histogram[value] as number) < total / 20_000) empty++
  return empty / Math.max(16, high - low + 1)
}

/** Brightness where there is something to see, and the contrast within small areas. */
function detailTones({ luma, width }: Plane, tiles: readonly Tile[]): Record<string, number> {
  const lively = [...tiles].sort((a, b) => b.activity - a.activity).slice(0, Math.ceil(tiles.length / 3))
  const values: number[] = []
  const contrasts: number[] = []
  for (const { left, top } of lively) {
    let [sum, squares, count] = [0, 0, 0]
    for (let y = 4; y < tileSide; y += 8) {
      for (let x = 4; x < tileSide; x += 4) {
        const value = luma[(top + y) * width + left + x] as number
        values.push(value)
        sum += value
        squares += value * value
        count++
      }
    }
    contrasts.push(Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2)) / 255)
  }
  const sorted = ascending(values)
  return {
    detailDark: quantile(sorted, 0.1) / 255,
    detailMiddle: quantile(sorted, 0.5) / 255,
    detailBright: quantile(sorted, 0.95) / 255,
    localContrast: clamp(quantile(ascending(contrasts), 0.5), 0, 1),
    highContrast: quantile(ascending(contrasts), 0.9),
  }
}
