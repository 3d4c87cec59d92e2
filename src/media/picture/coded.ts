import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp'
import type { RewriteOptions } from '../picture.ts'
import type { RenderIntent } from '../render-intent.ts'
import type { Source } from '../source.ts'
import type { Encodable } from './encode.ts'
import { checkWritable, type FormatTraits, formatTraits } from './encoder-settings.ts'
import { damageOf } from './fault.ts'
import { readGif } from './gif.ts'
import type { PictureHeader } from './header.ts'
import { readIcc } from './icc.ts'
import { readPixels } from './raw-pixels.ts'
import { planResizing } from './resizing.ts'
import { intentOf } from './sharp.ts'
import { needsConversion } from './tone.ts'

/** A picture ready to be encoded, and what will be said of the new file. */
export interface Prepared {
  readonly picture: Encodable
  readonly intent: RenderIntent
  /** Name of the colour profile that goes with the pixels. */
  readonly profile?: string
  readonly damage?: string
  /** What the decoder complained of, once the picture was encoded. */
  readonly complaint?: () => string | undefined
}

/**
 * The way of a file that libvips opens: from its coding straight to the encoder, piece by piece, in its own colours and depth
 * where both are kept. Undefined for pictures that have to be rendered first: of other formats, of high dynamic range, of
 * colours that libvips would not convert rightly, and damaged ones.
 */
export async function prepareCoded(
  source: Source,
  header: PictureHeader,
  options: RewriteOptions,
  isStrict: boolean,
): Promise<Prepared | undefined> {
  const { width, height } = header
  if (!isDirect(source, header) || width === undefined || height === undefined) return undefined
  const input = source.whole ?? source.path
  const found = await sharp(input, { limitInputPixels: false, failOn: 'none' }).metadata()
  const traits = formatTraits[options.format]
  const resizing = planResizing({ width, height }, options.resize, {
    hasAlpha: traits.hasAlpha,
    background: options.background,
  })
  const isFlattened = found.hasAlpha && !traits.hasAlpha
  const tints = [resizing.border, isFlattened ? options.background : undefined]
  const colours = coloursOf(header, found, options, tints.some(isTint))
  if (!colours) return undefined
  checkWritable(options, { ...resizing.size, depth: colours.keptDepth })
  const frames = framesOf(found, source, traits, options)
  const complaints: string[] = []
  const base: SharpOptions = {
    limitInputPixels: false,
    autoOrient: frames === 1,
    sequentialRead: true,
    failOn: isStrict ? 'error' : 'none',
    ignoreIcc: colours.isIccIgnored,
  }
  const openAs = (more: SharpOptions): Sharp => colours.open(sharp(input, { ...base, ...more }))
  const steps = await resizing.steps(frames, () => openAs({}))
  const open = (): Sharp => {
    const image = steps(openAs(frames > 1 ? { pages: -1 } : {}))
    return image.on('warning', (warning: string) => complaints.push(warning))
  }
  const isPalette = found.isPalette === true && options.format === 'png' && !resizing.isChange && colours.depth === 8
  const { density, delay, loop } = found
  const hasAlpha = found.hasAlpha || (resizing.border !== undefined && resizing.border.alpha < 255)
  const { source: _, ...whole } = intentOf(header)
  return {
    picture: {
      ...resizing.size,
      depth: colours.depth,
      open,
      hasAlpha,
      ...(density === undefined ? {} : { density }),
      ...(frames > 1 && delay ? { delays: delay } : {}),
      ...(frames > 1 && loop !== undefined ? { loop } : {}),
      ...(colours.icc ? { icc: colours.icc } : {}),
      ...(isPalette && width * height <= palettePixels ? { pixels: await readPixels(open()) } : {}),
    },
    intent: frames > 1 ? whole : intentOf(header),
    ...(colours.profile === undefined ? {} : { profile: colours.profile }),
    complaint: () => damageOf(complaints),
  }
}

// Drawings with a palette are small; above this the memory for counting colours is not worth the bytes.
const palettePixels = 64_000_000

const direct: ReadonlySet<Source['format']> = new Set(['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif'])

