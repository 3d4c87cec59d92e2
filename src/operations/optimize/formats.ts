import type { FormatName } from '../../media/formats.ts'
import { formatTraits } from '../../media/picture/encoder-settings.ts'
import { type WritableFormat, type WriteOptions, writableFormats } from '../../media/picture.ts'
import type { Needs } from './needs.ts'

/** Qualities of the formats that lose something. */
export interface Qualities {
  /** What a goal may lead to. */
  readonly range: readonly [low: number, high: number]
  /**
   * What is used when nobody named a goal. Below, blocks and bands would show in skies and their grain would go, about
   * which SSIM is lenient; above, hardly anybody sees a difference, although SSIM is strict about grass and gravel.
   */
  readonly usual: readonly [low: number, high: number]
}

/** The qualities of each format that has some. */
export const qualities: Readonly<Partial<Record<WritableFormat, Qualities>>> = {
  jpeg: { range: [10, 100], usual: [82, 92] },
  webp: { range: [5, 100], usual: [80, 92] },
  avif: { range: [10, 99], usual: [58, 80] },
  jxl: { range: [10, 99], usual: [80, 92] },
}

/** What is tried for `auto`, in this order. JPEG XL is left to those who name it: few programs show it. */
export const autoFormats: readonly WritableFormat[] = ['jpeg', 'webp', 'avif', 'png']

type Effort = NonNullable<WriteOptions['effort']>

// Measured over photos: the best JPEGs are smaller by a tenth for a quarter of a second more, while AVIF takes eight times
// as long for the same tenth.
const efforts: Readonly<Partial<Record<WritableFormat, Readonly<Record<Effort, Effort>>>>> = {
  jpeg: { fast: 'usual', usual: 'best', best: 'best' },
  avif: { fast: 'fast', usual: 'fast', best: 'usual' },
}

/** How hard an encoder tries when small files are the aim. */
export const effortFor = (format: WritableFormat, effort: Effort): Effort => efforts[format]?.[effort] ?? effort

/** Pictures that are no files to be made smaller: their meaning lies in what a new file would not hold, as a clause. */
export const kept: Readonly<Partial<Record<FormatName, string>>> = {
  raw: 'a camera raw holds what no picture made of it does',
  svg: 'a drawing of lines is sharp at every size',
  ico: 'an icon holds a picture for each size',
  exr: 'an EXR holds light beyond what other formats can',
}

/** Formats whose files hold every sample as it was given. */
const exactFormats: ReadonlySet<FormatName> = new Set(['png', 'gif', 'tiff', 'bmp'])

/** Whether a format loses nothing of what it is given. */
export const isExact = (format: FormatName): boolean => exactFormats.has(format)

/** The format under the name that encoders have for it; undefined when it is only read. */
export const writable = (format: FormatName): WritableFormat | undefined =>
  writableFormats.find((known) => known === format)

/** Why a format can not hold a picture, as a clause; undefined when it can, or when only trying tells. */
export function unfitFor(format: WritableFormat, needs: Needs): string | undefined {
  const { label, hasAlpha, depth, frames, maxSide } = formatTraits[format]
  if (needs.alpha && !hasAlpha) return `${label} has no transparency`
  if (needs.frames > 1 && frames === 'one')
    return `${label} is written with one picture, and this file has ${needs.frames}`
  if (needs.depth > depth) return `${label} would keep ${depth} of ${needs.depth} bits a sample`
  if (Math.max(needs.width, needs.height) > maxSide) return `${label} holds at most ${maxSide} pixels a side`
  return undefined
}
