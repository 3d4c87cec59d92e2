import type { Drawn } from './drawn.ts'

/** A rectangle of a frame, in pixels. */
export interface Area {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

type Form = Pick<Drawn, 'width' | 'height' | 'depth'>

const pixelBytesOf = ({ depth }: Form): number => (depth > 8 ? 8 : 4)

/** The smallest rectangle in which two frames differ; one pixel where they are the same. */
export function changedArea(before: Buffer, after: Buffer, form: Form): Area {
  const { width, height } = form
  const pixelBytes = pixelBytesOf(form)
  const rowBytes = width * pixelBytes
  const isSame = (from: number, to: number): boolean => before.compare(after, from, to, from, to) === 0
  const rowIsSame = (y: number): boolean => isSame(y * rowBytes, (y + 1) * rowBytes)
  let [top, bottom] = [0, height - 1]
  while (top < height && rowIsSame(top)) top++
  if (top === height) return { left: 0, top: 0, width: 1, height: 1 }
  while (rowIsSame(bottom)) bottom--
  let [left, right] = [width - 1, 0]
  for (let y = top; y <= bottom; y++) {
    const row = y * rowBytes
    let x = 0
    while (x < left && isSame(row + x * pixelBytes, row + (x + 1) * pixelBytes)) x++
    left = Math.min(left, x)
    x = width - 1
    while (x > right && isSame(row + x * pixelBytes, row + (x + 1) * pixelBytes)) x--
    right = Math.max(right, x)
  }
  return { left, top, width: right - left + 1, height: bottom - top + 1 }
}

/** The pixels of a rectangle, without gaps; the frame itself when it is all of it. */
export function cutOut(frame: Buffer, form: Form, { left, top, width, height }: Area): Buffer {
  if (width === form.width && height === form.height) return frame
  const pixelBytes = pixelBytesOf(form)
  const cut = Buffer.alloc(width * height * pixelBytes)
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * form.width + left) * pixelBytes
    frame.copy(cut, y * width * pixelBytes, from, from + width * pixelBytes)
  }
  return cut
}

/**
 * The pixels of a rectangle, with `gap` (RGBA in one number) in place of each that is as before, so that what lies below shows
 * through; undefined where something that has changed would let it show through as well. Of 8 bits a sample.
 */
export function onlyChanges(
  before: Buffer,
  after: Buffer,
  { width }: Form,
  area: Area,
  gap: number,
): Buffer | undefined {
  const cut = Buffer.alloc(area.width * area.height * 4)
  let to = 0
  for (let y = area.top; y < area.top + area.height; y++) {
    let at = (y * width + area.left) * 4
    for (let x = 0; x < area.width; x++, at += 4, to += 4) {
      const pixel = after.readUInt32BE(at)
      const isSame = pixel === before.readUInt32BE(at)
      if (!isSame && (pixel & 255) !== 255) return undefined
      cut.writeUInt32BE(isSame ? gap : pixel, to)
    }
  }
  return cut
}
