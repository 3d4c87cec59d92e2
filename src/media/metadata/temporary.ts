import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { type FormatName, formats } from '../formats.ts'

const prefix = 'mediamill-copy-'

/**
 * Lends a path in a folder of its own below the system's temporary folder, and removes the folder afterwards. The name is
 * plain whatever the file's own is; its ending fits the content, as exiftool believes endings.
 */
export async function withTemporaryFile<Result>(
  path: string,
  format: FormatName,
  work: (aside: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), prefix))
  try {
    return await work(join(folder, `copy.part.${endingOf(path, format)}`))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Removes what killed processes have left of such folders, once it is older than any of them lives. */
export async function removeTemporaryFolders(minAgeMs: number): Promise<void> {
  const names = (await readdir(tmpdir()).catch(() => [])).filter((name) => name.startsWith(prefix))
  for (const path of names.map((name) => join(tmpdir(), name))) {
    const stats = await stat(path).catch(() => undefined)
    // Those of other users can not be removed, and are not ours to remove.
    if (stats && stats.mtimeMs < Date.now() - minAgeMs) await rm(path, { recursive: true, force: true }).catch(() => {})
  }
}

/** Raw files of all makers are alike inside: there the file's own ending tells them apart. */
function endingOf(path: string, format: FormatName): string {
  const own = extname(path).slice(1).toLowerCase()
  const { extensions } = formats[format]
  return (extensions as readonly string[]).includes(own) ? own : extensions[0]
}
