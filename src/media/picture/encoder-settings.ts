import type { Sharp } from 'sharp'
import { MediaError } from '../../errors.ts'
import type { WritableFormat, WriteOptions } from '../picture.ts'

/** What the formats that are written can hold. */
export interface FormatTraits {
  readonly label: string
  readonly hasAlpha: boolean
  /** Colour profiles of RGB; those of CMYK only where `hasCmyk`. */
  readonly hasProfile: boolean
  readonly hasCmyk: boolean
  /** Whether a grey picture stays one of a single channel. */
  readonly hasGrey: boolean
  /** The most bits of a sample. */
  readonly depth: 8 | 12 | 16
  /** Several pictures in one file: shown one after the other, or turned by hand. */
  readonly frames: 'animation' | 'pages' | 'one'
  readonly maxSide: number
}

/** The traits of each format that pictures can be written in. */
export const formatTraits: Readonly<Record<WritableFormat, FormatTraits>> = {
  jpeg: traits('JPEG', { hasAlpha: false, hasCmyk: true, maxSide: 65_500 }),
  png: traits('PNG', { depth: 16, frames: 'animation', maxSide: 1_000_000 }),
  webp: traits('WebP', { hasGrey: false, frames: 'animation', maxSide: 16_383 }),
  avif: traits('AVIF', { hasGrey: false, depth: 12, frames: 'animation', maxSide: 16_384 }),
  tiff: traits('TIFF', { depth: 16, hasCmyk: true, frames: 'pages', maxSide: 10_000_000 }),
  gif: traits('GIF', { hasProfile: false, hasGrey: false, frames: 'animation', maxSide: 65_535 }),
  jxl: traits('JPEG XL', { depth: 16, frames: 'animation', maxSide: 262_144 }),
}

function traits(label: string, given: Partial<FormatTraits>): FormatTraits {
  return {
    label,
    hasAlpha: true,
    hasProfile: true,
    hasCmyk: false,
    hasGrey: true,
    depth: 8,
    frames: 'one',
    maxSide: 65_535,
    ...given,
  }
}

/** Quality where none is asked: where a difference to the original has to be looked for. */
export const usualQuality = { jpeg: 82, webp: 80, avif: 55, jxl: 85 } as const

/** What the encoders have to know of a picture. */
export interface CodingTraits {
  /** Pixels of one frame. */
  readonly width: number
  readonly height: number
  readonly depth: 8 | 10 | 12 | 16
  /** Pixels per inch, for the formats that print; 72 when left out. */
  readonly density?: number
  /** Milliseconds of each frame of an animation. */
  readonly delays?: readonly number[]
  /** How often an animation is shown; 0 for ever. */
  readonly loop?: number
}

/** Refuses what a format can not be asked for, before anything is decoded. */
export function checkWritable({ format, lossless }: WriteOptions, { width, height, depth }: CodingTraits): void {
  const { label, maxSide, depth: most } = formatTraits[format]
  if (lossless && format === 'jpeg') {
    throw new MediaError('PARAMS_INVALID', [
      'JPEG can not be written without loss: choose png, webp, avif, tiff or jxl.',
    ])
  }
  if (lossless && depth > most) {
    const way = 'choose png, tiff or jxl, or 8 bits with color=srgb'
    throw new MediaError('PARAMS_INVALID', [`${label} can not keep ${depth} bits a sample without loss: ${way}.`])
  }
  if (Math.max(width, height) > maxSide) {
    const size = `${width}×${height}`
    throw new MediaError('PARAMS_INVALID', [`${label} holds at most ${maxSide} pixels a side, not ${size}: resize it.`])
  }
}

/**
 * Encoders with their settings, one or several of which the smallest result counts. JPEG XL is not among sharp's.
 */
