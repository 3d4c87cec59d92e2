import type { FileHandle } from 'node:fs/promises'
import { lstat, readlink, realpath } from 'node:fs/promises'
import { MediaError } from '../errors.ts'
import { isInside } from '../executor/bounds.ts'

/**
 * Throws PATH_FORBIDDEN when the file that is open lies outside of these folders. Asked of the open file, as a link could
 * lead elsewhere a moment after its path was looked at.
 */
export async function assertOpenedInside(handle: FileHandle, path: string, folders: readonly string[]): Promise<void> {
  if (!isInside(await whereOpened(handle, path), folders)) throw new MediaError('PATH_FORBIDDEN', [path])
}

async function whereOpened(handle: FileHandle, path: string): Promise<string> {
  try {
    return await readlink(`/proc/self/fd/${handle.fd}`)
  } catch {
    // Systems without it tell where the path leads now; that is believed when the same file lies there.
    const real = await realpath(path)
    const [there, opened] = await Promise.all([lstat(real), handle.stat()])
    if (there.ino !== opened.ino || there.dev !== opened.dev) throw new MediaError('FILE_CHANGED')
    return real
  }
}