function isDirect({ format, whole }: Source, header: PictureHeader): boolean {
  if (!direct.has(format) || header.fault !== undefined || header.space === 'lab') return false
  if (header.colour && !header.icc && needsConversion(header.colour)) return false
  // Files that end early are read as far as they go by the rendering, which says so.
  if (format === 'jpeg' && whole && header.jpeg && header.jpeg.end === undefined) return false
  if (format === 'gif' && whole && readGif(whole)?.isCut !== false && (header.pages ?? 1) === 1) return false
  // libvips refuses sequences.
  return !(format === 'avif' && whole?.toString('latin1', 8, 12) === 'avis')
}

const isTint = (paint: { red: number; green: number; blue: number } | string | undefined): boolean => {
  if (paint === undefined) return false
  if (typeof paint === 'string') return !/^#(..)\1\1/.test(paint)
  return paint.red !== paint.green || paint.green !== paint.blue
}

interface Colours {
  readonly depth: Encodable['depth']
  /** What the depth would have to be for nothing to be lost. */
  readonly keptDepth: Encodable['depth']
  readonly isIccIgnored: boolean
  readonly icc?: Buffer
  readonly profile?: string
  readonly open: (image: Sharp) => Sharp
}

/** In which colours the pixels are written; undefined when libvips does not convert them as the rendering does. */
function coloursOf(
  header: PictureHeader,
  found: Metadata,
  { format, color, resize }: RewriteOptions,
  hasTint: boolean,
): Colours | undefined {
  const { hasProfile, hasCmyk, hasGrey, depth: most } = formatTraits[format]
  const space = found.space === 'b-w' || found.space === 'grey16' ? 'grey' : found.space === 'cmyk' ? 'cmyk' : 'rgb'
  if (found.depth !== 'uchar' && found.depth !== 'ushort') return undefined
  const icc = header.icc ? readIcc(header.icc) : null
  const isForeign = icc !== null && icc.space === space && !icc.isSrgb
  // A profile that the file only names can not be handed on by libvips, nor applied.
  if (isForeign && !found.hasProfile) return undefined
  const isCmyk = space === 'cmyk'
  const isKept = color === 'keep' && (isCmyk ? hasCmyk && resize?.fit !== 'contain' : hasProfile || !isForeign)
  const isDeep = found.depth === 'ushort'
  if (!isKept && isForeign && (isDeep || space === 'grey')) return undefined
  const bits = isDeep ? (found.bitsPerSample ?? 16) : 8
  const keptDepth = !isKept || bits <= 8 ? 8 : bits <= 10 ? 10 : bits <= 12 ? 12 : 16
  const depth = most === 8 ? 8 : most === 12 ? lesser(keptDepth, 12) : keptDepth > 8 ? 16 : 8
  if (isKept && isCmyk) {
    const open = (image: Sharp): Sharp => image.pipelineColourspace('cmyk').toColourspace('cmyk').keepIccProfile()
    return { depth: 8, keptDepth: 8, isIccIgnored: false, open, ...(isForeign ? { profile: icc.name } : {}) }
  }
  // Two channels are too few for JPEG XL's encoder, and a tint needs three.
  const isGrey = space === 'grey' && hasGrey && !hasTint && !(found.hasAlpha && format === 'jxl')
  const written = isGrey ? (depth > 8 ? 'grey16' : 'b-w') : depth > 8 ? 'rgb16' : 'srgb'
  const isAttached = isKept && hasProfile && icc !== null && icc.space === space && (isGrey || space === 'rgb')
  if (isKept && isForeign && !isAttached) return undefined
  const open = (image: Sharp): Sharp => {
    if (space === 'grey' && !isGrey) image.pipelineColourspace(isDeep ? 'rgb16' : 'srgb')
    image.toColourspace(written)
    return isAttached ? image.keepIccProfile() : image
  }
  return {
    depth,
    keptDepth,
    isIccIgnored: !isForeign || isKept,
    open,
    ...(isAttached && header.icc ? { icc: header.icc, profile: icc.name } : {}),
  }
}

const lesser = <Value extends number>(one: Value, other: Value): Value => (one < other ? one : other)

/** How many pictures of the file are written: all of an animation or of equal pages where the format takes such, else one. */
function framesOf(found: Metadata, { format }: Source, traits: FormatTraits, { frames }: RewriteOptions): number {
  const pages = found.pages ?? 1
  const kind = format === 'gif' || format === 'webp' ? 'animation' : format === 'tiff' ? 'pages' : 'one'
  return frames === 'all' && kind !== 'one' && kind === traits.frames ? pages : 1
}
