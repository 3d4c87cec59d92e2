import { ascending, quantile } from '../numbers.ts'
import { type Plane, tileSide } from './plane.ts'
import type { Tile } from './tiles.ts'

const side = 16
/** Darker and brighter blocks are cut off, and their noise with them. */
const [darkest, brightest] = [8, 245]

/**
 * Noise, after J. Immerkær (1996): what is left when lines and gradients are taken away, in the flattest blocks of 16×16.
 * Also steps in smooth blocks, which tell banding, and what is too even to be a photo.
 */
export function measureFlatAreas(plane: Plane, tiles: readonly Tile[]): Record<string, number> {
  const fine: number[] = []
  const coarse: number[] = []
  const shapes: number[] = []
  const levels: number[] = []
  const jumps: number[] = []
  const blocks: { left: number; top: number; sigma: number }[] = []
  let [empty, count] = [0, 0]
  for (const tile of tiles) {
    for (let y = 0; y < tileSide; y += side) {
      for (let x = 0; x < tileSide; x += side) {
        const block = measureBlock(plane, tile.left + x, tile.top + y)
        count++
        if (block.range <= 1) empty++
        if (block.mean < darkest || block.mean > brightest) continue
        if (block.range >= 5 && block.range <= 48) {
          levels.push(block.levels)
          jumps.push(block.jump)
        }
        fine.push(block.sigma)
        coarse.push(block.coarse)
        shapes.push(block.shape)
        blocks.push({ left: tile.left + x, top: tile.top + y, sigma: block.sigma })
      }
    }
  }
  const [byFine, byCoarse] = [ascending(fine), ascending(coarse)]
  const flattest = blocks.sort((a, b) => a.sigma - b.sigma).slice(0, Math.ceil(blocks.length / 5))
  const chroma = ascending(flattest.map(({ left, top }) => chromaNoise(plane, left, top)))
  const [byLevels, byJump] = [ascending(levels), ascending(jumps)]
  const log = (sigma: number): number => Math.log(sigma + 0.1)
  return {
    noiseLeast: log(quantile(byFine, 0.05)),
    noiseLow: log(quantile(byFine, 0.15)),
    noiseQuarter: log(quantile(byFine, 0.3)),
    noiseUsual: log(quantile(byFine, 0.5)),
    noiseCoarse: log(quantile(byCoarse, 0.15)),
    noiseWhiteness: log(quantile(byFine, 0.15)) - log(quantile(byCoarse, 0.15)),
    noiseShape: quantile(ascending(shapes), 0.5, 0.8),
    noiseChroma: log(quantile(chroma, 0.4)),
    noiseSpread: log(quantile(byFine, 0.5)) - log(quantile(byFine, 0.05)),
    noiseBlocks: blocks.length / Math.max(1, count),
    emptyShare: empty / Math.max(1, count),
    levelsLow: quantile(byLevels, 0.15, 1),
    levelsUsual: quantile(byLevels, 0.5, 1),
    jumpHigh: quantile(byJump, 0.85, 0.2),
    jumpUsual: quantile(byJump, 0.5, 0.2),
    smoothShare: levels.length / Math.max(1, count),
  }
}

interface Block {
  readonly mean: number
  readonly range: number
  /** Deviation of the noise; of single pixels, and of means of 2×2. */
  readonly sigma: number
  readonly coarse: number
  /** 0.8 for Gaussian noise, lower where few places hold all of it. */
  readonly shape: number
  /** Share of the values between the least and the greatest of green that occur. */
  readonly levels: number
  /** Share of the range that its largest step makes. */
  readonly jump: number
}

const seen = new Uint8Array(256)

