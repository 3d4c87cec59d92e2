import { type ErrorCode, MediaError } from '../errors.ts'
import type { Media } from '../media/media.ts'
import type { Picture } from '../media/picture.ts'

/** Failures whose sentence speaks of "the file", with what is wrong as its last words. */
const ofTheFile: ReadonlySet<ErrorCode> = new Set(['MEDIA_DAMAGED', 'UNSUPPORTED_CONTENT', 'NO_PICTURE'])

/** The picture of another file that an operation needs; what goes wrong is said of it, as `the watermark`, not of the asset. */
export const pictureOfOther = (media: Media, path: string, role: string, want?: { edge?: number }): Promise<Picture> =>
  saidOf(role, async () => (await media.other(path)).picture(want))

/** Does something with another file; what goes wrong is said of it by its role. */
export async function saidOf<Result>(role: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (thrown) {
    if (!(thrown instanceof MediaError)) throw thrown
    const { code, details } = thrown
    if (code === 'EMPTY_FILE') throw new MediaError('UNSUPPORTED_CONTENT', [`${role} is empty`], { cause: thrown })
    if (!ofTheFile.has(code)) throw thrown
    throw new MediaError(code, [`${role}: ${details[0]}`, ...details.slice(1)], { cause: thrown })
  }
}
