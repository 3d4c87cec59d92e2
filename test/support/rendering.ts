import sharp, { type Sharp } from 'sharp'
import { openMedia } from '../../src/media/open.ts'
import type { Picture } from '../../src/media/picture.ts'
import { deltaE, type Triple } from './colours.ts'
import { fileOf } from './pictures.ts'

let number = 0

/** The rendering of a file, or of bytes, in full size or decoded to an edge. */
export async function render(content: Buffer | string, edge?: number): Promise<Picture> {
  const media = await openMedia(typeof content === 'string' ? content : fileOf(`rendered-${number++}`, content))
  const picture = await media.picture(edge === undefined ? {} : { edge })
  await media.close()
  return picture
}

const stripe = 16

/** A picture of upright stripes of 16 pixels, one for each colour, of as many channels as the colours have. */
export function stripes(colours: readonly (readonly number[])[], depth: 8 | 16 = 8): Sharp {
  const { data, width, height, channels } =
    depth === 16 ? stripesOf(colours, Uint16Array) : stripesOf(colours, Uint8Array)
  if (channels !== 1 && channels !== 2 && channels !== 3 && channels !== 4) throw new Error('no such colours')
  return sharp(data, { raw: { width, height, channels } })
}

/** The same as bare samples. */
export function stripesOf<Samples extends Uint8Array | Uint16Array | Float32Array>(
  colours: readonly (readonly number[])[],
  kind: new (length: number) => Samples,
): { data: Samples; width: number; height: number; channels: number } {
  const channels = colours[0]?.length ?? 3
  const [width, height] = [stripe * colours.length, stripe]
  const data = new kind(width * height * channels)
  for (let at = 0; at < width * height; at++) {
    data.set(colours[Math.floor((at % width) / stripe)] ?? [], at * channels)
  }
  return { data, width, height, channels }
}

/** The colour in the middle of each stripe, with alpha when asked. */
export async function seenStripes(picture: Picture, as: 'rgb' | 'rgba' = 'rgb'): Promise<number[][]> {
  const { width, height } = picture
  const { data, channels } = await picture.pixels({ width, height, fit: 'fill', as })
  return Array.from({ length: Math.round(width / stripe) }, (_, index) => {
    const from = (Math.floor(height / 2) * width + index * stripe + stripe / 2) * channels
    return [...data.subarray(from, from + channels)]
  })
}

/** The largest ΔE between colours at the same place of two lists. */
export function farthestDeltaE(seen: readonly (readonly number[])[], expected: readonly (readonly number[])[]): number {
  if (seen.length !== expected.length) throw new Error(`${seen.length} colours, not ${expected.length}`)
  return Math.max(...seen.map((colour, index) => deltaE(triple(colour), triple(expected[index] ?? []))))
}

const triple = ([red = 0, green = 0, blue = 0]: readonly number[]): Triple => [red, green, blue]

/** How two pictures differ sample by sample (0–255) at full size, in RGB over white. */
export async function difference(one: Picture, other: Picture): Promise<{ mean: number; max: number }> {
  if (one.width !== other.width || one.height !== other.height) {
    throw new Error(`${one.width}x${one.height} against ${other.width}x${other.height}`)
  }
  const size = { width: one.width, height: one.height, fit: 'fill', as: 'rgb' } as const
  const [a, b] = [(await one.pixels(size)).data, (await other.pixels(size)).data]
  let [sum, max] = [0, 0]
  for (let at = 0; at < a.length; at++) {
    const gap = Math.abs((a[at] ?? 0) - (b[at] ?? 0))
    sum += gap
    max = Math.max(max, gap)
  }
  return { mean: sum / a.length, max }
}

/** Mean ΔE of two pictures, both brought to a grid of 64 pixels a side: what a glance sees, without the grain. */
export async function glanceDeltaE(one: Picture, other: Picture): Promise<number> {
  const size = { width: 64, height: 64, fit: 'fill', as: 'rgb' } as const
  const [a, b] = [(await one.pixels(size)).data, (await other.pixels(size)).data]
  let sum = 0
  for (let at = 0; at < a.length; at += 3)
    sum += deltaE(triple([...a.subarray(at, at + 3)]), triple([...b.subarray(at, at + 3)]))
  return sum / (a.length / 3)
}
