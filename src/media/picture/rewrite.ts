import type { MediaLimits } from '../media.ts'
import type { Picture, RewriteOptions, RewrittenPicture } from '../picture.ts'
import type { Source } from '../source.ts'
import type { PictureHeader } from './header.ts'

/** What a rewrite is made from: the file as it is coded, and its rendering for what can not be kept as it is. */
export interface Original {
  readonly source: Source
  readonly header: PictureHeader
  readonly limits: MediaLimits
  /** The rendering in full size: upright, 8-bit sRGB. */
  readonly rendered: () => Promise<Picture>
}

/** Writes a picture file anew, with its frames, colours and metadata as far as asked and as the format can. */
export async function rewritePicture(_original: Original, _options: RewriteOptions): Promise<RewrittenPicture> {
  throw new Error('not built yet')
}