function measureBlock({ luma, rgb, width }: Plane, left: number, top: number): Block {
  let [sum, low, high, jump] = [0, 255, 0, 0]
  let [rest, squares] = [0, 0]
  seen.fill(0)
  for (let y = 0; y < side; y++) {
    const row = (top + y) * width + left
    const hasInner = y > 0 && y < side - 1
    for (let x = 0; x < side; x++) {
      const at = row + x
      const here = luma[at] as number
      sum += here
      const green = rgb[at * 3 + 1] as number
      seen[green] = 1
      if (green < low) low = green
      if (green > high) high = green
      if (x > 0) {
        const step = Math.abs(green - (rgb[at * 3 - 2] as number))
        if (step > jump) jump = step
      }
      if (!hasInner || x === 0 || x === side - 1) continue
      const cross =
        (luma[at - 1] as number) +
        (luma[at + 1] as number) +
        (luma[at - width] as number) +
        (luma[at + width] as number)
      const corners =
        (luma[at - width - 1] as number) +
        (luma[at - width + 1] as number) +
        (luma[at + width - 1] as number) +
        (luma[at + width + 1] as number)
      const left4 = corners - 2 * cross + 4 * here
      rest += left4 < 0 ? -left4 : left4
      squares += left4 * left4
    }
  }
  let levels = 0
  for (let value = low; value <= high; value++) levels += seen[value] as number
  const inner = (side - 2) ** 2
  return {
    mean: sum / side ** 2,
    range: high - low,
    sigma: (Math.sqrt(Math.PI / 2) * rest) / (6 * inner),
    coarse: coarseNoise(luma, width, left, top),
    shape: squares === 0 ? 0.8 : rest / inner / Math.sqrt(squares / inner),
    levels: (levels - 1) / Math.max(1, high - low),
    jump: jump / Math.max(1, high - low),
  }
}

const small = new Float64Array((side / 2) ** 2)

function coarseNoise(luma: Uint8Array, width: number, left: number, top: number): number {
  const half = side / 2
  for (let y = 0; y < half; y++) {
    for (let x = 0; x < half; x++) {
      const at = (top + 2 * y) * width + left + 2 * x
      small[y * half + x] =
        ((luma[at] as number) +
          (luma[at + 1] as number) +
          (luma[at + width] as number) +
          (luma[at + width + 1] as number)) /
        4
    }
  }
  let rest = 0
  for (let y = 1; y < half - 1; y++) {
    for (let x = 1; x < half - 1; x++) {
      const at = y * half + x
      rest += Math.abs(
        (small[at - half - 1] as number) +
          (small[at - half + 1] as number) +
          (small[at + half - 1] as number) +
          (small[at + half + 1] as number) -
          2 *
            ((small[at - 1] as number) +
              (small[at + 1] as number) +
              (small[at - half] as number) +
              (small[at + half] as number)) +
          4 * (small[at] as number),
      )
    }
  }
  return (Math.sqrt(Math.PI / 2) * rest) / (6 * (half - 2) ** 2)
}

/** The same of the differences of the channels, over pairs of pixels, since colour is often coded at half the size. */
function chromaNoise({ rgb, width }: Plane, left: number, top: number): number {
  let [rest, count] = [0, 0]
  const stride = width * 6
  for (let y = 2; y < side - 2; y += 2) {
    for (let x = 2; x < side - 2; x += 2) {
      const at = ((top + y) * width + left + x) * 3
      for (let other = 0; other < 3; other += 2) {
        const cross =
          apart(rgb, at - 6, other) +
          apart(rgb, at + 6, other) +
          apart(rgb, at - stride, other) +
          apart(rgb, at + stride, other)
        const corners =
          apart(rgb, at - stride - 6, other) +
          apart(rgb, at - stride + 6, other) +
          apart(rgb, at + stride - 6, other) +
          apart(rgb, at + stride + 6, other)
        rest += Math.abs(corners - 2 * cross + 4 * apart(rgb, at, other))
        count++
      }
    }
  }
  return (Math.sqrt(Math.PI / 2) * rest) / (6 * count)
}

const apart = (rgb: Uint8Array, at: number, channel: number): number =>
  (rgb[at + channel] as number) - (rgb[at + 1] as number)