export function encodersFor(
  options: WriteOptions & { readonly format: Exclude<WritableFormat, 'jxl'> },
  picture: CodingTraits,
): readonly ((image: Sharp) => Sharp)[] {
  const { format, lossless = false, effort = 'usual' } = options
  switch (format) {
    case 'jpeg':
      return jpeg(options.quality ?? usualQuality.jpeg, effort, picture)
    case 'png':
      return png(effort)
    case 'webp': {
      const search = { fast: 2, usual: 4, best: 6 }[effort]
      const quality = options.quality ?? usualQuality.webp
      // Without `exact` the colours of transparent pixels are thrown away.
      const settings = { ...timesOf(picture), effort: search }
      return [(image) => image.webp(lossless ? { ...settings, lossless, exact: true } : { ...settings, quality })]
    }
    case 'avif': {
      // Measured over photos: 4 takes five times as long as 3 for a few percent, and what lies above as much again for less.
      const search = { fast: 2, usual: 3, best: 4 }[effort]
      const bitdepth = picture.depth === 16 ? 12 : picture.depth
      const quality = options.quality ?? usualQuality.avif
      return [(image) => image.avif({ ...(lossless ? { lossless } : { quality }), effort: search, bitdepth })]
    }
    case 'tiff': {
      // libvips writes 25.4 pixels per inch when nothing is said.
      const xres = (picture.density ?? 72) / 25.4
      const settings = { compression: 'deflate', predictor: 'horizontal', xres, yres: xres } as const
      return [(image) => image.tiff(settings)]
    }
    case 'gif': {
      const settings = {
        ...timesOf({ ...picture, ...(picture.delays ? { delays: inHundredths(picture.delays) } : {}) }),
        effort: { fast: 3, usual: 7, best: 10 }[effort],
        keepDuplicateFrames: true,
      }
      return [(image) => image.gif(lossless ? { ...settings, dither: 0 } : settings)]
    }
  }
}

const timesOf = ({ delays, loop }: CodingTraits): { delay?: number[]; loop?: number } =>
  delays === undefined ? {} : { delay: delays.map((delay) => Math.min(delay, 65_535)), loop: loop ?? 0 }

/**
 * GIF counts in hundredths of a second: what is rounded at one frame is made up for at the next. Times below two of them are
 * not made, as players take them for a tenth of a second.
 */
function inHundredths(delays: readonly number[]): readonly number[] {
  if (delays.every((ms) => ms % 10 === 0)) return delays
  let owed = 0
  return delays.map((ms) => {
    const told = ms === 0 ? 0 : Math.max(20, Math.round((ms + owed) / 10) * 10)
    owed = Math.max(-10, Math.min(10, owed + ms - told))
    return told
  })
}

// Measured over photos: scans by frequency (progressive) make files smaller from about here on, and larger below. Above the
// other bound they are not worth the memory: all coefficients are held for them, 6 bytes a pixel.
const [progressivePixels, heldPixels] = [256 * 256, 64_000_000]

function jpeg(
  quality: number,
  effort: 'fast' | 'usual' | 'best',
  { width, height }: CodingTraits,
): ((image: Sharp) => Sharp)[] {
  const chromaSubsampling = quality >= 90 ? '4:4:4' : '4:2:0'
  const isSmall = width * height <= progressivePixels
  const isHuge = width * height > heldPixels
  if (effort === 'fast') return [(image) => image.jpeg({ quality, chromaSubsampling, optimiseCoding: false })]
  if (effort === 'usual')
    return [(image) => image.jpeg({ quality, chromaSubsampling, progressive: !isSmall && !isHuge })]
  const mozjpeg = { trellisQuantisation: true, overshootDeringing: true, quantisationTable: 3 } as const
  const progressive = { quality, chromaSubsampling, ...mozjpeg, optimiseScans: true }
  const baseline = { quality, chromaSubsampling, ...mozjpeg, progressive: false }
  const both = [(image: Sharp) => image.jpeg(progressive), (image: Sharp) => image.jpeg(baseline)]
  return isSmall ? both : both.slice(0, 1)
}

function png(effort: 'fast' | 'usual' | 'best'): ((image: Sharp) => Sharp)[] {
  if (effort === 'best') {
    // Photos shrink with filters, drawings without.
    return [true, false].map((adaptiveFiltering) => (image) => image.png({ compressionLevel: 9, adaptiveFiltering }))
  }
  return [(image) => image.png({ compressionLevel: effort === 'fast' ? 3 : 6, adaptiveFiltering: true })]
}
