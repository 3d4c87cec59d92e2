import { AV_LOG_INFO, AV_LOG_QUIET } from 'node-av/constants'
import { type FormatContext, Log } from 'node-av/lib'
import type { Chapter } from '../probe.ts'

/**
 * The chapters of an opened film. node-av gives no access to them, but FFmpeg lists them in its description of the file,
 * which goes to the log: the log is caught while it is written.
 */
export async function readChapters(context: FormatContext): Promise<Chapter[]> {
  return chaptersIn(await describe(context))
}

/** Finds the chapters in the pieces of a description: `start 0.000000, `, `end 1.999000`, `  title  : `, its text, ``. */
function chaptersIn(pieces: readonly string[]): Chapter[] {
  const chapters: Chapter[] = []
  const begin = pieces.indexOf('  Chapters:')
  let isTitle = false
  for (const piece of begin < 0 ? [] : pieces.slice(begin + 1)) {
    const chapter = chapters.at(-1)
    if (isTitle && piece !== '') {
      if (chapter !== undefined) chapter.title = chapter.title === undefined ? piece : `${chapter.title} ${piece}`
      continue
    }
    isTitle = /^ +title +: $/.test(piece)
    if (/^ {2}\w/.test(piece)) break
    const start = /^start (-?[\d.]+), $/.exec(piece)?.[1]
    const end = /^end (-?[\d.]+)$/.exec(piece)?.[1]
    if (start !== undefined) chapters.push({ startMs: toMs(start), endMs: toMs(start) })
    if (end !== undefined && chapter !== undefined) chapter.endMs = toMs(end)
  }
  return chapters
}

const toMs = (seconds: string): number => Math.round(Number(seconds) * 1000)

/** Descriptions wait for each other: there is one log in a process. */
let previous: Promise<unknown> = Promise.resolve()
let calls = 0

/** Far longer than the turn of the event loop it takes; a film without its chapters is better than one that hangs. */
const patienceMs = 2000

function describe(context: FormatContext): Promise<string[]> {
  const description = previous.then(async () => {
    const last = `end of description ${++calls}`
    const pieces: string[] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    // Pieces arrive in later turns of the event loop; the last one is ours and tells that all are there.
    Log.setCallback(
      (_, message) => {
        if (message === last) resolve()
        else pieces.push(message)
      },
      { maxLevel: AV_LOG_INFO },
    )
    // Waiting for the log alone does not keep a process alive.
    const patience = setTimeout(resolve, patienceMs)
    try {
      Log.setLevel(AV_LOG_INFO)
      context.dumpFormat(0, '', false)
      Log.log(AV_LOG_INFO, last)
      Log.setLevel(AV_LOG_QUIET)
      await promise
    } finally {
      clearTimeout(patience)
      Log.setLevel(AV_LOG_QUIET)
      Log.resetCallback()
    }
    return pieces
  })
  previous = description.catch(() => {})
  return description
}
