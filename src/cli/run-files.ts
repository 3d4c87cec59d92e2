import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { MediaError } from '../errors.ts'
import { hasMediaExtension } from '../media/formats.ts'

/** A file to run on; `isFound` when it was not named itself but lay in a folder that was. */
export interface NamedFile {
  readonly path: string
  readonly isFound: boolean
}

/** A folder stands for every media file in it and below, hidden ones left out. */
export function filesOf(path: string, tellFailure: (path: string, error: MediaError) => void): NamedFile[] {
  const full = resolve(path)
  if (!existsSync(full) || !statSync(full).isDirectory()) return [{ path: full, isFound: false }]
  return filesBelow(full, tellFailure)
    .sort()
    .map((found) => ({ path: found, isFound: true }))
}

function filesBelow(folder: string, tellFailure: (path: string, error: MediaError) => void): string[] {
  let entries: Dirent[]
  try {
    entries = readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    tellFailure(folder, new MediaError('FILE_UNREADABLE', [(error as Error).message], { cause: error }))
    return []
  }
  return entries.flatMap((entry) => {
    if (entry.name.startsWith('.')) return []
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return filesBelow(path, tellFailure)
    return entry.isFile() ? [path] : []
  })
}

/** As an import has it: what neither is media nor claims to be is no failure. */
export const isNoMedia = (path: string, { code }: MediaError): boolean =>
  (code === 'UNSUPPORTED_CONTENT' || code === 'EMPTY_FILE') && !hasMediaExtension(path)

/** Among many files one of another kind than is asked for is no failure: a photo among films that are validated. */
export const isUnfit = ({ code }: MediaError): boolean => code === 'OPERATION_UNFIT' || code === 'PARAMS_INVALID'
