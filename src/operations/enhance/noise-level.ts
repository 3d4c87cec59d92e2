import type { Pixels } from '../../media/picture.ts'
import { forward, scales } from './dct.ts'

const side = 8
/** About this many blocks are looked at, evenly spread. */
const enoughBlocks = 4000
/** What is fine: from this sum of the two frequencies on, which hold little of a picture's shapes. */
const fineFrom = 6
/** The flattest fifth of the blocks shows the noise; the others show the picture. */
const flattest = 0.2

/** Deviation of the noise in luma and in the differences of colour, in steps of 0–255; zeros for a picture without any. */
export function measureNoise({ data, width, height, channels }: Pixels): { luma: number; colour: number } {
  if (width < side || height < side) return { luma: 0, colour: 0 }
  const step = Math.max(side, Math.floor(Math.sqrt((width * height) / enoughBlocks)))
  const [lumas, colours]: [number[], number[]] = [[], []]
  const block = new Float32Array(side * side)
  for (let top = 0; top + side <= height; top += step) {
    for (let left = 0; left + side <= width; left += step) {
      for (const [levels, weights] of [
        [lumas, luma],
        [colours, blue],
        [colours, red],
      ] as const) {
        take(block, data, (top * width + left) * channels, width * channels, channels, weights)
        // A block of one colour was drawn, or clipped: neither tells of noise.
        const level = fineness(block)
        if (level > 0.05) levels.push(level)
      }
    }
  }
  return { luma: lowOf(lumas), colour: lowOf(colours) }
}

type Weights = readonly [red: number, green: number, blue: number]
const luma: Weights = [0.299, 0.587, 0.114]
const blue: Weights = [-0.1687, -0.3313, 0.5]
const red: Weights = [0.5, -0.4187, -0.0813]

function take(
  block: Float32Array,
  data: Buffer,
  start: number,
  stride: number,
  channels: number,
  [r, g, b]: Weights,
): void {
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const at = start + y * stride + x * channels
      block[y * side + x] = (data[at] ?? 0) * r + (data[at + 1] ?? 0) * g + (data[at + 2] ?? 0) * b
    }
  }
}

/** Deviation of a block's fine structure. */
function fineness(block: Float32Array): number {
  forward(block)
  let [sum, count] = [0, 0]
  for (let v = 0; v < side; v++) {
    for (let u = Math.max(0, fineFrom - v); u < side; u++) {
      const value = (block[v * side + u] ?? 0) / (8 * (scales[u] ?? 1) * (scales[v] ?? 1))
      sum += value * value
      count++
    }
  }
  return Math.sqrt(sum / count)
}

function lowOf(levels: number[]): number {
  if (levels.length < 8) return 0
  return levels.sort((one, other) => one - other)[Math.floor(levels.length * flattest)] ?? 0
}
