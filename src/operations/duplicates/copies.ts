import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { MiB } from '../../units.ts'

/** Paths that hold the same bytes, as far as they could be read. */
export interface Copies {
  /** Each set holds the paths of one content; several when files only agree in their samples. */
  readonly sets: readonly (readonly string[])[]
  /** Paths that could not be read to their end, or that are no longer as long as they were. */
  readonly unread: readonly string[]
}

/** Whether an id is a hash of samples only, and so no proof that two files are equal. */
export const isSampledId = (id: string): boolean => id.startsWith('s-')

/**
 * Tells the files of one sampled id apart by all of their bytes: the third stage after size and samples, which the id holds.
 * Reads every file to its end, one after the other. The order of paths stays.
 */
export async function completeCopies(paths: readonly string[], bytes: number, signal: AbortSignal): Promise<Copies> {
  const sets = new Map<string, string[]>()
  const unread: string[] = []
  for (const path of paths) {
    const id = await wholeHashOf(path, bytes, signal)
    if (id === undefined) unread.push(path)
    else sets.set(id, [...(sets.get(id) ?? []), path])
  }
  return { sets: [...sets.values()], unread }
}

const chunk = 4 * MiB

/** SHA-256 of a file in hex; undefined when it can not be read or has another length. */
async function wholeHashOf(path: string, bytes: number, signal: AbortSignal): Promise<string | undefined> {
  try {
    await using file = await open(path)
    const hash = createHash('sha256')
    const buffer = Buffer.allocUnsafe(chunk)
    let length = 0
    for (;;) {
      signal.throwIfAborted()
      const { bytesRead } = await file.read(buffer, 0, chunk)
      if (bytesRead === 0) break
      hash.update(buffer.subarray(0, bytesRead))
      length += bytesRead
    }
    return length === bytes ? hash.digest('hex') : undefined
  } catch (thrown) {
    if (signal.aborted) throw thrown
    // A file that is gone or can not be read is no copy that anything may rely on; it is named in the answer.
    return undefined
  }
}
