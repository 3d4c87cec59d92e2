import { statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FoundFile } from './walk.ts'

/** A file that changed this recently may still be being written. */
export const settleMs = 2000
/** A file that grows longer than this after it was seen is left to the next import. */
const patienceMs = 60_000

/** Whether a file changed so recently that it may not be complete yet. */
export const isFresh = (file: Pick<FoundFile, 'mtimeMs'>, now = Date.now()): boolean =>
  file.mtimeMs > now - settleMs && file.mtimeMs <= now + settleMs

/**
 * Waits until a file has kept its size and time for a while. Answers it as it then is, `growing` when it still changes
 * after a minute, or `gone`.
 */
export async function settle(
  file: FoundFile,
  path: string,
  signal: AbortSignal,
): Promise<FoundFile | 'growing' | 'gone'> {
  const startedAt = Date.now()
  let last = file
  // First only for as long as its own time says: a file written a second ago needs one more.
  let wait = Math.max(0, file.mtimeMs + settleMs - Date.now())
  for (;;) {
    await sleep(Math.min(wait, settleMs), undefined, { signal })
    let now: FoundFile
    try {
      const { size, mtimeMs, ctimeMs, ino } = statSync(path)
      now = { ...file, bytes: size, mtimeMs, ctimeMs, inode: ino }
    } catch {
      return 'gone'
    }
    if (now.bytes === last.bytes && now.mtimeMs === last.mtimeMs) return now
    if (Date.now() - startedAt > patienceMs) return 'growing'
    last = now
    wait = settleMs
  }
}
