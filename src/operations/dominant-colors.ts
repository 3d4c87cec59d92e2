import { codeOf, lightOf } from './light.ts'

/** A colour and how much of the picture is near it. */
export interface DominantColor {
  /** `#rrggbb` */
  readonly color: string
  /** 0–1 of what can be seen. */
  readonly share: number
}

type Lab = readonly [lightness: number, a: number, b: number]

/** Points as lightness, a, b and weight, four numbers each. */
type Points = Float32Array

interface Cluster {
  readonly center: Lab
  weight: number
}

const rounds = 5
/** Colours nearer than this in OKLab look alike, and are one. */
const alike = 0.08

/**
 * The colours that a small picture is made of, strongest first: k-means in OKLab (B. Ottosson, 2020), where distances are as
 * the eye has them, begun with the farthest points so that the same picture always gives the same colours.
 */
export function dominantColors(rgba: Uint8Array, count: number): DominantColor[] {
  const points = pointsOf(rgba)
  let total = 0
  for (let at = 3; at < points.length; at += 4) total += points[at] ?? 0
  if (total === 0) return []
  let clusters = firstCenters(points, count)
  for (let round = 0; round < rounds; round++) clusters = regroup(points, clusters)
  return merged(clusters)
    .map(({ center, weight }) => ({ color: hex(toRgb(center)), share: Math.round((weight / total) * 1000) / 1000 }))
    .filter(({ share }) => share > 0)
}

function pointsOf(rgba: Uint8Array): Points {
  const points = new Float32Array(rgba.length)
  for (let at = 0; at < rgba.length; at += 4) {
    const [lightness, a, b] = toLab(rgba[at] ?? 0, rgba[at + 1] ?? 0, rgba[at + 2] ?? 0)
    const weight = (rgba[at + 3] ?? 255) / 255
    points[at] = lightness
    points[at + 1] = a
    points[at + 2] = b
    points[at + 3] = weight > 0.1 ? weight : 0
  }
  return points
}

function firstCenters(points: Points, count: number): Cluster[] {
  const nearest = new Float32Array(points.length / 4).fill(Number.POSITIVE_INFINITY)
  const clusters: Cluster[] = []
  let far = points.findIndex((weight, at) => at % 4 === 3 && weight > 0) >> 2
  while (clusters.length < count) {
    const center: Lab = [points[4 * far] ?? 0, points[4 * far + 1] ?? 0, points[4 * far + 2] ?? 0]
    clusters.push({ center, weight: 0 })
    let most = 0
    for (let index = 0, at = 0; index < nearest.length; index++, at += 4) {
      if (points[at + 3] === 0) continue
      const away = Math.min(nearest[index] ?? 0, squared(points, at, center))
      nearest[index] = away
      if (away > most) [far, most] = [index, away]
    }
    if (most < 1e-6) break
  }
  return clusters
}

function regroup(points: Points, clusters: readonly Cluster[]): Cluster[] {
  const sums = new Float64Array(clusters.length * 4)
  for (let at = 0; at < points.length; at += 4) {
    const weight = points[at + 3] ?? 0
    if (weight === 0) continue
    let best = 0
    let least = Number.POSITIVE_INFINITY
    for (let index = 0; index < clusters.length; index++) {
      const away = squared(points, at, clusters[index]?.center ?? black)
      if (away < least) {
        best = index
        least = away
      }
    }
    for (let axis = 0; axis < 3; axis++)
      sums[4 * best + axis] = (sums[4 * best + axis] ?? 0) + (points[at + axis] ?? 0) * weight
    sums[4 * best + 3] = (sums[4 * best + 3] ?? 0) + weight
  }
  return clusters.flatMap((_, index) => {
    const [l = 0, a = 0, b = 0, weight = 0] = sums.subarray(4 * index, 4 * index + 4)
    return weight > 0 ? [{ center: [l / weight, a / weight, b / weight] as const, weight }] : []
  })
}

/** Joins clusters that look alike into the stronger one. */
function merged(clusters: readonly Cluster[]): Cluster[] {
  const kept: Cluster[] = []
  for (const cluster of [...clusters].sort((one, other) => other.weight - one.weight)) {
    const twin = kept.find(({ center }) => squared(center, 0, cluster.center) < alike * alike)
    if (twin) twin.weight += cluster.weight
    else kept.push({ ...cluster })
  }
  return kept.sort((one, other) => other.weight - one.weight)
}

const black: Lab = [0, 0, 0]

const squared = (points: ArrayLike<number>, at: number, center: Lab): number =>
  ((points[at] ?? 0) - center[0]) ** 2 +
  ((points[at + 1] ?? 0) - center[1]) ** 2 +
  ((points[at + 2] ?? 0) - center[2]) ** 2

/** `#rrggbb` of three values 0–255. */
export const hex = (rgb: readonly number[]): string =>
  `#${rgb
    .map((value) =>
      Math.round(Math.min(255, Math.max(0, value)))
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`

const light = Float32Array.from(lightOf)

function toLab(red: number, green: number, blue: number): Lab {
  const [r, g, b] = [light[red] ?? 0, light[green] ?? 0, light[blue] ?? 0]
  const long = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const medium = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const short = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short,
    1.9779984951 * long - 2.428592205 * medium + 0.4505937099 * short,
    0.0259040371 * long + 0.7827717662 * medium - 0.808675766 * short,
  ]
}

function toRgb([lightness, a, b]: Lab): number[] {
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short,
  ].map(codeOf)
}
