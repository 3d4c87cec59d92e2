import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { type FormatName, formats } from '../formats.ts'

/**
 * Lends a path in a folder of its own below the system's temporary folder, and removes the folder afterwards. The name is
 * plain whatever the file's own is; its ending fits the content, as exiftool believes endings.
 */
export async function withTemporaryFile<Result>(
  path: string,
  format: FormatName,
  work: (aside: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'mediamill-copy-'))
  try {
    return await work(join(folder, `copy.part.${endingOf(path, format)}`))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Raw files of all makers are alike inside: there the file's own ending tells them apart. */
function endingOf(path: string, format: FormatName): string {
  const own = extname(path).slice(1).toLowerCase()
  const { extensions } = formats[format]
  return (extensions as readonly string[]).includes(own) ? own : extensions[0]
}
