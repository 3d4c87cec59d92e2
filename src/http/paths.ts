import { lstat, realpath } from 'node:fs/promises'
import { dirname, isAbsolute } from 'node:path'
import { MediaError } from '../errors.ts'
import { isInside } from '../executor/bounds.ts'

/**
 * The real path of a file that a request names, symlinks resolved. Throws PATH_FORBIDDEN outside the allowed folders,
 * alike for what is there and for what is not, and FILE_MISSING inside them.
 */
export async function resolveAllowed(path: string, roots: readonly string[]): Promise<string> {
  if (path.includes('\0')) throw new MediaError('REQUEST_INVALID', ['a path can not hold a zero byte'])
  if (!isAbsolute(path)) throw new MediaError('PATH_FORBIDDEN', [path])
  try {
    const real = await realpath(path)
    if (isInside(real, roots)) return real
  } catch {
    // Whether something is missing may be told only where it could have been named: its nearest folder decides.
    const nearest = await nearestExisting(path)
    if (nearest !== undefined && isInside(nearest, roots)) throw new MediaError('FILE_MISSING', [path])
  }
  throw new MediaError('PATH_FORBIDDEN', [path])
}

/** The real path of the innermost part that exists; undefined when the way there ends at a link that leads nowhere. */
async function nearestExisting(path: string): Promise<string | undefined> {
  for (let at = path; ; at = dirname(at)) {
    try {
      return await realpath(at)
    } catch {
      // Told to be missing, it would tell that nothing is at its target, wherever that lies.
      if (await isLink(at)) return undefined
      if (at === dirname(at)) return at
    }
  }
}

const isLink = (path: string): Promise<boolean> =>
  lstat(path).then(
    (stats) => stats.isSymbolicLink(),
    () => false,
  )
