import type { Pixels } from '../media/picture.ts'
import { blurRows } from './blur-rows.ts'
import { lightOf } from './light.ts'

/** Larger pictures are halved until they have at most so many pixels, as when the whole is seen on a large screen. */
const mostPixels = 4_000_000

/** How much each scale counts, the finest first: Z. Wang, E. Simoncelli, A. Bovik, "Multi-scale structural similarity" (2003). */
const weights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333] as const

/**
 * How different two RGB pictures of one size look: 0 for equal ones, without an upper end. Multi-scale SSIM in CIELAB, the
 * scales made in linear light, given as 1/SSIM − 1, which is the way of K. Lesiński's DSSIM and of its order of magnitude.
 */
export function perceptualDistance(a: Pixels, b: Pixels): number {
  let one = linearLight(a)
  let other = linearLight(b)
  let [sum, total] = [0, 0]
  for (const [scale, weight] of weights.entries()) {
    if (scale > 0) {
      // Below this there is nothing more to be seen than a colour.
      if (Math.min(one.width, one.height) < 16) break
      one = halved(one)
      other = halved(other)
    }
    sum += weight * meanSsim(toLab(one), toLab(other))
    total += weight
  }
  const ssim = Math.max(1e-3, sum / total)
  // Equal pictures stray from 1 by rounding alone.
  return Math.max(0, 1 / Math.min(1, ssim) - 1)
}

/** Three planes of one size. */
interface Planes {
  readonly planes: readonly [Float32Array, Float32Array, Float32Array]
  readonly width: number
  readonly height: number
}

/** Linear light, at a half, a quarter, … of the size where the picture is too large. */
function linearLight({ data, width, height }: Pixels): Planes {
  let step = 1
  while ((width / step) * (height / step) > mostPixels) step *= 2
  const [across, down] = [Math.max(1, Math.floor(width / step)), Math.max(1, Math.floor(height / step))]
  const planes = newPlanes(across * down)
  const [reds, greens, blues] = planes
  const share = 1 / (step * step)
  for (let y = 0, to = 0; y < down; y++) {
    for (let x = 0; x < across; x++, to++) {
      let [red, green, blue] = [0, 0, 0]
      for (let row = y * step; row < (y + 1) * step; row++) {
        const from = (row * width + x * step) * 3
        for (let at = from; at < from + 3 * step; at += 3) {
          // In bounds by the loops; a check for each sample would double the time.
          red += lightOf[data[at] as number] as number
          green += lightOf[data[at + 1] as number] as number
          blue += lightOf[data[at + 2] as number] as number
        }
      }
      reds[to] = red * share
      greens[to] = green * share
      blues[to] = blue * share
    }
  }
  return { planes, width: across, height: down }
}

const newPlanes = (length: number): Planes['planes'] => [
  new Float32Array(length),
  new Float32Array(length),
  new Float32Array(length),
]

function halved({ planes, width, height }: Planes): Planes {
  const [across, down] = [Math.floor(width / 2), Math.floor(height / 2)]
  const half = newPlanes(across * down)
  for (const [channel, plane] of planes.entries()) {
    const target = half[channel] ?? plane
    for (let y = 0, to = 0; y < down; y++) {
      for (let x = 0, from = 2 * y * width; x < across; x++, from += 2, to++) {
        const above = (plane[from] as number) + (plane[from + 1] as number)
        target[to] = (above + (plane[from + width] as number) + (plane[from + width + 1] as number)) / 4
      }
    }
  }
  return { planes: half, width: across, height: down }
}

