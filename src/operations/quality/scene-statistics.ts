import { type Plane, tileSide } from './plane.ts'
import type { Tile } from './tiles.ts'

/**
 * Natural-scene statistics after A. Mittal et al., "No-reference image quality assessment in the spatial domain" (BRISQUE,
 * 2012), at two scales: luma normalised by its surroundings, whose distribution, and that of products of neighbours,
 * flaws distort. The surroundings are 5×5 with binomial weights.
 */
export function measureScene(plane: Plane, tiles: readonly Tile[]): Record<string, number> {
  const features: Record<string, number> = {}
  for (const scale of [1, 2] as const) {
    const side = tileSide / scale
    const moments = new Moments()
    const values = new Float64Array(side * side)
    for (const tile of tiles) {
      load(plane, tile, scale, values)
      moments.add(normalised(values, side), side - 4)
    }
    for (const [name, value] of Object.entries(moments.result())) features[`${name}${scale}`] = value
  }
  return features
}

function load({ luma, width }: Plane, { left, top }: Tile, scale: 1 | 2, into: Float64Array): void {
  const side = tileSide / scale
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const at = (top + y * scale) * width + left + x * scale
      into[y * side + x] =
        scale === 1
          ? (luma[at] as number)
          : ((luma[at] as number) +
              (luma[at + 1] as number) +
              (luma[at + width] as number) +
              (luma[at + width + 1] as number)) /
            4
    }
  }
}

const rowMeans = new Float64Array(tileSide * tileSide)
const rowSquares = new Float64Array(tileSide * tileSide)
const output = new Float64Array(tileSide * tileSide)

/** (value − local mean) ÷ (local deviation + 1), without the border of two. */
function normalised(values: Float64Array, side: number): Float64Array {
  const inner = side - 4
  for (let y = 0; y < side; y++) {
    for (let x = 2; x < side - 2; x++) {
      const at = y * side + x
      const a = values[at - 2] as number
      const b = values[at - 1] as number
      const c = values[at] as number
      const d = values[at + 1] as number
      const e = values[at + 2] as number
      rowMeans[at] = (a + e + 4 * (b + d) + 6 * c) / 16
      rowSquares[at] = (a * a + e * e + 4 * (b * b + d * d) + 6 * c * c) / 16
    }
  }
  for (let y = 2; y < side - 2; y++) {
    for (let x = 2; x < side - 2; x++) {
      const at = y * side + x
      const mean = down(rowMeans, at, side)
      const deviation = Math.sqrt(Math.max(0, down(rowSquares, at, side) - mean * mean))
      output[(y - 2) * inner + x - 2] = ((values[at] as number) - mean) / (deviation + 1)
    }
  }
  return output
}

const down = (values: Float64Array, at: number, side: number): number =>
  ((values[at - 2 * side] as number) +
    (values[at + 2 * side] as number) +
    4 * ((values[at - side] as number) + (values[at + side] as number)) +
    6 * (values[at] as number)) /
  16

/** Sums from which the parameters of (asymmetric) generalised Gaussians follow by their moments. */
class Moments {
  #count = 0
  #absolute = 0
  #squares = 0
  readonly #products = [new Sides(), new Sides(), new Sides()] as const

  add(values: Float64Array, side: number): void {
    const [across, down, diagonal] = this.#products
    let [absolute, squares] = [0, 0]
    for (let y = 0; y < side - 1; y++) {
      for (let x = 0; x < side - 1; x++) {
        const at = y * side + x
        const value = values[at] as number
        absolute += value < 0 ? -value : value
        squares += value * value
        across.add(value * (values[at + 1] as number))
        down.add(value * (values[at + side] as number))
        diagonal.add(value * (values[at + side + 1] as number))
      }
    }
    this.#count += (side - 1) ** 2
    this.#absolute += absolute
    this.#squares += squares
  }

  result(): Record<string, number> {
    const count = Math.max(1, this.#count)
    const [across, down, diagonal] = this.#products.map((sides) => sides.result())
    return {
      sceneShape: (this.#absolute / count) ** 2 / (this.#squares / count + 1e-6),
      sceneDeviation: Math.sqrt(this.#squares / count),
      sceneAcross: across?.balance ?? 0,
      sceneDown: down?.balance ?? 0,
      sceneDiagonal: diagonal?.balance ?? 0,
      sceneProduct: ((across?.shape ?? 0) + (down?.shape ?? 0)) / 2,
      sceneDiagonalProduct: diagonal?.shape ?? 0,
    }
  }
}

class Sides {
  #left = 0
  #right = 0
  #absolute = 0
  #count = 0

  add(value: number): void {
    if (value < 0) {
      this.#left += value * value
      this.#absolute -= value
    } else {
      this.#right += value * value
      this.#absolute += value
    }
    this.#count++
  }

  /** How far neighbours agree, −1 to 1, and the ratio of moments that stands for the shape. */
  result(): { balance: number; shape: number } {
    const squares = this.#left + this.#right
    const count = Math.max(1, this.#count)
    return {
      balance: (this.#right - this.#left) / (squares + 1e-6),
      shape: (this.#absolute / count) ** 2 / (squares / count + 1e-6),
    }
  }
}
