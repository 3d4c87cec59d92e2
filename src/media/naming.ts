import { createHash } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { MiB } from '../units.ts'
import type { ContentIds, Identity } from './media.ts'

/** What is known of a file before it is read. */
export interface Naming {
  /** What it was when the file had this mark; it is not hashed again as long as it has. */
  readonly known?: { readonly identity: Identity; readonly mark: string }
  /** What is asked of it takes less time than to hash a large film, which is named by its file then. */
  readonly isQuick?: boolean
}

/** Smaller ones are hashed in a few milliseconds. */
const largeBytes = 4 * MiB

/** What a file has until anything of it is touched: its size, both times of change to the nanosecond, and its inode. */
export const markOf = ({ size, mtimeNs, ctimeNs, ino }: BigIntStats): string => `${size}:${mtimeNs}:${ctimeNs}:${ino}`

/** What a file is, where it was opened before and nobody touched it since; else undefined. */
export const knownAs = (stats: BigIntStats, { known }: Naming): Identity | undefined =>
  known?.mark === markOf(stats) ? known.identity : undefined

/**
 * The names of a large film of which something quick is asked; else undefined. They are those of the file and not of its content,
 * and begin with `f-`: answers under them are found again as long as nobody touches it.
 */
export function namesOfFile(stats: BigIntStats, isPicture: boolean, { isQuick }: Naming): ContentIds | undefined {
  if (!isQuick || isPicture || stats.size <= largeBytes) return undefined
  const id = `f-${createHash('sha256')
    .update(`${stats.dev} ${markOf(stats)}`)
    .digest('hex')}`
  return { contentId: id, pixelId: id }
}

/** Whether an id names a file and not its content. */
export const isOfFile = (id: string): boolean => id.startsWith('f-')
