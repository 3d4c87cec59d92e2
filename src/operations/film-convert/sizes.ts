import { MediaError } from '../../errors.ts'
import type { Probe, VideoFacts } from '../../media/probe.ts'
import { evenSide } from '../even-side.ts'

/** Width and height in pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** The moving picture that is shown: the only one whose frames were looked at when the file was opened. */
export const mainVideoOf = ({ video }: Probe): VideoFacts | undefined =>
  video.find(({ variableFrameRate }) => variableFrameRate !== undefined) ?? video[0]

/** The size as seen: upright, with square pixels; undefined when the file does not tell. */
export const seenSizeOf = ({ displayWidth: width, displayHeight: height }: VideoFacts): Size | undefined =>
  width === undefined || height === undefined ? undefined : { width, height }

/** What bounds the new size. */
export interface Bounds {
  readonly width?: number | undefined
  readonly height?: number | undefined
  readonly maxSide?: number | undefined
  readonly crop?:
    | { readonly left: number; readonly top: number; readonly width: number; readonly height: number }
    | undefined
}

/** The new size within bounds: the aspect is kept, nothing is enlarged, sides are even since colours are coded in halves. */
export function sizeWithin(seen: Size, { width, height, maxSide, crop }: Bounds): Size {
  if (crop && (crop.left + crop.width > seen.width || crop.top + crop.height > seen.height)) {
    throw new MediaError('PARAMS_INVALID', [
      `The part to crop reaches beyond the picture, which is seen as ${seen.width} × ${seen.height}.`,
    ])
  }
  const from = crop ?? seen
  const scale = Math.min(
    1,
    (width ?? from.width) / from.width,
    (height ?? from.height) / from.height,
    (maxSide ?? from.width) / Math.max(from.width, 1),
    (maxSide ?? from.height) / Math.max(from.height, 1),
  )
  return { width: evenSide(from.width, scale), height: evenSide(from.height, scale) }
}
