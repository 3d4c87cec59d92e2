/** Counts of what the samples of a picture hold, and sums for its colourfulness. */
export interface SampleStatistics {
  /** How often each value 0–255 occurs. */
  readonly luma: Uint32Array
  readonly red: Uint32Array
  readonly green: Uint32Array
  readonly blue: Uint32Array
  /** Luma of each pixel, row by row. */
  readonly grey: Uint8Array
  /** Hasler and Süsstrunk's measure; 0 for grey, above 80 for gaudy. */
  readonly colourfulness: number
  /** Whether hardly any pixel has a colour. */
  readonly isGrey: boolean
}

/** How sharp and how noisy luma is. */
export interface DetailStatistics {
  readonly sharpness: number
  readonly noise: number
}

// A JPEG of a grey picture strays from grey by a few steps.
const colouredBy = 12

/**
 * Counts RGB samples in one pass. Luma is that of ITU-R BT.601 on gamma-coded values; colourfulness that of D. Hasler and
 * S. Süsstrunk, "Measuring colorfulness in natural images" (2003).
 */
export function countSamples(rgb: Uint8Array): SampleStatistics {
  const pixels = Math.floor(rgb.length / 3)
  const luma = new Uint32Array(256)
  const [red, green, blue] = [new Uint32Array(256), new Uint32Array(256), new Uint32Array(256)]
  const grey = new Uint8Array(pixels)
  let [sumRg, sumYb, squareRg, squareYb, coloured] = [0, 0, 0, 0, 0]
  for (let at = 0, from = 0; at < pixels; at++, from += 3) {
    // Indices are in bounds by the loop; a check for each would double the time of the whole operation.
    const r = rgb[from] as number
    const g = rgb[from + 1] as number
    const b = rgb[from + 2] as number
    const value = (r * 19595 + g * 38470 + b * 7471 + 32768) >> 16
    grey[at] = value
    ;(luma[value] as number)++
    ;(red[r] as number)++
    ;(green[g] as number)++
    ;(blue[b] as number)++
    const rg = r - g
    const yb = r + g - 2 * b
    sumRg += rg
    sumYb += yb
    squareRg += rg * rg
    squareYb += yb * yb
    if (rg > colouredBy || rg < -colouredBy || yb > 2 * colouredBy || yb < -2 * colouredBy) coloured++
  }
  const count = Math.max(1, pixels)
  const [meanRg, meanYb] = [sumRg / count, sumYb / 2 / count]
  const spread = squareRg / count - meanRg ** 2 + squareYb / 4 / count - meanYb ** 2
  return {
    luma,
    red,
    green,
    blue,
    grey,
    colourfulness: Math.sqrt(Math.max(0, spread)) + 0.3 * Math.hypot(meanRg, meanYb),
    isGrey: coloured < pixels / 1000,
  }
}

/**
 * Sharpness as the variance of the Laplacian (J. Pech-Pacheco et al., 2000), and noise as J. Immerkær's estimate ("Fast noise
 * variance estimation", 1996): the standard deviation of what is left when lines and gradients are taken away.
 */
export function measureDetail(grey: Uint8Array, width: number, height: number): DetailStatistics {
  if (width < 3 || height < 3) return { sharpness: 0, noise: 0 }
  let [sum, squares, rest] = [0, 0, 0]
  for (let y = 1; y < height - 1; y++) {
    const last = (y + 1) * width - 1
    for (let at = y * width + 1; at < last; at++) {
      // In bounds by the loops, as above.
      const centre = grey[at] as number
      const cross =
        (grey[at - 1] as number) +
        (grey[at + 1] as number) +
        (grey[at - width] as number) +
        (grey[at + width] as number)
      const corners =
        (grey[at - width - 1] as number) +
        (grey[at - width + 1] as number) +
        (grey[at + width - 1] as number) +
        (grey[at + width + 1] as number)
      const laplacian = cross - 4 * centre
      sum += laplacian
      squares += laplacian * laplacian
      const left = corners - 2 * cross + 4 * centre
      rest += left < 0 ? -left : left
    }
  }
  const count = (width - 2) * (height - 2)
  const mean = sum / count
  return { sharpness: squares / count - mean * mean, noise: (Math.sqrt(Math.PI / 2) * rest) / (6 * count) }
}
