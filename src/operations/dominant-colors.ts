/** A colour and how much of the picture is near it. */
export interface DominantColor {
  /** `#rrggbb` */
  readonly color: string
  /** 0–1 of what can be seen. */
  readonly share: number
}

type Lab = readonly [lightness: number, a: number, b: number]

interface Cluster {
  center: Lab
  weight: number
}

const rounds = 8
/** Colours nearer than this in OKLab look alike, and are one. */
const alike = 0.08

/**
 * The colours that a small picture is made of, strongest first: k-means in OKLab (B. Ottosson, 2020), where distances are as
 * the eye has them, begun with the farthest points so that the same picture always gives the same colours.
 */
export function dominantColors(rgba: Uint8Array, count: number): DominantColor[] {
  const points: { lab: Lab; weight: number }[] = []
  for (let at = 0; at < rgba.length; at += 4) {
    const weight = (rgba[at + 3] ?? 255) / 255
    if (weight > 0.1) points.push({ lab: toLab(rgba[at] ?? 0, rgba[at + 1] ?? 0, rgba[at + 2] ?? 0), weight })
  }
  if (points.length === 0) return []
  let clusters = firstCenters(points, count).map((center): Cluster => ({ center, weight: 0 }))
  for (let round = 0; round < rounds; round++) clusters = regroup(points, clusters)
  const total = points.reduce((sum, { weight }) => sum + weight, 0)
  return merged(clusters)
    .map(({ center, weight }) => ({ color: hex(toRgb(center)), share: Math.round((weight / total) * 1000) / 1000 }))
    .filter(({ share }) => share > 0)
}

/** `#rrggbb` of three values 0–255. */
export const hex = (rgb: readonly number[]): string =>
  `#${rgb
    .map((value) =>
      Math.round(Math.min(255, Math.max(0, value)))
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`

function firstCenters(points: readonly { lab: Lab }[], count: number): Lab[] {
  const centers: Lab[] = [points[points.length >> 1]?.lab ?? [0, 0, 0]]
  const nearest = points.map(({ lab }) => distance(lab, centers[0] ?? lab))
  while (centers.length < count) {
    let far = 0
    for (let index = 1; index < nearest.length; index++) if ((nearest[index] ?? 0) > (nearest[far] ?? 0)) far = index
    const next = points[far]?.lab
    if (!next || (nearest[far] ?? 0) < 1e-6) break
    centers.push(next)
    for (const [index, { lab }] of points.entries()) nearest[index] = Math.min(nearest[index] ?? 0, distance(lab, next))
  }
  return centers
}

function regroup(points: readonly { lab: Lab; weight: number }[], clusters: readonly Cluster[]): Cluster[] {
  const sums = clusters.map(() => [0, 0, 0, 0] as [number, number, number, number])
  for (const { lab, weight } of points) {
    let best = 0
    let least = Number.POSITIVE_INFINITY
    for (const [index, { center }] of clusters.entries()) {
      const away = distance(lab, center)
      if (away < least) [best, least] = [index, away]
    }
    const sum = sums[best]
    if (!sum) continue
    for (let axis = 0; axis < 3; axis++) sum[axis as 0] += (lab[axis] ?? 0) * weight
    sum[3] += weight
  }
  return sums
    .filter(([, , , weight]) => weight > 0)
    .map(([l, a, b, weight]) => ({ center: [l / weight, a / weight, b / weight], weight }))
}

/** Joins clusters that look alike into the stronger one. */
function merged(clusters: readonly Cluster[]): Cluster[] {
  const kept: Cluster[] = []
  for (const cluster of [...clusters].sort((one, other) => other.weight - one.weight)) {
    const twin = kept.find(({ center }) => distance(center, cluster.center) < alike * alike)
    if (twin) twin.weight += cluster.weight
    else kept.push({ ...cluster })
  }
  return kept.sort((one, other) => other.weight - one.weight)
}

const distance = (one: Lab, other: Lab): number =>
  (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2 + (one[2] - other[2]) ** 2

const light = Float32Array.from({ length: 256 }, (_, code) =>
  code <= 10 ? code / 255 / 12.92 : ((code / 255 + 0.055) / 1.055) ** 2.4,
)

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
  ].map((value) => 255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055))
}
