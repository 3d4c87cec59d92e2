import { realpath } from 'node:fs/promises'
import { dirname, isAbsolute, resolve, sep } from 'node:path'
import { MediaError } from '../errors.ts'

/**
 * The real path of a file that a request names, symlinks resolved. Throws PATH_FORBIDDEN outside the allowed folders,
 * alike for what is there and for what is not, and FILE_MISSING inside them.
 */
export async function resolveAllowed(path: string, roots: readonly string[]): Promise<string> {
  if (path.includes('\0')) throw new MediaError('REQUEST_INVALID', ['a path can not hold a zero byte'])
  if (!isAbsolute(path)) throw new MediaError('PATH_FORBIDDEN', [path])
  const allowed = await Promise.all(roots.map((root) => realpath(root).catch(() => resolve(root))))
  const isInside = (real: string) => allowed.some((root) => real === root || real.startsWith(withSeparator(root)))
  try {
    const real = await realpath(path)
    if (isInside(real)) return real
  } catch {
    // Whether something is missing may be told only where it could have been named: its nearest folder decides.
    if (isInside(await nearestFolder(path))) throw new MediaError('FILE_MISSING', [path])
  }
  throw new MediaError('PATH_FORBIDDEN', [path])
}

async function nearestFolder(path: string): Promise<string> {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    try {
      return await realpath(folder)
    } catch {
      if (folder === dirname(folder)) return folder
    }
  }
}

const withSeparator = (root: string) => (root.endsWith(sep) ? root : root + sep)
