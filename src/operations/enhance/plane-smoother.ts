import { forward, inverse, scales } from './dct.ts'

const side = 8
/** Blocks overlap by half, so that each sample is seen by four of them and no border of a block shows. */
const step = 4

/**
 * Smooths one plane that is handed over row by row, and hands it on likewise: each block of 8×8 is transformed, what is too
 * weak to be more than noise is dropped, and the overlapping blocks are averaged, the plain ones counting more (G. Yu and
 * G. Sapiro, "DCT image denoising: a simple and effective image denoising algorithm", 2011). Edges, which are strong, stay.
 * The plane has at least 8 rows and columns.
 */
export class PlaneSmoother {
  readonly #width: number
  readonly #height: number
  readonly #limits: Float32Array
  readonly #take: (row: Float32Array, y: number) => void
  /** The last 8 rows that came, and sums and weights of the rows that blocks still add to. */
  readonly #rows: Float32Array[]
  readonly #sums: Float32Array[]
  readonly #weights: Float32Array[]
  readonly #block = new Float32Array(side * side)
  #came = 0
  #given = 0

  /** Coefficients weaker than `threshold` are dropped; `take` gets each finished row, in order, and must not keep it. */
  constructor(width: number, height: number, threshold: number, take: (row: Float32Array, y: number) => void) {
    this.#width = width
    this.#height = height
    this.#take = take
    this.#limits = Float32Array.from({ length: side * side }, (_, at) => {
      const factor = 8 * (scales[at % side] ?? 1) * (scales[Math.floor(at / side)] ?? 1)
      return threshold * factor
    })
    const ring = (): Float32Array[] => Array.from({ length: side }, () => new Float32Array(width))
    this.#rows = ring()
    this.#sums = ring()
    this.#weights = ring()
  }

  /** Takes the next row. */
  push(row: Float32Array): void {
    this.#rows[this.#came % side]?.set(row)
    this.#came++
    const top = this.#came - side
    const isLast = this.#came === this.#height
    if (top < 0 || (top % step !== 0 && !isLast)) return
    this.#smoothRow(top)
    const next = isLast ? this.#height : Math.min(top + step, this.#height - side)
    while (this.#given < next) this.#give()
  }

  #smoothRow(top: number): void {
    const last = this.#width - side
    for (let left = 0; left < last; left += step) this.#smoothBlock(top, left)
    this.#smoothBlock(top, last)
  }

  #smoothBlock(top: number, left: number): void {
    const block = this.#block
    for (let y = 0; y < side; y++) {
      const row = this.#rows[(top + y) % side] as Float32Array
      for (let x = 0; x < side; x++) block[y * side + x] = row[left + x] as number
    }
    forward(block)
    const limits = this.#limits
    let kept = 1
    for (let at = 1; at < 64; at++) {
      const value = block[at] as number
      const limit = limits[at] as number
      if (value < limit && value > -limit) block[at] = 0
      else kept++
    }
    if (kept === 1) {
      // Of most blocks of a smooth picture only the mean is left.
      block.fill((block[0] as number) / 64)
      this.#add(top, left, 1, 1)
      return
    }
    inverse(block)
    // The plainer a block, the more it is worth: what is kept of a lively one is partly noise.
    const weight = 1 / kept
    this.#add(top, left, weight / 64, weight)
  }

  #add(top: number, left: number, factor: number, weight: number): void {
    const block = this.#block
    for (let y = 0; y < side; y++) {
      const sums = this.#sums[(top + y) % side] as Float32Array
      const weights = this.#weights[(top + y) % side] as Float32Array
      for (let x = 0; x < side; x++) {
        sums[left + x] = (sums[left + x] as number) + (block[y * side + x] as number) * factor
        weights[left + x] = (weights[left + x] as number) + weight
      }
    }
  }

  #give(): void {
    const sums = this.#sums[this.#given % side] as Float32Array
    const weights = this.#weights[this.#given % side] as Float32Array
    for (let x = 0; x < this.#width; x++) sums[x] = (sums[x] as number) / (weights[x] as number)
    this.#take(sums, this.#given)
    sums.fill(0)
    weights.fill(0)
    this.#given++
  }
}