/** CIELAB of linear sRGB (D65), all three divided by 100; the colours are blurred, since the eye sees them less sharply. */
function toLab({ planes: [reds, greens, blues], width, height }: Planes): Planes {
  const planes = newPlanes(reds.length)
  const [lightness, redGreen, blueYellow] = planes
  for (let at = 0; at < reds.length; at++) {
    const red = reds[at] as number
    const green = greens[at] as number
    const blue = blues[at] as number
    const x = cubeRoot(0.4339 * red + 0.3762 * green + 0.1899 * blue)
    const y = cubeRoot(0.2126 * red + 0.7152 * green + 0.0722 * blue)
    const z = cubeRoot(0.0178 * red + 0.1095 * green + 0.8727 * blue)
    lightness[at] = 1.16 * y - 0.16
    redGreen[at] = 5 * (x - y)
    blueYellow[at] = 2 * (y - z)
  }
  const colours = [redGreen, blueYellow] as const
  const rowOf = (plane: Float32Array, y: number) => plane.subarray(y * width, (y + 1) * width)
  blurRows(
    { width, height },
    2,
    (y, rows) => rows.forEach((row, index) => void row.set(rowOf(colours[index] ?? redGreen, y))),
    (y, rows) => rows.forEach((row, index) => void rowOf(colours[index] ?? redGreen, y).set(row)),
  )
  return { planes, width, height }
}

const steps = 8192
const rootTable = Float32Array.from({ length: steps + 2 }, (_, index) => {
  const value = index / steps
  return value > 216 / 24389 ? Math.cbrt(value) : (24389 / 27 / 116) * value + 16 / 116
})

/** The root of CIELAB, which goes straight near 0; between the steps of a table. */
function cubeRoot(value: number): number {
  const place = Math.min(1, value) * steps
  const at = Math.floor(place)
  const low = rootTable[at] as number
  return low + ((rootTable[at + 1] as number) - low) * (place - at)
}

// As usual for SSIM, with samples of 0–1.
const [c1, c2] = [0.01 ** 2, 0.03 ** 2]

/** The mean SSIM over all pixels; means, variances and covariances are those of the three planes together. */
function meanSsim(a: Planes, b: Planes): number {
  const { width, height } = a
  const [a0, a1, a2] = a.planes
  const [b0, b1, b2] = b.planes
  let sum = 0
  blurRows(
    { width, height },
    9,
    (y, rows) => {
      const [ra0, ra1, ra2, rb0, rb1, rb2, squaresA, squaresB, products] = nine(rows)
      for (let x = 0, at = y * width; x < width; x++, at++) {
        const [p0, p1, p2] = [a0[at] as number, a1[at] as number, a2[at] as number]
        const [q0, q1, q2] = [b0[at] as number, b1[at] as number, b2[at] as number]
        ra0[x] = p0
        ra1[x] = p1
        ra2[x] = p2
        rb0[x] = q0
        rb1[x] = q1
        rb2[x] = q2
        squaresA[x] = p0 * p0 + p1 * p1 + p2 * p2
        squaresB[x] = q0 * q0 + q1 * q1 + q2 * q2
        products[x] = p0 * q0 + p1 * q1 + p2 * q2
      }
    },
    (_, rows) => {
      const [ra0, ra1, ra2, rb0, rb1, rb2, squaresA, squaresB, products] = nine(rows)
      // Summed here, since a number that two functions share is made anew at each change.
      let rowSum = 0
      for (let x = 0; x < width; x++) {
        const [p0, p1, p2] = [ra0[x] as number, ra1[x] as number, ra2[x] as number]
        const [q0, q1, q2] = [rb0[x] as number, rb1[x] as number, rb2[x] as number]
        const meansA = (p0 * p0 + p1 * p1 + p2 * p2) / 3
        const meansB = (q0 * q0 + q1 * q1 + q2 * q2) / 3
        const meansAB = (p0 * q0 + p1 * q1 + p2 * q2) / 3
        const varianceA = (squaresA[x] as number) / 3 - meansA
        const varianceB = (squaresB[x] as number) / 3 - meansB
        const covariance = (products[x] as number) / 3 - meansAB
        rowSum += ((2 * meansAB + c1) * (2 * covariance + c2)) / ((meansA + meansB + c1) * (varianceA + varianceB + c2))
      }
      sum += rowSum
    },
  )
  return sum / (width * height)
}

type Nine = [
  Float32Array,
  Float32Array,
  Float32Array,
  Float32Array,
  Float32Array,
  Float32Array,
  Float32Array,
  Float32Array,
  Float32Array,
]

const nine = (rows: readonly Float32Array[]): Nine => rows as unknown as Nine
