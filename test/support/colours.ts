/** Three numbers: a colour, or a column or row of a matrix. */
export type Triple = readonly [number, number, number]

/** Three rows. */
export type Matrix = readonly [Triple, Triple, Triple]

/** What makes an RGB space: the chromaticities of its primaries and white, and the light (0–1) of a coded value (0–1). */
export interface RgbSpace {
  readonly name: string
  readonly red: readonly [number, number]
  readonly green: readonly [number, number]
  readonly blue: readonly [number, number]
  readonly white: readonly [number, number]
  readonly toLight: (value: number) => number
}

const d65 = [0.3127, 0.329] as const
const d50: Triple = [0.9642, 1, 0.8249]

/** The curve of IEC 61966-2-1. */
export const srgbToLight = (value: number): number =>
  value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4

const lightToSrgb = (light: number): number => (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055)

/** The spaces that pictures come in, as their specifications define them. */
export const spaces = {
  srgb: { name: 'sRGB', red: [0.64, 0.33], green: [0.3, 0.6], blue: [0.15, 0.06], white: d65, toLight: srgbToLight },
  displayP3: {
    name: 'Display P3',
    red: [0.68, 0.32],
    green: [0.265, 0.69],
    blue: [0.15, 0.06],
    white: d65,
    toLight: srgbToLight,
  },
  adobeRgb: {
    name: 'Adobe RGB (1998)',
    red: [0.64, 0.33],
    green: [0.21, 0.71],
    blue: [0.15, 0.06],
    white: d65,
    toLight: (value) => value ** (563 / 256),
  },
  proPhoto: {
    name: 'ProPhoto RGB',
    red: [0.7347, 0.2653],
    green: [0.1596, 0.8404],
    blue: [0.0366, 0.0001],
    white: [0.3457, 0.3585],
    toLight: (value) => (value < 16 / 512 ? value / 16 : value ** 1.8),
  },
  rec2020: {
    name: 'Rec. 2020',
    red: [0.708, 0.292],
    green: [0.17, 0.797],
    blue: [0.131, 0.046],
    white: d65,
    toLight: srgbToLight,
  },
} as const satisfies Record<string, RgbSpace>

/** A matrix times a column. */
export const times = (matrix: Matrix, [x, y, z]: Triple): Triple => {
  const row = ([a, b, c]: Triple): number => a * x + b * y + c * z
  return [row(matrix[0]), row(matrix[1]), row(matrix[2])]
}

const product = (one: Matrix, other: Matrix): Matrix => {
  const column = (at: 0 | 1 | 2): Triple => times(one, [other[0][at], other[1][at], other[2][at]])
  return transposed([column(0), column(1), column(2)])
}

const transposed = ([a, b, c]: Matrix): Matrix => [
  [a[0], b[0], c[0]],
  [a[1], b[1], c[1]],
  [a[2], b[2], c[2]],
]

const cross = (a: Triple, b: Triple): Triple => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
]

function inverse(matrix: Matrix): Matrix {
  const [a, b, c] = transposed(matrix)
  const [u, v, w] = [cross(b, c), cross(c, a), cross(a, b)]
  const determinant = a[0] * u[0] + a[1] * u[1] + a[2] * u[2]
  const scaled = ([x, y, z]: Triple): Triple => [x / determinant, y / determinant, z / determinant]
  return [scaled(u), scaled(v), scaled(w)]
}

const xyzOf = ([x, y]: readonly [number, number]): Triple => [x / y, 1, (1 - x - y) / y]

/** Bradford's matrix from light to the responses of the eye. */
const bradford: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
]

/** The matrix from linear RGB to XYZ adapted to D50, as ICC profiles hold it. */
export function toXyzD50({ red, green, blue, white }: RgbSpace): Matrix {
  const primaries = transposed([xyzOf(red), xyzOf(green), xyzOf(blue)])
  const [r, g, b] = times(inverse(primaries), xyzOf(white))
  const native = product(primaries, [
    [r, 0, 0],
    [0, g, 0],
    [0, 0, b],
  ])
  const [from, to] = [times(bradford, xyzOf(white)), times(bradford, d50)]
  const scale: Matrix = [
    [to[0] / from[0], 0, 0],
    [0, to[1] / from[1], 0],
    [0, 0, to[2] / from[2]],
  ]
  return product(product(inverse(bradford), product(scale, bradford)), native)
}

const d50ToSrgb = inverse(toXyzD50(spaces.srgb))

/** Linear light of a space in the primaries of sRGB, unclipped. */
export const lightInSrgb = (space: RgbSpace, light: Triple): Triple => times(d50ToSrgb, times(toXyzD50(space), light))

/** 8-bit sRGB of linear light in sRGB's primaries, clipped, not rounded. */
export const coded = (light: Triple): Triple => {
  const one = (value: number): number => 255 * lightToSrgb(Math.min(1, Math.max(0, value)))
  return [one(light[0]), one(light[1]), one(light[2])]
}

/** What a colour (0–255) of a space is in 8-bit sRGB. */
export function srgbOf(space: RgbSpace, [red, green, blue]: Triple): Triple {
  const { toLight } = space
  return coded(lightInSrgb(space, [toLight(red / 255), toLight(green / 255), toLight(blue / 255)]))
}

/** 8-bit sRGB of a CIELab colour of D50. */
export function srgbOfLab([lightness, a, b]: Triple): Triple {
  const y = (lightness + 16) / 116
  const f = (value: number): number => (value > 6 / 29 ? value ** 3 : 3 * (6 / 29) ** 2 * (value - 4 / 29))
  return coded(times(d50ToSrgb, [d50[0] * f(y + a / 500), d50[1] * f(y), d50[2] * f(y - b / 200)]))
}

/** CIELab (D50) of 8-bit sRGB. */
export function labOf([red, green, blue]: Triple): Triple {
  const xyz = times(toXyzD50(spaces.srgb), [srgbToLight(red / 255), srgbToLight(green / 255), srgbToLight(blue / 255)])
  const f = (value: number): number => (value > (6 / 29) ** 3 ? Math.cbrt(value) : value / (3 * (6 / 29) ** 2) + 4 / 29)
  const [x, y, z] = [f(xyz[0] / d50[0]), f(xyz[1] / d50[1]), f(xyz[2] / d50[2])]
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}

/** ΔE of CIE 1976 between two 8-bit sRGB colours: about 2 is what an eye just sees. */
export function deltaE(one: Triple, other: Triple): number {
  const [a, b] = [labOf(one), labOf(other)]
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])
}
