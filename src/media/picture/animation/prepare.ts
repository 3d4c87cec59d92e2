import sharp, { type Sharp } from 'sharp'
import { MediaError } from '../../../errors.ts'
import { checkPixels } from '../../limits.ts'
import type { MediaLimits } from '../../media.ts'
import type { RewriteOptions } from '../../picture.ts'
import type { Source } from '../../source.ts'
import type { Prepared } from '../coded.ts'
import { checkWritable, formatTraits } from '../encoder-settings.ts'
import { damageOfGif } from '../gif.ts'
import type { PictureHeader } from '../header.ts'
import { readIcc } from '../icc.ts'
import { withProfile } from '../profile.ts'
import { planResizing } from '../resizing.ts'
import { intentOf } from '../sharp.ts'
import { drawApng, readApng } from './draw-apng.ts'
import { piecePixels } from './draw-in-pieces.ts'
import { drawJxl } from './draw-jxl.ts'
import { drawOwnParts } from './draw-own-parts.ts'
import { drawSequence } from './draw-sequence.ts'
import type { Drawn } from './drawn.ts'
import { openFrame } from './open-frame.ts'
import { readSequence } from './sequence-boxes.ts'
import { sequenceDepth } from './sequence-depth.ts'
import { watched } from './watched.ts'

/**
 * The way of an animation that libvips does not read or does not write, to one of another format; undefined for all else, and
 * when what the file says of its frames makes no sense. `isStrict`: fails when a frame can not be decoded.
 */
export async function prepareAnimation(
  source: Source,
  header: PictureHeader,
  options: RewriteOptions,
  { limits, isStrict }: { readonly limits: MediaLimits; readonly isStrict: boolean },
): Promise<Prepared | undefined> {
  if (options.frames !== 'all' || formatTraits[options.format].frames !== 'animation') return undefined
  const found = await find(source, header, options, { limits, isStrict })
  if (!found) return undefined
  const { hasAlpha, icc = header.icc } = found
  const profile = icc ? readIcc(icc) : null
  const isForeign = profile !== null && !profile.isSrgb
  // Only the writers of this folder take a profile beside the frames.
  const isAttached = isForeign && options.color === 'keep' && isOurs(options) && profile.space === 'rgb'
  const bare = !icc || !isForeign || isAttached ? found.drawn : inSrgb(found.drawn, icc)
  const resizing = planResizing(bare, options.resize, { hasAlpha: true })
  const first = needsFirst(options) ? await firstOf(bare) : undefined
  const steps = await resizing.steps(bare.delays.length, () => openFrame(first ?? Buffer.alloc(0), bare))
  checkWritable(options, { ...resizing.size, depth: bare.depth })
  const drawn = resizing.isChange ? sized(bare, resizing.size, steps) : bare
  const { source: _, ...intent } = intentOf({ ...header, ...(icc ? { icc } : {}) })
  const { width, height, delays, loop } = drawn
  const depth = drawn.depth === 8 ? 8 : options.format !== 'avif' ? 16 : sequenceDepth(drawn.depth, options.lossless)
  const open = isOurs(options) ? () => openFrame(Buffer.alloc(0), drawn) : await gather(watched(drawn, options, 1))
  return {
    picture: {
      ...{ width, height, depth, delays, loop, open },
      hasAlpha: hasAlpha || (resizing.border !== undefined && resizing.border.alpha < 255),
      animation: drawn,
      ...(isAttached ? { icc } : {}),
    },
    intent,
    ...(isAttached ? { profile: profile.name } : {}),
    ...(found.damage === undefined ? {} : { damage: found.damage }),
  }
}

/** Whether the format is one whose animations are written here; the others are libvips'. */
const isOurs = ({ format }: RewriteOptions): boolean => format === 'png' || format === 'avif' || format === 'jxl'

interface Found {
  readonly drawn: Drawn
  readonly hasAlpha: boolean
  readonly damage: string | undefined
  readonly icc?: Buffer
}

