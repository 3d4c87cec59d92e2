import { ascending, meanOf, quantile } from '../numbers.ts'
import { Fourier } from './fourier.ts'
import { type Plane, tileSide } from './plane.ts'
import type { Tile } from './tiles.ts'

/** Bounds of the bands, in waves per tile; the last ones lie in the corners of the spectrum. */
const bounds = [2, 4, 6, 9, 13, 18, 25, 32, 46] as const
const bands = bounds.length - 1
const angles = 12
/** Of what rounding to 8 bits leaves; keeps logarithms of nothing finite. */
const floor = 0.05

/** Energies of a tile: by band, and by band and direction; natural logarithms of the variance per wave. */
interface TileSpectrum {
  readonly radial: Float64Array
  readonly polar: Float64Array
}

const side = tileSide
const fourier = new Fourier(side)
// Tapers the tile's border, where the picture would otherwise seem to jump.
const taper = Float64Array.from({ length: side }, (_, at) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (at + 0.5)) / side))
const taperEnergy = taper.reduce((sum, value) => sum + value * value, 0) ** 2

/** For each wave of the half plane the cell (band × direction) it belongs to, or −1. */
const cells = Int16Array.from({ length: side * (side / 2 + 1) }, (_, at) => {
  const u = at % (side / 2 + 1)
  const v = Math.floor(at / (side / 2 + 1))
  const w = v >= side / 2 ? v - side : v
  if (u === 0 && w < 0) return -1
  const radius = Math.hypot(u, w)
  const band = bounds.findIndex((bound, index) => radius >= bound && radius < (bounds[index + 1] ?? 0))
  if (band < 0) return -1
  const angle = Math.floor(((Math.atan2(w, u) + Math.PI / 2) / Math.PI) * angles + 0.5) % angles
  return band * angles + angle
})
const cellCounts = new Float64Array(bands * angles)
for (const cell of cells) if (cell >= 0) cellCounts[cell] = (cellCounts[cell] ?? 0) + 1

/** What the spectra of the tiles tell of sharpness, its direction, and noise. */
export function measureSpectrum(plane: Plane, tiles: readonly Tile[]): Record<string, number> {
  const spectra: TileSpectrum[] = []
  for (let at = 0; at < tiles.length; at += 2) {
    const [one, other] = [tiles[at], tiles[at + 1]]
    if (one) spectra.push(...spectraOf(plane, one, other))
  }
  const middle = (s: TileSpectrum): number => ((s.radial[2] ?? 0) + (s.radial[3] ?? 0)) / 2
  const sorted = [...spectra].sort((a, b) => middle(b) - middle(a))
  const textured = sorted.slice(0, Math.max(3, Math.ceil(sorted.length * 0.3)))
  const flat = sorted.slice(-Math.max(3, Math.ceil(sorted.length * 0.25)))
  const features: Record<string, number> = {}
  for (let band = 0; band < bands; band++) {
    features[`band${band}`] = meanOf(textured.map(({ radial }) => radial[band] ?? 0))
  }
  // Fine against coarse detail, in the sharpest part and in the middling one.
  const lively = sorted.filter((s) => middle(s) > 2)
  for (const [name, high, low] of [
    ['fine', 6, 3],
    ['middle', 5, 2],
    ['coarse', 4, 1],
  ] as const) {
    const slopes = ascending(
      (lively.length >= 3 ? lively : textured).map(({ radial }) => (radial[high] ?? 0) - (radial[low] ?? 0)),
    )
    features[`${name}Sharpest`] = quantile(slopes, 0.92)
    features[`${name}Sharp`] = quantile(slopes, 0.75)
    features[`${name}Usual`] = quantile(slopes, 0.5)
  }
  features.livelyShare = lively.length / Math.max(1, sorted.length)
  features.flatFine = meanOf(flat.map(({ radial }) => radial[6] ?? 0))
  features.flatCorner = meanOf(flat.map(({ radial }) => radial[7] ?? 0))
  features.flatSlope = meanOf(flat.map(({ radial }) => (radial[6] ?? 0) - (radial[3] ?? 0)))
  features.leastFine = quantile(ascending(sorted.map(({ radial }) => radial[6] ?? 0)), 0.1)
  features.cornerDrop = (features.band7 ?? 0) - (features.band5 ?? 0)
  return { ...features, ...directions(textured) }
}

