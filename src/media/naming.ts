import { createHash } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { MiB } from '../units.ts'
import type { ContentIds } from './media.ts'

/** What is known of a file before it is read. */
export interface Naming {
  /** What its content was named when the file had this mark; it is not hashed again as long as it has. */
  readonly known?: ContentIds & { readonly mark: string }
  /** What is asked of it takes less time than to hash a large film, which is named by its file then. */
  readonly isQuick?: boolean
}

/** Smaller ones are hashed in a few milliseconds. */
const largeBytes = 4 * MiB

/** What a file has until anything of it is touched: its size, both times of change to the nanosecond, and its inode. */
export const markOf = ({ size, mtimeNs, ctimeNs, ino }: BigIntStats): string => `${size}:${mtimeNs}:${ctimeNs}:${ino}`

/**
 * The names of a file's content, where it need not be hashed for them; else undefined. Those of a file and not of its content
 * begin with `f-`: answers under them are found again as long as nobody touches it.
 */
export function namesUnread(
  stats: BigIntStats,
  isPicture: boolean,
  { known, isQuick }: Naming,
): ContentIds | undefined {
  const mark = markOf(stats)
  if (known?.mark === mark) return { contentId: known.contentId, pixelId: known.pixelId }
  if (!isQuick || isPicture || stats.size <= largeBytes) return undefined
  const id = `f-${createHash('sha256').update(`${stats.dev} ${mark}`).digest('hex')}`
  return { contentId: id, pixelId: id }
}

/** Whether an id names a file and not its content. */
export const isOfFile = (id: string): boolean => id.startsWith('f-')