async function find(
  source: Source,
  header: PictureHeader,
  options: RewriteOptions,
  { limits, isStrict }: { readonly limits: MediaLimits; readonly isStrict: boolean },
): Promise<Found | undefined> {
  const { format, whole } = source
  if (!whole) return undefined
  const isDeep = options.color === 'keep' && isOurs(options)
  if (format === 'png') {
    const apng = header.colour ? undefined : readApng(whole)
    if (!apng) return undefined
    checkPixels(apng.width, apng.height * apng.parts.length, limits)
    return {
      drawn: drawApng(apng, { isDeep: isDeep && !header.icc, isStrict }),
      hasAlpha: true,
      damage: damageOfCut(apng),
    }
  }
  if (format === 'gif' || format === 'webp') {
    const { width = 0, height = 0, pages = 1 } = header
    // What libvips draws in one piece takes less time so.
    if (!isOurs(options) || header.fault !== undefined || width * height * pages <= piecePixels) return undefined
    const found = await drawOwnParts(source, isStrict)
    return found && { ...found, damage: format === 'gif' ? damageOfGif(whole) : undefined }
  }
  if (format === 'jxl') {
    const { signal } = options
    const found = await drawJxl(whole, { limits, isDeep: isDeep && !header.icc, isStrict, signal })
    return found && { ...found, damage: undefined }
  }
  const sequence = format === 'avif' ? readSequence(whole) : undefined
  if (!sequence) return undefined
  checkPixels(sequence.width, sequence.height * sequence.samples.length, limits)
  const drawn = await drawSequence(sequence, {
    orientation: header.orientation,
    isDeep: isDeep && !sequence.icc && !header.icc,
    isStrict,
  })
  const hasAlpha = sequence.alpha !== undefined
  return { drawn, hasAlpha, damage: damageOfCut(sequence), ...(sequence.icc ? { icc: sequence.icc } : {}) }
}

const damageOfCut = ({ isCut }: { readonly isCut: boolean }): string | undefined =>
  isCut ? 'the picture data ends early' : undefined

/** The frames in sRGB. */
function inSrgb(drawn: Drawn, icc: Buffer): Drawn {
  const { width, height } = drawn
  return mapped(
    drawn,
    { width, height },
    async (data) => (await withProfile({ data, width, height, channels: 4 }, icc)).data,
  )
}

function sized(
  drawn: Drawn,
  size: { readonly width: number; readonly height: number },
  steps: (image: Sharp) => Sharp,
): Drawn {
  const form = drawn.depth > 8 ? ({ depth: 'ushort' } as const) : {}
  return mapped(drawn, size, (frame) => steps(openFrame(frame, drawn)).raw(form).toBuffer())
}

function mapped(
  drawn: Drawn,
  { width, height }: { readonly width: number; readonly height: number },
  change: (frame: Buffer) => Promise<Buffer>,
): Drawn {
  return {
    ...drawn,
    width,
    height,
    async *frames() {
      for await (const frame of drawn.frames()) yield await change(frame)
    },
  }
}

/** Where a cut hangs on what is seen, all frames are cut as the first one. */
const needsFirst = ({ resize }: RewriteOptions): boolean => resize?.fit === 'cover' && resize.focus !== 'centre'

async function firstOf(drawn: Drawn): Promise<Buffer> {
  for await (const frame of drawn.frames()) return frame
  throw new Error('there is no frame')
}

/** Over all frames: libvips takes them below each other in memory, as RGBA. */
const mostHeldPixels = 2 ** 27

async function gather(drawn: Drawn): Promise<() => Sharp> {
  const { width, height, delays } = drawn
  const count = delays.length
  if (width * height * count > mostHeldPixels) {
    throw new MediaError('PARAMS_INVALID', [
      `From such a file GIF and WebP are written of at most ${mostHeldPixels} pixels in all frames: choose png or avif, a smaller size, or frames=first.`,
    ])
  }
  const frameBytes = width * height * 4
  const all = Buffer.alloc(frameBytes * count)
  let at = 0
  for await (const frame of drawn.frames()) at += frame.copy(all, at)
  const raw = { width, height: height * count, channels: 4, pageHeight: height } as const
  return () => sharp(all, { raw, pages: count, limitInputPixels: false })
}
