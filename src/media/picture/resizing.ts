import sharp, { type Sharp } from 'sharp'
import type { ResizeOptions } from '../picture.ts'
import { positionOf } from './focus.ts'
import { asBackground, type Paint, paintOf } from './paint.ts'
import { bordersOf, checkSize, planResize, type Size } from './step-sizes.ts'

/** Adds the steps of a resize to a chain of operations. */
export type Resize = (image: Sharp) => Sharp

/** How a picture is brought to its new size on the way to an encoder. */
export interface Resizing {
  /** The new size of a frame. */
  readonly size: Size
  /** False when the pixels stay as they are. */
  readonly isChange: boolean
  /** The border around it, when it gets one; opaque where the format has no alpha. */
  readonly border?: Paint
  /** The steps; those of an animation (`frames` above 1) are cut where the first frame, that `openFirst` gives, has most to show. */
  readonly steps: (frames: number, openFirst: () => Sharp) => Promise<Resize>
}

/** Plans a resize for a format with or without alpha; without options the size stays. Throws PARAMS_INVALID. */
export function planResizing(
  from: Size,
  resize: ResizeOptions | undefined,
  target: { readonly hasAlpha: boolean; readonly background?: string | undefined },
): Resizing {
  if (!resize) return { size: from, isChange: false, steps: async () => (image) => image }
  const { scaled, box } = planResize(from, resize)
  checkSize(scaled, from)
  checkSize(box, from)
  const size = { width: box.width, height: box.height }
  const isScaled = scaled.width !== from.width || scaled.height !== from.height
  const isBoxed = scaled.width !== box.width || scaled.height !== box.height
  if (resize.fit === 'cover' && isBoxed) {
    const steps: Resizing['steps'] = async (frames, openFirst) => {
      if (frames === 1 || resize.focus === 'centre') return (image) => image.resize(coverOptions(box, resize.focus))
      const place = await cutPlace(openFirst(), scaled, box, resize.focus)
      return (image) => image.resize(scaled.width, scaled.height, { fit: 'fill' }).extract({ ...place, ...size })
    }
    return { size, isChange: true, steps }
  }
  const scale: Resize = (image) => (isScaled ? image.resize(scaled.width, scaled.height, { fit: 'fill' }) : image)
  if (!isBoxed) return { size, isChange: isScaled, steps: async () => scale }
  const border = borderOf(resize.background, target)
  const extend = { ...bordersOf(scaled, box), background: asBackground(border) }
  return { size, isChange: true, border, steps: async () => (image) => scale(image).extend(extend) }
}

const coverOptions = ({ width, height }: Size, focus: ResizeOptions['focus']) => ({
  width,
  height,
  fit: 'cover' as const,
  position: positionOf(focus),
})

/** libvips looks for what draws the eye in single pictures only, so it is asked where in the first frame. */
async function cutPlace(
  first: Sharp,
  scaled: Size,
  box: Size,
  focus: ResizeOptions['focus'],
): Promise<{ left: number; top: number }> {
  const { data, info } = await first
    .resize(scaled.width, scaled.height, { fit: 'fill' })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  const cut = await sharp(data, { raw: { width, height, channels }, limitInputPixels: false })
    .resize(coverOptions(box, focus))
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { left: Math.abs(cut.info.cropOffsetLeft ?? 0), top: Math.abs(cut.info.cropOffsetTop ?? 0) }
}

function borderOf(color: string | undefined, target: { hasAlpha: boolean; background?: string | undefined }): Paint {
  const paint = paintOf(color)
  if (target.hasAlpha) return paint
  const below = paintOf(target.background ?? '#ffffff')
  const over = (one: number, other: number): number =>
    Math.round((one * paint.alpha + other * (255 - paint.alpha)) / 255)
  return {
    red: over(paint.red, below.red),
    green: over(paint.green, below.green),
    blue: over(paint.blue, below.blue),
    alpha: 255,
  }
}