/** How unequal detail is by direction, in several bands, and how alike over the picture. */
function directions(textured: readonly TileSpectrum[]): Record<string, number> {
  const profile = (from: number, to: number): Float64Array => {
    const sums = new Float64Array(angles)
    for (const { polar, radial } of textured) {
      for (let band = from; band <= to; band++) {
        for (let angle = 0; angle < angles; angle++) {
          sums[angle] = (sums[angle] ?? 0) + (polar[band * angles + angle] ?? 0) - (radial[band] ?? 0)
        }
      }
    }
    return sums.map((sum) => sum / textured.length / (to - from + 1))
  }
  const [low, mid, high] = [profile(0, 1), profile(2, 4), profile(5, 6)]
  const main = profile(2, 6)
  const weakest = main.indexOf(Math.min(...main))
  const across = (weakest + angles / 2) % angles
  const depth = (values: Float64Array): number => quantile(ascending(values), 0.5) - (values[weakest] ?? 0)
  const rise = (values: Float64Array): number => (values[across] ?? 0) - (values[weakest] ?? 0)
  const tilt = (angle: number, top: number): number =>
    meanOf(textured.map(({ polar }) => (polar[top * angles + angle] ?? 0) - (polar[angle] ?? 0)))
  let [x, y, lengths] = [0, 0, 0]
  for (const { polar, radial } of textured) {
    let [re, im] = [0, 0]
    for (let band = 2; band <= 6; band++) {
      for (let angle = 0; angle < angles; angle++) {
        const value = (polar[band * angles + angle] ?? 0) - (radial[band] ?? 0)
        re += value * Math.cos((2 * Math.PI * angle) / angles)
        im += value * Math.sin((2 * Math.PI * angle) / angles)
      }
    }
    x += re
    y += im
    lengths += Math.hypot(re, im)
  }
  return {
    depthLow: depth(low),
    depthMid: depth(mid),
    depthHigh: depth(high),
    riseLow: rise(low),
    riseMid: rise(mid),
    riseHigh: rise(high),
    agreement: Math.hypot(x, y) / (lengths + 1),
    swing: Math.hypot(x, y) / textured.length / (5 * angles),
    isAxis: Math.cos((4 * Math.PI * weakest) / angles),
    tiltWeakMid: tilt(weakest, 4),
    tiltWeakHigh: tilt(weakest, 6),
    tiltAcrossMid: tilt(across, 4),
    tiltAcrossHigh: tilt(across, 6),
    // Clockwise degrees of the movement that would explain it, 0–180; evidence, not a feature.
    direction: ((weakest * 180) / angles - 90 + 360) % 180,
  }
}

const re = new Float64Array(side * side)
const im = new Float64Array(side * side)

/** Two tiles by one transform: one as the real, one as the imaginary part. */
function spectraOf(plane: Plane, one: Tile, other: Tile | undefined): TileSpectrum[] {
  load(plane, one, re)
  if (other) load(plane, other, im)
  else im.fill(0)
  for (let row = 0; row < side; row++) fourier.run(re, im, row * side, 1)
  for (let column = 0; column < side; column++) fourier.run(re, im, column, side)
  const first = new Float64Array(bands * angles)
  const second = new Float64Array(bands * angles)
  for (let v = 0, at = 0; v < side; v++) {
    for (let u = 0; u <= side / 2; u++, at++) {
      const cell = cells[at] as number
      if (cell < 0) continue
      const here = v * side + u
      const there = ((side - v) % side) * side + ((side - u) % side)
      const even = (re[here] as number) + (re[there] as number)
      const odd = (re[here] as number) - (re[there] as number)
      const sum = (im[here] as number) + (im[there] as number)
      const difference = (im[here] as number) - (im[there] as number)
      first[cell] = (first[cell] as number) + (even * even + difference * difference) / 4
      second[cell] = (second[cell] as number) + (sum * sum + odd * odd) / 4
    }
  }
  return other ? [spectrumOf(first), spectrumOf(second)] : [spectrumOf(first)]
}

function load({ luma, width }: Plane, { left, top }: Tile, into: Float64Array): void {
  let sum = 0
  for (let y = 0; y < side; y++) {
    const row = (top + y) * width + left
    for (let x = 0; x < side; x++) sum += luma[row + x] as number
  }
  const mean = sum / (side * side)
  for (let y = 0; y < side; y++) {
    const row = (top + y) * width + left
    const weight = taper[y] as number
    for (let x = 0; x < side; x++) {
      into[y * side + x] = ((luma[row + x] as number) - mean) * weight * (taper[x] as number)
    }
  }
}

function spectrumOf(sums: Float64Array): TileSpectrum {
  const radial = new Float64Array(bands)
  const polar = new Float64Array(bands * angles)
  for (let band = 0; band < bands; band++) {
    let [sum, count] = [0, 0]
    for (let angle = 0; angle < angles; angle++) {
      const cell = band * angles + angle
      sum += sums[cell] as number
      count += cellCounts[cell] as number
      polar[cell] = Math.log((sums[cell] as number) / taperEnergy / Math.max(1, cellCounts[cell] as number) + floor)
    }
    radial[band] = Math.log(sum / taperEnergy / count + floor)
  }
  return { radial, polar }
}
