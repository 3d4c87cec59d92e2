import type { ExifTool, WriteTags } from 'exiftool-vendored'
import { MediaError } from '../../errors.ts'

/** One value as exiftool tells it: for people, and for machines where the two differ. */
export interface ExiftoolValue {
  readonly val?: unknown
  readonly num?: unknown
}

let opened: Promise<ExifTool> | undefined

/** One exiftool a process, started when it is first needed (75 ms) and kept open, as each start costs more than a read. */
function open(): Promise<ExifTool> {
  opened ??= import('exiftool-vendored').then(({ ExifTool }) => {
    // Its own maker's defaults allow several children; a worker reads one file at a time.
    const tool = new ExifTool({ maxProcs: 1, maxTasksPerProcess: 500, taskTimeoutMillis: 30_000 })
    process.once('beforeExit', () => void closeExiftool())
    return tool
  })
  return opened
}

/** All tags of a file as `Family:Group:Name`, without those of the file system; TOOL_MISSING when there is no perl. */
export async function readWithExiftool(path: string): Promise<Record<string, ExiftoolValue>> {
  try {
    const tool = await open()
    const raw = await tool.readRaw(path, { readArgs: ['-fast', '-long', '-G0:1', '--System:all'] })
    return raw as unknown as Record<string, ExiftoolValue>
  } catch (thrown) {
    throw exiftoolFailure(thrown)
  }
}

/** Tags by name, with group (`XMP-dc:Title`, wildcards for groups of tags); null takes a tag away, a list replaces one. */
export type ExiftoolEdits = Readonly<Record<string, string | number | readonly string[] | null>>

/** How a file is written; everything is off unless said. */
export interface ExiftoolWriting {
  /** Goes on where exiftool warns of what it has to change besides. */
  readonly isForced?: boolean
  /** Further arguments, which must not come from people. */
  readonly args?: readonly string[]
}

/** Writes tags into a file, in place; nothing else of it changes. Throws TOOL_MISSING, or MEDIA_DAMAGED in exiftool's words. */
export async function writeWithExiftool(
  path: string,
  edits: ExiftoolEdits,
  writing: ExiftoolWriting = {},
): Promise<void> {
  const tags = Object.fromEntries(Object.entries(edits).map(([name, value]) => [name, literal(value)]))
  try {
    const tool = await open()
    await tool.write(path, tags as WriteTags, {
      // Its reading module stays loaded for later reads, and then passes over what lies in unusual places.
      useMWG: false,
      ignoreMinorErrors: writing.isForced ?? false,
      writeArgs: ['-overwrite_original', ...(writing.args ?? [])],
    })
  } catch (thrown) {
    const failure = exiftoolFailure(thrown)
    if (failure.code !== 'MEDIA_DAMAGED') throw failure
    const reason = (thrown instanceof Error ? thrown.message : '')
      .replace(/^(Error: )?(\[minor\] )?/i, '')
      .split(' - ')[0]
    throw new MediaError('MEDIA_DAMAGED', [`exiftool could not write it (${reason || 'without a reason'})`], {
      cause: thrown,
    })
  }
}

/** exiftool is asked to resolve entities, as line breaks have to travel as such: those of people are no entities. */
function literal(value: ExiftoolEdits[string]): ExiftoolEdits[string] {
  if (typeof value === 'string') return value.replaceAll('&', '&#38;')
  return Array.isArray(value) ? value.map((item: string) => item.replaceAll('&', '&#38;')) : value
}

/** The version of the exiftool that comes with the program, for `doctor`; TOOL_MISSING when it can not run. */
export async function exiftoolVersion(): Promise<string> {
  try {
    return await (await open()).version()
  } catch (thrown) {
    throw exiftoolFailure(thrown)
  }
}

/** Ends exiftool, if it was started; a later read starts it anew. */
export async function closeExiftool(): Promise<void> {
  const closing = opened
  opened = undefined
  await (await closing)?.end()
}

/** Our error for one of exiftool's library: a perl that is not there, or a file that it gave up. */
export function exiftoolFailure(thrown: unknown): MediaError {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  if (/perl|ENOENT|spawn|MODULE_NOT_FOUND/i.test(message)) {
    return new MediaError('TOOL_MISSING', ['perl (exiftool is written in it)'], { cause: thrown })
  }
  if (/control character/i.test(message)) {
    return new MediaError(
      'FILE_UNREADABLE',
      ['exiftool takes no file names with line breaks or other control characters'],
      {
        cause: thrown,
      },
    )
  }
  return new MediaError('MEDIA_DAMAGED', ['exiftool could not read its metadata'], { cause: thrown })
}
