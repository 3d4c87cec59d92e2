import sharp, { type Sharp } from 'sharp'
import { MediaError } from '../../errors.ts'
import type { Pixels, WriteOptions } from '../picture.ts'
import type { Drawn } from './animation/drawn.ts'
import { type CodingTraits, encodersFor, formatTraits } from './encoder-settings.ts'
import { asBackground, paintOf } from './paint.ts'
import { indexColours } from './palette.ts'
import { readPixels } from './raw-pixels.ts'
import { writeGif } from './write-gif.ts'
import { writeIndexedPng } from './write-indexed-png.ts'

/** A picture on its way to an encoder: upright, in its new size and in the colours that it is written in. */
export interface Encodable extends CodingTraits {
  /** Opens the pixels, lazily read; called once for each encoder that is tried. */
  readonly open: () => Sharp
  readonly hasAlpha: boolean
  /** The pixels where they are in memory anyway, 8 bits a sample and one frame. */
  readonly pixels?: Pixels
  /** The frames one by one, when there are several. */
  readonly animation?: Drawn
  /** The profile, for the encoders that are not sharp's. */
  readonly icc?: Buffer
}

/** Encodes as asked; of several ways the smallest file. Throws PARAMS_INVALID where `lossless` would lose. */
export async function encode(picture: Encodable, options: WriteOptions): Promise<Buffer> {
  const { format, lossless, effort = 'usual' } = options
  const open = (): Sharp => {
    const image = picture.open()
    if (!picture.hasAlpha || formatTraits[format].hasAlpha) return image
    return image.flatten({ background: asBackground(paintOf(options.background ?? '#ffffff')) })
  }
  if (picture.animation && (format === 'png' || format === 'avif' || format === 'jxl')) {
    const { encodeAnimation } = await import('./animation/encode.ts')
    return encodeAnimation(picture.animation, picture, { ...options, format })
  }
  if (format === 'jxl') return encodeJxl(open(), picture, options)
  if (format === 'gif' && lossless) return encodeExactGif(open, picture, options)
  const indexed = format === 'png' && picture.pixels && indexColours(picture.pixels)
  const found = indexed ? [writeIndexedPng(indexed, { level: effort === 'best' ? 9 : 6, icc: picture.icc })] : []
  if (!indexed || effort === 'best') {
    for (const set of encodersFor({ ...options, format }, picture)) {
      const [before, now] = [found[0], await set(open()).toBuffer()]
      if (!before || now.length < before.length) found[0] = now
    }
  }
  if (!found[0]) throw new RangeError(`there is no encoder for ${format}`)
  return found[0]
}

async function encodeJxl(image: Sharp, { depth, icc }: Encodable, options: WriteOptions): Promise<Buffer> {
  const { writeJxl } = await import('./write-jxl.ts')
  const isDeep = depth > 8
  const { data, info } = await image.raw({ depth: isDeep ? 'ushort' : 'uchar' }).toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  if (channels === 2) throw new RangeError('grey with alpha has to be made RGBA before')
  return writeJxl({ data, width, height, channels, isDeep, ...(icc ? { icc } : {}) }, options)
}

/** Over all frames: they are compared in memory, as RGBA of four bytes a pixel, and a small file can declare thousands. */
const mostExactPixels = 2 ** 28

/** libvips keeps the palettes of a GIF mostly, and changes colours otherwise, so what it wrote is compared with what it got. */
async function encodeExactGif(open: () => Sharp, picture: Encodable, options: WriteOptions): Promise<Buffer> {
  const { width, height, delays = [0], loop = 0 } = picture
  if (width * height * delays.length > mostExactPixels) {
    throw new MediaError('PARAMS_INVALID', [
      `A GIF without loss is made of at most ${mostExactPixels} pixels in all frames: choose png or webp, or allow loss.`,
    ])
  }
  // Of greys sharp would drop the alpha again.
  const rgba = clearAlike((await readPixels(open().toColourspace('srgb').ensureAlpha())).data)
  const frameBytes = width * height * 4
  const frames = delays.map((delayMs, at) => {
    const data = rgba.subarray(at * frameBytes, (at + 1) * frameBytes)
    return { indexed: indexColours({ data, width, height, channels: 4 }), delayMs }
  })
  const isBinary = rgba.every((value, at) => at % 4 !== 3 || value === 0 || value === 255)
  const fitting = frames.flatMap(({ indexed, delayMs }) => (indexed ? [{ indexed, delayMs }] : []))
  const own = isBinary && fitting.length === frames.length ? writeGif(fitting, loop) : undefined
  const [set] = encodersFor({ ...options, format: 'gif' }, picture)
  const theirs = isBinary && set ? await set(open()).toBuffer() : undefined
  const isSmaller = theirs && (!own || theirs.length < own.length)
  if (isSmaller && clearAlike(await samplesOf(theirs)).equals(rgba)) return theirs
  if (own) return own
  const limits = 'GIF holds 256 colours a frame, each opaque or clear'
  throw new MediaError('PARAMS_INVALID', [`${limits}, and this picture has more: choose png or webp, or allow loss.`])
}

const samplesOf = (gif: Buffer): Promise<Buffer> =>
  sharp(gif, { pages: -1, limitInputPixels: false }).ensureAlpha().raw().toBuffer()

/** What is clear has no colour in a GIF, so all of it counts as one. */
function clearAlike(rgba: Buffer): Buffer {
  for (let at = 0; at < rgba.length; at += 4) if (rgba[at + 3] === 0) rgba.fill(0, at, at + 3)
  return rgba
}
