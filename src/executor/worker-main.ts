/**
 * The worker process: opens one file at a time and runs the operations asked of it. Everything hostile happens here,
 * behind the limits of worker-process.ts; a crash of this process costs one file, never the server.
 * Arguments: folder of the artifact store, URL of the module that lists the operations.
 */
import { writeFileSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { createArtifactStore } from '../cache/artifacts.ts'
import { MediaError, toMediaError } from '../errors.ts'
import type { Identity, Media, MediaCounts } from '../media/media.ts'
import { openMedia } from '../media/open.ts'
import type { Operation } from '../operations/operation.ts'
import type { Answers, FromWorker, Opens, Request, ToWorker } from './protocol.ts'
import { type Told, withWorkerIo } from './worker-io.ts'

const [artifactFolder = '', operationsUrl = ''] = process.argv.slice(2)
const store = createArtifactStore(artifactFolder)
const { findOperation } = (await import(operationsUrl)) as {
  findOperation(name: string, kind: string): Operation | undefined
}

let media: Media | undefined
/** Something that was asked of the open file failed, and may have left work behind that still reads its pixels. */
let hasFailed = false
let cancel = new AbortController()
/** The end of the file before, which may still be freed when the next one comes. */
let closing: Promise<unknown> | undefined

const send = (message: FromWorker) => {
  if (process.connected) process.send?.(message)
}

const handlers: { [Type in Request['type']]: (request: Extract<Request, { type: Type }>) => Promise<Answers[Type]> } = {
  open,

  async run({ opens, operation: name, params, edge, isLast }) {
    if (opens) {
      const { contentId, sidecarId } = await open(opens)
      // What is made of other content must not be kept under this one's name.
      const isSame = contentId === opens.expected.contentId && sidecarId === opens.expected.sidecarId
      if (!isSame) throw new MediaError('FILE_CHANGED')
    }
    if (!media) throw new Error('no file is open')
    const operation = findOperation(name, media.identity.kind)
    if (!operation) throw new MediaError('OPERATION_UNKNOWN', [name, ''])
    if (edge !== null) media.expect(edge, { isLast })
    cancel = new AbortController()
    const opened = media
    const startedAt = performance.now()
    const tell = (told: Told) => send({ type: 'progress', ...told })
    const done = await withWorkerIo(store, cancel.signal, tell, (io) => operation.run(opened, params as never, io))
    const durationMs = performance.now() - startedAt
    if (!isLast) return { ...done, durationMs }
    const isPicture = opened.identity.kind === 'picture'
    return { ...done, durationMs, counts: isPicture ? await close({ isDone: !hasFailed }) : { ...opened.counts } }
  },

  close: () => close({ isDone: false }),
}

async function open({ path, maxPixels, naming }: Opens): Promise<Identity> {
  await closing
  const before = media
  // Were the next one not to open, this one would be closed twice, and its memory given to two.
  media = undefined
  await before?.close()
  media = await openMedia(path, { maxPixels }, naming)
  hasFailed = false
  return media.identity
}

async function close(how: { isDone: boolean }): Promise<MediaCounts> {
  const open = media
  media = undefined
  const counts = { ...(open?.counts ?? { pictureDecodes: 0, demuxes: 0, framesDecoded: 0 }) }
  await open?.close(how)
  keepCompiledOnce()
  return counts
}

let isKept = false

/** Keeps compiled code after the first file, when all that it needs is loaded: workers end by force, too late for that. */
function keepCompiledOnce(): void {
  if (!isKept) setImmediate(flushCompileCache)
  isKept = true
}

process.on('message', async (message: ToWorker) => {
  if (message.type === 'cancel') return cancel.abort(new MediaError('CANCELLED'))
  const { id } = message
  try {
    send({ type: 'answer', id, answer: await handlers[message.type](message as never) })
    // Whoever asked need not wait for it. To free a film can even end this process, and what was made of it is not lost so.
    if (message.type === 'run' && message.isLast) closing = close({ isDone: !hasFailed })
  } catch (thrown) {
    hasFailed = true
    const error = toMediaError(thrown)
    const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.stack}` : ''
    const { code, details, message } = error
    send({ type: 'error', id, error: { code, details, message, stack: `${error.stack}${cause}` } })
  }
})

// The server is gone: whatever is being decoded, nobody waits for it.
process.on('disconnect', () => process.exit(0))
// Ctrl-C reaches the whole process group; the server decides what it means.
process.on('SIGINT', () => {})

try {
  // When memory runs out, the kernel shall take a worker and not the server.
  writeFileSync('/proc/self/oom_score_adj', '500')
} catch {
  // Other systems have no such file.
}
send({ type: 'ready' })
