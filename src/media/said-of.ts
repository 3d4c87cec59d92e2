import { type ErrorCode, MediaError } from '../errors.ts'

/** Failures whose sentence speaks of "the file", with what is wrong as its first detail. */
const ofTheFile: ReadonlySet<ErrorCode> = new Set(['MEDIA_DAMAGED', 'UNSUPPORTED_CONTENT', 'NO_PICTURE'])

/** Does something with one file of several; what is wrong with it is said of it by its role: `the reference`, `the watermark`. */
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
