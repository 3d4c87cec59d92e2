import type { ExifTool } from 'exiftool-vendored'
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
