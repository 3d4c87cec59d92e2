import type { Media } from '../media/media.ts'
import type { Picture } from '../media/picture.ts'
import { saidOf } from '../media/said-of.ts'

/** The picture of another file that an operation needs; what goes wrong is said of it, as `the watermark`, not of the asset. */
export const pictureOfOther = (media: Media, path: string, role: string, want?: { edge?: number }): Promise<Picture> =>
  saidOf(role, async () => (await media.other(path)).picture(want))
