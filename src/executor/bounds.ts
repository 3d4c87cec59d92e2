import { realpathSync } from 'node:fs'
import { resolve, sep } from 'node:path'
import { MediaError } from '../errors.ts'

/** Whether a real path, without links, is one of these folders or lies below one; links in the folders' own paths count. */
export function isInside(real: string, folders: readonly string[]): boolean {
  return folders.map(realFolder).some((folder) => real === folder || real.startsWith(withSeparator(folder)))
}

/**
 * Throws PATH_FORBIDDEN when a path leads out of these folders, through whatever link, and nothing without folders. What is
 * not there is nobody's secret: whoever opens it tells.
 */
export function assertInside(path: string, folders: readonly string[] | undefined): void {
  if (!folders) return
  let real: string
  try {
    real = realpathSync(path)
  } catch {
    return
  }
  if (!isInside(real, folders)) throw new MediaError('PATH_FORBIDDEN', [path])
}

function realFolder(folder: string): string {
  try {
    return realpathSync(folder)
  } catch {
    return resolve(folder)
  }
}

const withSeparator = (folder: string) => (folder.endsWith(sep) ? folder : folder + sep)
