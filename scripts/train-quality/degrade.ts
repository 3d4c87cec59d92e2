import sharp, { type Sharp } from 'sharp'
import type { Random } from './random.ts'

/** Interleaved RGB. */
export interface Rgb {
  readonly data: Buffer
  readonly width: number
  readonly height: number
}

const open = ({ data, width, height }: Rgb): Sharp => sharp(data, { raw: { width, height, channels: 3 } })

async function read(image: Sharp): Promise<Rgb> {
  const { data, info } = await image.removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}

/** Each value through a table, one for each channel. */
export function map(picture: Rgb, ...tables: readonly ((value: number) => number)[]): Rgb {
  const luts = [0, 1, 2].map((channel) => {
    const table = tables[channel] ?? tables[0] ?? ((value) => value)
    return Uint8Array.from({ length: 256 }, (_, value) => Math.min(255, Math.max(0, Math.round(table(value)))))
  })
  const data = Buffer.allocUnsafe(picture.data.length)
  for (const [channel, lut] of luts.entries()) {
    for (let at = channel; at < data.length; at += 3) data[at] = lut[picture.data[at] as number] as number
  }
  return { ...picture, data }
}

const toLinear = (value: number): number =>
  value <= 10.31 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4
const toSrgb = (light: number): number =>
  255 * (light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055)

/** Other exposure in linear light; what becomes too bright is clipped. */
export const expose = (picture: Rgb, stops: number): Rgb =>
  map(picture, (value) => toSrgb(Math.min(1, toLinear(value) * 2 ** stops)))

/** All levels squeezed around one of them. */
export const flatten = (picture: Rgb, factor: number, around = 128): Rgb =>
  map(picture, (value) => around + (value - around) * factor)

/** Gains of light in stops for red, green and blue. */
export const tint = (picture: Rgb, stops: readonly number[]): Rgb =>
  map(picture, ...stops.map((stop) => (value: number) => toSrgb(Math.min(1, toLinear(value) * 2 ** stop))))

/** So many levels in each channel. */
export const posterise = (picture: Rgb, levels: number): Rgb =>
  map(picture, (value) => (Math.round((value / 255) * (levels - 1)) / (levels - 1)) * 255)

/** A Gaussian blur of this deviation in pixels. */
export const blur = (picture: Rgb, sigma: number): Promise<Rgb> => read(open(picture).blur(sigma))

/** An out-of-focus blur: a disc of this radius in pixels. */
export const defocus = (picture: Rgb, radius: number): Rgb => {
  const points: Point[] = []
  const reach = Math.ceil(radius)
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      const weight = Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(x, y)))
      if (weight > 0) points.push({ x, y, weight })
    }
  }
  return convolve(picture, points)
}

/** A blur of movement over `length` pixels; `bend` turns it on the way, as a shaking hand does. */
export function move(picture: Rgb, length: number, degrees: number, bend = 0): Rgb {
  const points = new Map<string, Point>()
  const steps = Math.ceil(length * 2)
  let [x, y] = [0, 0]
  const path: { x: number; y: number }[] = []
  for (let step = 0; step <= steps; step++) {
    const angle = ((degrees + bend * (step / steps - 0.5)) * Math.PI) / 180
    path.push({ x, y })
    x += (Math.cos(angle) * length) / steps
    y += (Math.sin(angle) * length) / steps
  }
  const middle = path[Math.floor(path.length / 2)] ?? { x: 0, y: 0 }
  for (const place of path) {
    const [px, py] = [place.x - middle.x, place.y - middle.y]
    const [left, top] = [Math.floor(px), Math.floor(py)]
    for (const [dx, dy] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ] as const) {
      const weight = (dx ? px - left : 1 - px + left) * (dy ? py - top : 1 - py + top)
      const key = `${left + dx} ${top + dy}`
      points.set(key, { x: left + dx, y: top + dy, weight: (points.get(key)?.weight ?? 0) + weight })
    }
  }
  return convolve(
    picture,
    [...points.values()].filter(({ weight }) => weight > 0.01),
  )
}

interface Point {
  readonly x: number
  readonly y: number
  readonly weight: number
}

function convolve({ data: from, width, height }: Rgb, points: readonly Point[]): Rgb {
  const sums = new Float32Array(from.length)
  let total = 0
  for (const { x: dx, y: dy, weight } of points) {
    total += weight
    for (let y = 0; y < height; y++) {
      const row = Math.min(height - 1, Math.max(0, y + dy)) * width
      for (let x = 0; x < width; x++) {
        const source = (row + Math.min(width - 1, Math.max(0, x + dx))) * 3
        const to = (y * width + x) * 3
        sums[to] = (sums[to] as number) + weight * (from[source] as number)
        sums[to + 1] = (sums[to + 1] as number) + weight * (from[source + 1] as number)
        sums[to + 2] = (sums[to + 2] as number) + weight * (from[source + 2] as number)
      }
    }
  }
  const data = Buffer.allocUnsafe(from.length)
  for (let at = 0; at < data.length; at++) data[at] = Math.round((sums[at] as number) / total)
  return { data, width, height }
}

