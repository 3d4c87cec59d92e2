import sharp from 'sharp'
import { MediaError } from '../../errors.ts'
import { checkPixels } from '../limits.ts'
import type { MediaLimits } from '../media.ts'
import type { Picture, RewriteOptions, RewrittenPicture } from '../picture.ts'
import { sniffBytes } from '../sniff.ts'
import type { Source } from '../source.ts'
import { encodeFrames } from './animation/encode-frames.ts'
import { prepareAnimation } from './animation/prepare.ts'
import { wholeFrames } from './animation/whole-frames.ts'
import { type Prepared, prepareCoded } from './coded.ts'
import { embedMetadata } from './embed/embed.ts'
import { encode } from './encode.ts'
import { checkWritable, formatTraits } from './encoder-settings.ts'
import { toPictureError } from './fault.ts'
import { copyGif } from './gif-copy.ts'
import { type PictureHeader, readPictureHeader } from './header.ts'
import { takeMetadata } from './kept/take.ts'
import { prepareRendered } from './rendered.ts'
import { encodePages } from './tiff-pages.ts'

/** What a rewrite is made from: the file as it is coded, and its rendering for what can not be kept as it is. */
export interface Original {
  readonly source: Source
  readonly header: PictureHeader
  readonly limits: MediaLimits
  /** The rendering in full size: upright, 8-bit sRGB. */
  readonly rendered: () => Promise<Picture>
}

/**
 * Writes a picture file anew, with its frames, colours and metadata as far as asked and as the format can. Throws
 * PARAMS_INVALID for what the format can not hold, and like the decoder when nothing of the picture can be read.
 */
export async function rewritePicture(original: Original, options: RewriteOptions): Promise<RewrittenPicture> {
  const { source, header, limits, rendered } = original
  const { width, height } = header
  if (options.lossless && options.format === 'jpeg') checkWritable(options, { width: 1, height: 1, depth: 8 })
  if (width !== undefined && height !== undefined && !header.raw) {
    checkPixels(width, height * framesAtOnce(original, options), limits)
  }
  const moving = await tryAnimation(original, options)
  if (moving) return moving
  const direct = await tryCoded(original, options)
  if (direct) return direct
  const rest = await tryWholeFrames(original, options)
  if (rest) return rest
  const way = await prepareRendered(await rendered(), options)
  try {
    return await finish(source, way, await encodeChecked(way, options), options)
  } catch (thrown) {
    if (thrown instanceof MediaError) throw thrown
    throw new MediaError('INTERNAL', [`the picture could not be encoded as ${options.format}`], { cause: thrown })
  }
}

/** libvips holds all frames of a WebP for its own writers, and of a GIF where a border is put around each. */
function framesAtOnce({ source, header }: Original, { format, frames, resize }: RewriteOptions): number {
  const isHeld = source.format === 'webp' || (source.format === 'gif' && resize?.fit === 'contain')
  return isHeld && frames === 'all' && (format === 'webp' || format === 'gif') ? (header.pages ?? 1) : 1
}

/**
 * An animation that libvips does not read or does not write; undefined for all else, and when it can not be read as one here
 * either. What is not the file's fault is thrown: nobody asked for a still picture.
 */
async function tryAnimation(original: Original, options: RewriteOptions): Promise<RewrittenPicture | undefined> {
  const { source, header, limits } = original
  let fault: unknown
  for (const isStrict of [true, false]) {
    let way: Prepared | undefined
    let data: Buffer
    try {
      way = await prepareAnimation(source, header, options, { limits, isStrict })
      if (!way) return undefined
      data = await encodeChecked(way, options)
    } catch (thrown) {
      if (thrown instanceof MediaError || options.signal?.aborted) throw thrown
      fault = thrown
      continue
    }
    const damage =
      fault === undefined ? {} : { damage: toPictureError(fault).details[0] ?? 'parts of it can not be read' }
    return finish(source, { ...damage, ...way }, data, options)
  }
  return undefined
}

/**
 * The new file straight from the old one; undefined when that does not go, or not without complaints: the rendering says best
 * what is wrong. Only an animation, of which it knows one frame, is read on as far as it goes.
 */
