import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Which artifacts stay. */
export interface SweepRule {
  /** True for an artifact that something still refers to. */
  readonly keep: (id: string) => boolean
  /** Younger files stay in any case: their writer may not have told the catalog yet. */
  readonly olderThanMs: number
}

/** What a sweep did. */
export interface Swept {
  readonly removed: number
  readonly removedBytes: number
  readonly kept: number
}

/** Removes the artifacts below `root` that nobody keeps; only files that have an artifact's name are touched. */
export async function sweep(root: string, { keep, olderThanMs }: SweepRule): Promise<Swept> {
  const before = Date.now() - olderThanMs
  let removed = 0
  let removedBytes = 0
  let kept = 0
  for await (const { path, id } of artifactsIn(root)) {
    const bytes = keep(id) ? undefined : await removeIfOld(root, path, before)
    if (bytes === undefined) kept++
    else {
      removed++
      removedBytes += bytes
    }
  }
  return { removed, removedBytes, kept }
}

/** Which parts are left over: those that were not written to for so long, or those of a process that is no more. */
export type Leftover = { readonly olderThanMs: number } | { readonly writer: number }

/** Removes parts in `root`/tmp that are left over; returns how many. */
export async function removeParts(root: string, which: Leftover): Promise<number> {
  const folder = join(root, 'tmp')
  const before = 'olderThanMs' in which ? Date.now() - which.olderThanMs : Number.POSITIVE_INFINITY
  const writer = 'writer' in which ? `${which.writer}-` : ''
  let removed = 0
  for (const name of await namesIn(folder)) {
    if (!/\.part(\.|$)/.test(name) || !name.startsWith(writer)) continue
    const path = join(folder, name)
    const found = await statOf(path)
    if (found === undefined || found.mtimeMs > before) continue
    // Some are folders of an operation's own.
    await rm(path, { recursive: true, force: true })
    removed++
  }
  return removed
}

/** The names in a folder in a stable order; none when there is no such folder. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort()
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

async function* artifactsIn(root: string): AsyncGenerator<{ path: string; id: string }> {
  const shards = (names: string[]) => names.filter((name) => /^[0-9a-f]{2}$/.test(name))
  for (const first of shards(await namesIn(root))) {
    for (const second of shards(await namesIn(join(root, first)))) {
      for (const name of await namesIn(join(root, first, second))) {
        const id = /^([0-9a-f]{64})\.[0-9a-z]{1,10}$/.exec(name)?.[1]
        if (id !== undefined) yield { path: join(root, first, second, name), id }
      }
    }
  }
}

/**
 * A writer may reuse the file between our look at its age and its removal, and would then hold a path to nothing. So it
 * is moved aside first, which only one can do, and put back if its age was renewed meanwhile.
 */
async function removeIfOld(root: string, path: string, before: number): Promise<number | undefined> {
  const found = await statOf(path)
  if (found === undefined || found.mtimeMs > before) return undefined
  const aside = join(root, 'tmp', `swept-${randomUUID()}.part`)
  try {
    await mkdir(join(root, 'tmp'), { recursive: true })
    await rename(path, aside)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
  if (((await statOf(aside))?.mtimeMs ?? 0) > before) {
    await rename(aside, path)
    return undefined
  }
  await rm(aside, { force: true })
  return found.size
}

async function statOf(path: string) {
  try {
    return await stat(path)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

const isMissing = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'ENOENT'
