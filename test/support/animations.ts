import sharp from 'sharp'
import type { RewriteOptions } from '../../src/media/picture.ts'
import { rewrite } from './rewriting.ts'

/** Frames that are drawn by a rule, as RGBA below each other. */
export interface MadeFrames {
  readonly width: number
  readonly height: number
  readonly times: readonly number[]
  readonly data: Buffer
}

/** A square that wanders over plain colours, few enough for a palette; with `isClear` over nothing. */
export function wandering({ width = 48, height = 32, times = [50, 120, 300, 1000], isClear = false } = {}): MadeFrames {
  const count = times.length
  const data = Buffer.alloc(width * height * count * 4)
  for (let frame = 0; frame < count; frame++) {
    const below = isClear ? [0, 0, 0, 0] : [20 + (frame % 4) * 50, 60, 200 - (frame % 4) * 30, 255]
    for (let at = 0; at < width * height; at++) {
      const [x, y] = [at % width, Math.floor(at / width)]
      const isInside = x >= frame * 10 && x < frame * 10 + 8 && y >= 8 && y < 20
      data.set(isInside ? [250, 250 - (frame % 4) * 40, 10, 255] : below, (frame * width * height + at) * 4)
    }
  }
  return { width, height, times, data }
}

/** A disc that wanders over a shaded ground, in many colours; with `isHazy` every alpha occurs. */
export function shaded({ width = 120, height = 80, count = 8, isHazy = false } = {}): MadeFrames {
  const data = Buffer.alloc(width * height * count * 4)
  for (let frame = 0; frame < count; frame++) {
    for (let at = 0; at < width * height; at++) {
      const [x, y] = [at % width, Math.floor(at / width)]
      const isInside = (x - 20 - frame * 10) ** 2 + (y - 40) ** 2 < 300
      const alpha = isHazy ? Math.min(255, frame * 30 + x * 2) : 255
      const colour = isInside ? [240, 200 - frame * 20, 40] : [x * 2, y * 3, 120]
      data.set([...colour, alpha], (frame * width * height + at) * 4)
    }
  }
  return { width, height, times: Array.from({ length: count }, (_, frame) => 40 + 10 * (frame % 3)), data }
}

/** The frames as a file that keeps every sample. */
export async function fileOfFrames(
  { width, height, times, data }: MadeFrames,
  format: 'gif' | 'webp' | 'avif' | 'png' | 'jxl',
  loop = 0,
): Promise<Buffer> {
  const raw = { width, height: height * times.length, channels: 4, pageHeight: height } as const
  const moving = { delay: [...times], loop }
  if (format === 'gif')
    return sharp(data, { raw })
      .gif({ ...moving, dither: 0 })
      .toBuffer()
  const webp = await sharp(data, { raw })
    .webp({ ...moving, lossless: true, exact: true, minSize: false })
    .toBuffer()
  return format === 'webp' ? webp : (await rewrite(webp, { format, lossless: true })).data
}

/** What is shown of an animation. */
export interface Shown {
  /** RGBA of each frame; what is clear has no colour. */
  readonly frames: readonly Buffer[]
  readonly times: readonly number[]
  readonly loop: number
}

/** Draws the frames of an animation in any format. */
export async function shownOf(content: Buffer | string, more: Partial<RewriteOptions> = {}): Promise<Shown> {
  const file = typeof content === 'string' || !isGifOrWebp(content) ? await asWebp(content, more) : content
  const { pages = 1, delay = [], loop = 0 } = await sharp(file, { pages: -1 }).metadata()
  const data = await sharp(file, { pages: -1 }).ensureAlpha().raw().toBuffer()
  for (let at = 0; at < data.length; at += 4) if (data[at + 3] === 0) data.fill(0, at, at + 3)
  const bytes = data.length / pages
  const frames = Array.from({ length: pages }, (_, page) => data.subarray(page * bytes, (page + 1) * bytes))
  return { frames, times: delay, loop }
}

const isGifOrWebp = (content: Buffer): boolean =>
  content.toString('latin1', 0, 3) === 'GIF' || content.toString('latin1', 8, 12) === 'WEBP'

const asWebp = async (content: Buffer | string, more: Partial<RewriteOptions>): Promise<Buffer> =>
  (await rewrite(content, { format: 'webp', lossless: true, color: 'srgb', ...more })).data

/** Likeness in decibels of two frames of RGBA as they are seen on black; 99 for the same. */
export function likenessOf(one: Buffer, other: Buffer): number {
  let error = 0
  for (let at = 0; at < one.length; at += 4) {
    const [alpha, otherAlpha] = [(one[at + 3] ?? 0) / 255, (other[at + 3] ?? 0) / 255]
    for (let channel = 0; channel < 3; channel++) {
      error += ((one[at + channel] ?? 0) * alpha - (other[at + channel] ?? 0) * otherAlpha) ** 2
    }
  }
  return error === 0 ? 99 : Math.min(99, 10 * Math.log10((255 ** 2 * one.length * 0.75) / error))
}

/** The same of the alpha alone. */
export function alphaLikenessOf(one: Buffer, other: Buffer): number {
  let error = 0
  for (let at = 3; at < one.length; at += 4) error += ((one[at] ?? 0) - (other[at] ?? 0)) ** 2
  return error === 0 ? 99 : Math.min(99, 10 * Math.log10((255 ** 2 * one.length * 0.25) / error))
}
