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
import type { Answers, Expected, FromWorker, Opens, Request, ToWorker } from './protocol.ts'
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
/** What was done with the open file is told once: with its last answer, or else when it is closed. */
let areCountsTold = false

const send = (message: FromWorker) => {
  if (process.connected) process.send?.(message)
}

const handlers: { [Type in Request['type']]: (request: Extract<Request, { type: Type }>) => Promise<Answers[Type]> } = {
  open,

  async run({ opens, operation: name, params, edge, isLast }) {
    cancel = new AbortController()
    const { signal } = cancel
    if (opens) await openExpected(opens)
    signal.throwIfAborted()
    if (!media) throw new Error('no file is open')
    const operation = findOperation(name, media.identity.kind)
    if (!operation) throw new MediaError('OPERATION_UNKNOWN', [name, ''])
    if (edge !== null) media.expect(edge, { isLast })
    const opened = media
    const startedAt = performance.now()
    const tell = (told: Told) => send({ type: 'progress', ...told })
    const done = await withWorkerIo(store, signal, tell, (io) => operation.run(opened, params as never, io))
    const durationMs = performance.now() - startedAt
    if (!isLast) return { ...done, durationMs }
    const counts = countsOf(opened)
    // To free a film can end this process, and what was made of it shall not be lost with it.
    if (opened.identity.kind === 'picture') await close({ isDone: !hasFailed })
    return { ...done, durationMs, counts }
  },

  close: () => close({ isDone: false }),
}

/** Opens a file that is known. What is made of other content must not be kept under its name. */
async function openExpected({ expected, ...opens }: Opens & { readonly expected: Expected }): Promise<void> {
  const { contentId, sidecarId } = await open(opens)
  if (contentId === expected.contentId && sidecarId === expected.sidecarId) return
  await close({ isDone: false })
  throw new MediaError('FILE_CHANGED')
}

async function open({ path, maxPixels, naming }: Opens): Promise<Identity> {
  const before = media
  // Were the next one not to open, this one would be closed twice, and its memory given to two.
  media = undefined
  await before?.close()
  media = await openMedia(path, { maxPixels }, naming)
  hasFailed = false
  areCountsTold = false
  return media.identity
}

async function close(how: { isDone: boolean }): Promise<MediaCounts> {
  const before = media
  media = undefined
  await before?.close(how)
  keepCompiledOnce()
  return countsOf(before)
}

function countsOf(file: Media | undefined): MediaCounts {
  const counts = file === undefined || areCountsTold ? { pictureDecodes: 0, demuxes: 0, framesDecoded: 0 } : file.counts
  areCountsTold = true
  return { ...counts }
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
    const answer = await handlers[message.type](message as never)
    send({ type: 'answer', id, answer, isOpen: media !== undefined })
  } catch (thrown) {
    hasFailed = true
    const error = toMediaError(thrown)
    const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.stack}` : ''
    const { code, details, message } = error
    const sent = { code, details, message, stack: `${error.stack}${cause}` }
    send({ type: 'error', id, error: sent, isOpen: media !== undefined })
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
