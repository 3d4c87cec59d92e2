import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp'
import type { RewriteOptions } from '../picture.ts'
import type { RenderIntent } from '../render-intent.ts'
import type { Source } from '../source.ts'
import { drawnInPieces } from './animation/draw-in-pieces.ts'
import { coloursOf } from './coded-colours.ts'
import type { Encodable } from './encode.ts'
import { checkWritable, type FormatTraits, formatTraits } from './encoder-settings.ts'
import { damageOf } from './fault.ts'
import { damageOfGif } from './gif.ts'
import type { PictureHeader } from './header.ts'
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
 * colours that libvips would not convert rightly, and damaged ones. `page` takes another than the first, in its own size.
 */
export async function prepareCoded(
  source: Source,
  header: PictureHeader,
  options: RewriteOptions,
  { isStrict, page }: { readonly isStrict: boolean; readonly page?: number },
): Promise<Prepared | undefined> {
  if (!isDirect(source, header)) return undefined
  const input = source.whole ?? source.path
  const chosen = { limitInputPixels: false, ...(page === undefined ? {} : { page }) }
  const found = await sharp(input, { ...chosen, failOn: 'none' }).metadata()
  const { width, height } = page === undefined ? header : found.autoOrient
  if (width === undefined || height === undefined) return undefined
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
    ...chosen,
    autoOrient: frames === 1,
    sequentialRead: true,
    failOn: isStrict ? 'error' : 'none',
    ignoreIcc: colours.isIccIgnored,
  }
  const openAs = (more: SharpOptions): Sharp => colours.open(sharp(input, { ...base, ...more }))
  const steps = await resizing.steps(frames, () => openAs({}))
  const listenTo = (image: Sharp): Sharp => image.on('warning', (warning: string) => complaints.push(warning))
  const open = (): Sharp => listenTo(steps(openAs(frames > 1 ? { pages: -1 } : {})))
  const openPiece = (page: number, pages: number): Sharp => listenTo(steps(openAs({ page, pages })))
  const isPalette =
    found.isPalette === true && frames === 1 && options.format === 'png' && !resizing.isChange && colours.depth === 8
  const { density, delay, loop } = found
  const hasAlpha = found.hasAlpha || (resizing.border !== undefined && resizing.border.alpha < 255)
  const { source: _, ...whole } = intentOf(header)
  // libvips gives the frames that are there, and says nothing.
  const damage = gifDamage(source)
  return {
    picture: {
      ...resizing.size,
      depth: colours.depth,
      open,
      hasAlpha,
      ...(density === undefined ? {} : { density }),
      ...(frames > 1 && delay ? { delays: delay } : {}),
      ...(frames > 1 && loop !== undefined ? { loop } : {}),
      ...(frames > 1
        ? { animation: drawnInPieces({ ...resizing.size, delays: delay ?? [], loop: loop ?? 0, frames }, openPiece) }
        : {}),
      ...(colours.icc ? { icc: colours.icc } : {}),
      ...(isPalette && width * height <= palettePixels ? { pixels: await readPixels(open()) } : {}),
    },
    intent: frames > 1 ? whole : intentOf(header),
    ...(colours.profile === undefined ? {} : { profile: colours.profile }),
    ...(damage === undefined ? {} : { damage }),
    complaint: () => damageOf(complaints),
  }
}

// Drawings with a palette are small; above this the memory for counting colours is not worth the bytes.
const palettePixels = 64_000_000

const direct: ReadonlySet<Source['format']> = new Set(['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif'])

const gifDamage = ({ format, whole }: Source): string | undefined =>
  format === 'gif' && whole ? damageOfGif(whole) : undefined

function isDirect(source: Source, header: PictureHeader): boolean {
  const { format, whole } = source
  if (!direct.has(format) || header.fault !== undefined || header.space === 'lab') return false
  if (header.colour && !header.icc && needsConversion(header.colour)) return false
  // Files that end early are read as far as they go by the rendering, which says so.
  if (format === 'jpeg' && whole && header.jpeg && header.jpeg.end === undefined) return false
  if (gifDamage(source) !== undefined && (header.pages ?? 1) === 1) return false
  // libvips refuses sequences.
  return !(format === 'avif' && whole?.toString('latin1', 8, 12) === 'avis')
}

const isTint = (paint: { red: number; green: number; blue: number } | string | undefined): boolean => {
  if (paint === undefined) return false
  if (typeof paint === 'string') return !/^#(..)\1\1/.test(paint)
  return paint.red !== paint.green || paint.green !== paint.blue
}

/** How many pictures of the file are written at once: all of an animation where the format takes such, else one. */
function framesOf(found: Metadata, { format }: Source, traits: FormatTraits, { frames }: RewriteOptions): number {
  const pages = found.pages ?? 1
  const isMoving = (format === 'gif' || format === 'webp') && traits.frames === 'animation'
  return frames === 'all' && isMoving ? pages : 1
}