async function tryCoded(
  { source, header, limits }: Original,
  options: RewriteOptions,
): Promise<RewrittenPicture | undefined> {
  let fault: unknown
  try {
    const pages = await encodePages(source, header, options, limits)
    if (pages) return await finish(source, pages.first, pages.data, options)
    const way = await prepareCoded(source, header, options, { isStrict: true })
    if (!way) return undefined
    const data = gifAsItIs(source, header, options) ?? (await encodeChecked(way, options))
    if (way.complaint?.() === undefined) return await finish(source, way, data, options)
    fault = new Error(way.complaint())
  } catch (thrown) {
    if (thrown instanceof MediaError || options.signal?.aborted) throw thrown
    fault = thrown
  }
  if ((header.pages ?? 1) < 2 || options.frames === 'first') return undefined
  try {
    const way = await prepareCoded(source, header, options, { isStrict: false })
    if (!way) return undefined
    const damage = toPictureError(fault).details[0] ?? 'parts of it can not be read'
    return await finish(source, { ...way, damage }, await encodeChecked(way, options), options)
  } catch (thrown) {
    if (thrown instanceof MediaError || options.signal?.aborted) throw thrown
    return undefined
  }
}

/** The frames that are whole of an animation that libvips does not read to its end. */
async function tryWholeFrames(original: Original, options: RewriteOptions): Promise<RewrittenPicture | undefined> {
  const { header } = original
  if ((header.pages ?? 1) < 2 || options.frames === 'first') return undefined
  if (formatTraits[options.format].frames !== 'animation') return undefined
  const whole = await wholeFrames(original.source, true)
  if (!whole) return undefined
  const source = { ...original.source, bytes: whole.length, head: whole.subarray(0, sniffBytes), whole }
  const rest = { ...original, source, header: await readPictureHeader(source) }
  const written = (await tryAnimation(rest, options)) ?? (await tryCoded(rest, options))
  return written && { damage: header.damage ?? 'the picture data is garbled in places', ...written }
}

/** Of a GIF that stays one without loss its own blocks. */
function gifAsItIs({ format, whole }: Source, header: PictureHeader, options: RewriteOptions): Buffer | undefined {
  const isSame = format === 'gif' && options.format === 'gif' && options.lossless === true
  if (!isSame || !whole || options.resize || header.icc) return undefined
  return options.frames === 'all' || (header.pages ?? 1) === 1 ? copyGif(whole) : undefined
}

function encodeChecked({ picture }: Prepared, options: RewriteOptions): Promise<Buffer> {
  checkWritable(options, picture)
  return picture.animation ? encodeFrames(picture, picture.animation, options) : encode(picture, options)
}

async function finish(
  source: Source,
  { picture, intent, profile, damage }: Prepared,
  encoded: Buffer,
  { format, metadata }: RewriteOptions,
): Promise<RewrittenPicture> {
  const { width, height, depth } = picture
  const frames = await framesIn(encoded, format, picture)
  const isSrgb = profile === undefined && intent.profile !== 'untagged' && intent.profile !== 'CMYK'
  const edits = { width, height, isSrgb, stripPlace: metadata === 'strip-gps' }
  const data = metadata === 'strip' ? encoded : embedMetadata(format, encoded, await takeMetadata(source, edits))
  return {
    data,
    width,
    height,
    intent,
    bitDepth: depth,
    frames,
    ...(profile === undefined ? {} : { profile }),
    ...(damage === undefined ? {} : { damage }),
  }
}

/** Some encoders join frames that look alike, so they are counted in what was written. */
async function framesIn(
  encoded: Buffer,
  format: RewriteOptions['format'],
  { animation }: Prepared['picture'],
): Promise<number> {
  if (formatTraits[format].frames === 'one') return 1
  if (format === 'png' || format === 'avif' || format === 'jxl') return animation?.delays.length ?? 1
  const { pages = 1 } = await sharp(encoded, { limitInputPixels: false }).metadata()
  return pages
}
