import { MediaError } from '../../../errors.ts'
import { type Display, upright } from '../display.ts'
import type { VideoPlan } from '../transcode.ts'

/** A part of a picture, in its pixels. */
export interface Rectangle {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

interface Size {
  readonly width: number
  readonly height: number
}

/** How the coded pictures of a film are. */
export interface CodedPicture extends Size {
  /** Width to height of one pixel; 0 for "not told". */
  readonly sar: { readonly num: number; readonly den: number }
  readonly display: Display
}

/** What becomes of them, in the order in which it is done: cut, resized, turned. */
export interface Geometry {
  /** What stays, as coded; absent when all does. */
  readonly cut?: Rectangle
  /** Size before turning, even numbers. */
  readonly size: Size
  /** How the pixels are turned. */
  readonly turn: Display
  /** Size as it is written. */
  readonly written: Size
  /** Of a pixel as it is written. */
  readonly sar: { readonly num: number; readonly den: number }
  /** As players show it. */
  readonly seen: Size
}

/**
 * Where a size is asked for, pixels become square; else they keep their shape, and nothing is resampled: a column or line
 * too many for even numbers is cut off. Throws PARAMS_INVALID when nothing is left.
 */
export function geometryOf(coded: CodedPicture, plan: VideoPlan): Geometry {
  const { display } = coded
  const sar = coded.sar.num > 0 && coded.sar.den > 0 ? coded.sar : { num: 1, den: 1 }
  const shape = sar.num / sar.den
  const part = plan.crop === undefined ? whole(coded) : codedPartOf(plan.crop, coded, shape)
  const wanted = wantedSize(part, shape, display, plan)
  const size = wanted ?? { width: evenBelow(part.width), height: evenBelow(part.height) }
  // Enlarging a pixel or two to even numbers would blur all others.
  const cut = wanted === undefined ? { ...part, ...size } : part
  const turn = plan.rotation === 'apply' ? display : upright
  const pixel = wanted === undefined ? sar : { num: 1, den: 1 }
  const square = { width: Math.round((size.width * pixel.num) / pixel.den), height: size.height }
  return {
    ...(isWhole(cut, coded) ? {} : { cut }),
    size,
    turn,
    written: turned(size, turn),
    sar: turn.transpose ? { num: pixel.den, den: pixel.num } : pixel,
    seen: turned(square, display),
  }
}

const whole = ({ width, height }: Size): Rectangle => ({ left: 0, top: 0, width, height })

const isWhole = (part: Rectangle, { width, height }: Size): boolean => part.width === width && part.height === height

const turned = ({ width, height }: Size, { transpose }: Display): Size =>
  transpose ? { width: height, height: width } : { width, height }

/** A part of the picture as seen, brought back to where it lies in the coded one. */
function codedPartOf(seen: Rectangle, { width, height, display }: CodedPicture, shape: number): Rectangle {
  const full = turned({ width: Math.round(width * shape), height }, display)
  const left = Math.min(seen.left, full.width)
  const top = Math.min(seen.top, full.height)
  const wide = Math.min(seen.width, full.width - left)
  const high = Math.min(seen.height, full.height - top)
  if (wide < 2 || high < 2) {
    throw new MediaError('PARAMS_INVALID', [`"crop" lies outside the picture of ${full.width}×${full.height} pixels.`])
  }
  const x = display.mirrorX ? full.width - left - wide : left
  const y = display.mirrorY ? full.height - top - high : top
  const [l, t, w, h] = display.transpose ? [y, x, high, wide] : [x, y, wide, high]
  // Colour is coded for two by two pixels: a part that begins between them would shift it.
  const from = { left: evenBelow(l / shape, 0), top: evenBelow(t, 0) }
  return {
    ...from,
    width: Math.min(Math.max(2, Math.round(w / shape)), width - from.left),
    height: Math.min(Math.max(2, h), height - from.top),
  }
}

/** The size that is asked for, before turning; a side that is not told follows from the other. */
function wantedSize(part: Size, shape: number, display: Display, plan: VideoPlan): Size | undefined {
  if (plan.width === undefined && plan.height === undefined) return undefined
  const seen = turned({ width: part.width * shape, height: part.height }, display)
  const width = plan.width ?? ((plan.height ?? 0) * seen.width) / seen.height
  const height = plan.height ?? ((plan.width ?? 0) * seen.height) / seen.width
  return turned({ width: nearestEven(width), height: nearestEven(height) }, display)
}

const evenBelow = (value: number, least = 2): number => Math.max(least, 2 * Math.floor(value / 2 + 1e-9))

const nearestEven = (value: number): number => Math.max(2, 2 * Math.round(value / 2))
