/** What is counted and measured in the pixels of a picture. */
export interface PictureStatistics {
  /** How often each value 0–255 occurs among the pixels looked at. */
  readonly luma: Uint32Array
  readonly red: Uint32Array
  readonly green: Uint32Array
  readonly blue: Uint32Array
  /** How many pixels were looked at. */
  readonly count: number
  /** 0 for grey, above 80 for gaudy. */
  readonly colourfulness: number
  /** Whether hardly any pixel has a colour. */
  readonly isGrey: boolean
  readonly sharpness: number
  readonly noise: number
}

// A JPEG of a grey picture strays from grey by a few steps.
const colouredBy = 12
/** About this many rows are looked at, evenly spread: over photos that changes the measures by a hundredth. */
const enoughRows = 160

/**
 * Measures interleaved RGB. Luma is that of ITU-R BT.601 on gamma-coded values. Colourfulness after D. Hasler and
 * S. Süsstrunk, "Measuring colorfulness in natural images" (2003). Sharpness is the variance of the Laplacian (J. Pech-Pacheco
 * et al., 2000). Noise after J. Immerkær, "Fast noise variance estimation" (1996): the deviation of what is left when lines
 * and gradients are taken away.
 */
export function measurePicture(rgb: Uint8Array, width: number, height: number): PictureStatistics {
  const samples = new SampleCounter()
  const detail = new DetailMeter(width)
  // Odd, so that the rows meet the 8 rows of a JPEG's blocks in every place.
  const step = height < 2 * enoughRows ? 1 : Math.floor(height / enoughRows) | 1
  // Three neighbouring rows of luma, reused when rows follow each other closely.
  const rows = [new Int32Array(width), new Int32Array(width), new Int32Array(width)] as const
  for (let y = step > 2 ? 1 : 0; y < height; y += step) {
    samples.count(rgb, y * width * 3, width)
    if (y === 0 || y === height - 1) continue
    for (const [index, row] of rows.entries()) lumaOf(rgb, (y - 1 + index) * width * 3, row)
    detail.measure(...rows)
  }
  return { ...samples.result(), ...detail.result() }
}

function lumaOf(rgb: Uint8Array, start: number, row: Int32Array): void {
  for (let x = 0, from = start; x < row.length; x++, from += 3) {
    // Here and below: in bounds by the loops, and a check for each sample would double the time of all.
    row[x] =
      ((rgb[from] as number) * 19595 + (rgb[from + 1] as number) * 38470 + (rgb[from + 2] as number) * 7471 + 32768) >>
      16
  }
}

class SampleCounter {
  readonly #luma = new Uint32Array(256)
  readonly #red = new Uint32Array(256)
  readonly #green = new Uint32Array(256)
  readonly #blue = new Uint32Array(256)
  #sums = { count: 0, rg: 0, yb: 0, rgSquares: 0, ybSquares: 0, coloured: 0 }

  count(rgb: Uint8Array, start: number, width: number): void {
    const [luma, red, green, blue] = [this.#luma, this.#red, this.#green, this.#blue]
    let [rgSum, ybSum, rgSquares, ybSquares, coloured] = [0, 0, 0, 0, 0]
    for (let at = start; at < start + 3 * width; at += 3) {
      const r = rgb[at] as number
      const g = rgb[at + 1] as number
      const b = rgb[at + 2] as number
      ;(luma[(r * 19595 + g * 38470 + b * 7471 + 32768) >> 16] as number)++
      ;(red[r] as number)++
      ;(green[g] as number)++
      ;(blue[b] as number)++
      const rg = r - g
      const yb = r + g - 2 * b
      rgSum += rg
      ybSum += yb
      rgSquares += rg * rg
      ybSquares += yb * yb
      if (rg > colouredBy || rg < -colouredBy || yb > 2 * colouredBy || yb < -2 * colouredBy) coloured++
    }
    const sums = this.#sums
    sums.count += width
    sums.rg += rgSum
    sums.yb += ybSum
    sums.rgSquares += rgSquares
    sums.ybSquares += ybSquares
    sums.coloured += coloured
  }

  result(): Omit<PictureStatistics, 'sharpness' | 'noise'> {
    const { count, rg, yb, rgSquares, ybSquares, coloured } = this.#sums
    const [rgMean, ybMean] = [rg / count, yb / 2 / count]
    const spread = rgSquares / count - rgMean ** 2 + ybSquares / 4 / count - ybMean ** 2
    return {
      luma: this.#luma,
      red: this.#red,
      green: this.#green,
      blue: this.#blue,
      count,
      colourfulness: Math.sqrt(Math.max(0, spread)) + 0.3 * Math.hypot(rgMean, ybMean),
      isGrey: coloured < count / 1000,
    }
  }
}

class DetailMeter {
  readonly #width: number
  #count = 0
  #sum = 0
  #squares = 0
  #rest = 0

  constructor(width: number) {
    this.#width = width
  }

  measure(above: Int32Array, row: Int32Array, below: Int32Array): void {
    let [sum, squares, rest] = [0, 0, 0]
    for (let x = 1; x < this.#width - 1; x++) {
      const centre = row[x] as number
      const cross = (row[x - 1] as number) + (row[x + 1] as number) + (above[x] as number) + (below[x] as number)
      const corners =
        (above[x - 1] as number) + (above[x + 1] as number) + (below[x - 1] as number) + (below[x + 1] as number)
      const laplacian = cross - 4 * centre
      sum += laplacian
      squares += laplacian * laplacian
      const left = corners - 2 * cross + 4 * centre
      rest += left < 0 ? -left : left
    }
    this.#count += Math.max(0, this.#width - 2)
    this.#sum += sum
    this.#squares += squares
    this.#rest += rest
  }

  result(): Pick<PictureStatistics, 'sharpness' | 'noise'> {
    if (this.#count === 0) return { sharpness: 0, noise: 0 }
    const mean = this.#sum / this.#count
    return {
      sharpness: this.#squares / this.#count - mean * mean,
      noise: (Math.sqrt(Math.PI / 2) * this.#rest) / (6 * this.#count),
    }
  }
}