/** Kinds of noise: of each channel alone, of light alone, growing with light, and of large coloured specks. */
export type NoiseKind = 'channels' | 'luma' | 'light' | 'specks'

/** Noise of about this deviation in luma, in steps of 0–255. */
export async function addNoise(picture: Rgb, sigma: number, kind: NoiseKind, random: Random): Promise<Rgb> {
  const { width, height } = picture
  const data = Buffer.allocUnsafe(picture.data.length)
  // Luma holds two thirds of the deviation of independent channels.
  const strength = kind === 'luma' ? sigma : sigma * 1.5
  const grain = kind === 'specks' ? await specks(width, height, random) : undefined
  for (let at = 0; at < data.length; at += 3) {
    const common = kind === 'luma' ? random.normal() : 0
    for (let channel = 0; channel < 3; channel++) {
      const value = picture.data[at + channel] as number
      const normal = kind === 'luma' ? common : grain ? (grain[at + channel] as number) : random.normal()
      const share = kind === 'light' ? Math.sqrt((value + 16) / 100) : 1
      data[at + channel] = Math.min(255, Math.max(0, Math.round(value + strength * share * normal)))
    }
  }
  return { width, height, data }
}

async function specks(width: number, height: number, random: Random): Promise<Float32Array> {
  const raw = Buffer.allocUnsafe(width * height * 3)
  for (let at = 0; at < raw.length; at++) raw[at] = Math.min(255, Math.max(0, Math.round(128 + 40 * random.normal())))
  const { data } = await blur({ data: raw, width, height }, random.between(0.5, 0.8))
  let squares = 0
  for (const value of data) squares += (value - 128) ** 2
  const deviation = Math.sqrt(squares / data.length)
  return Float32Array.from(data, (value) => (value - 128) / deviation)
}

/** Coded and decoded again. */
export async function recode(
  picture: Rgb,
  format: 'jpeg' | 'webp' | 'avif',
  quality: number,
  fullColour = false,
): Promise<Rgb> {
  const image = open(picture)
  const coded =
    format === 'jpeg'
      ? image.jpeg({ quality, chromaSubsampling: fullColour ? '4:4:4' : '4:2:0', optimiseCoding: false })
      : format === 'webp'
        ? image.webp({ quality, effort: 1 })
        : image.avif({ quality, effort: 0 })
  return read(sharp(await coded.toBuffer()))
}

/** Kernels that pictures are scaled with. */
export const kernels = ['nearest', 'linear', 'cubic', 'mitchell', 'lanczos3'] as const

/** Scaled by a factor. */
export function scale(picture: Rgb, factor: number, kernel: (typeof kernels)[number]): Promise<Rgb> {
  const width = Math.max(8, Math.round(picture.width * factor))
  const height = Math.max(8, Math.round(picture.height * factor))
  return read(open(picture).resize(width, height, { fit: 'fill', kernel }))
}

/** As large as before, with the detail of a smaller picture. */
export async function enlarge(picture: Rgb, factor: number, kernel: (typeof kernels)[number]): Promise<Rgb> {
  const { width, height } = picture
  const small = await scale(picture, 1 / factor, 'lanczos3')
  return read(open(small).resize(width, height, { fit: 'fill', kernel }))
}

/** Sharpened as cameras and editors do. */
export const sharpen = (picture: Rgb, sigma: number, amount: number): Promise<Rgb> =>
  read(open(picture).sharpen({ sigma, m1: amount, m2: amount }))

/** A part, so that a coding grid begins anywhere. */
export const cut = (picture: Rgb, left: number, top: number): Promise<Rgb> =>
  read(open(picture).extract({ left, top, width: picture.width - left, height: picture.height - top }))

/** Mirrored left to right. */
export const mirror = (picture: Rgb): Promise<Rgb> => read(open(picture).flop())

/** One picture where the mask is 1, the other where it is 0. */
export function blend(one: Rgb, other: Rgb, mask: (x: number, y: number) => number): Rgb {
  const { width, height } = one
  const data = Buffer.allocUnsafe(one.data.length)
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const share = mask(x / width, y / height)
      for (let channel = 0; channel < 3; channel++) {
        const here = at + channel
        data[here] = Math.round((one.data[here] as number) * share + (other.data[here] as number) * (1 - share))
      }
    }
  }
  return { width, height, data }
}
