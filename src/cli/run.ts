import { existsSync, statSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { MediaError, toMediaError } from '../errors.ts'
import { runOperation } from '../executor/run.ts'
import type { Told } from '../executor/worker-io.ts'
import { collectionOperations, findCollectionOperation, operations, operationsNamed } from '../operations/index.ts'
import type { Operation } from '../operations/operation.ts'
import { formatDuration } from '../units.ts'
import { openApp } from './open-app.ts'
import { OutFolder } from './out-folder.ts'
import { colour, createOutput, exitCodes, noteColour, type Output, shownPath } from './output.ts'
import type { CommandContext } from './program.ts'
import { filesOf, isNoMedia, isUnfit, type NamedFile } from './run-files.ts'
import { helpOperations, listOperations } from './run-help.ts'
import { RunProgress } from './run-progress.ts'
import { parametersFor, type RunWords, splitWords } from './run-words.ts'
import { findServer, type ServerAddress } from './server-file.ts'

/** `mediamill run OPERATION FILE… [--param value]`, or `--collection ID|FOLDER` instead of files. */
export async function run(context: CommandContext, words: readonly string[]): Promise<number> {
  const output = createOutput(context.isJson, context.flags.data)
  const [name, ...rest] = words
  if (name === undefined || name === '--help') return listOperations(output)
  const onCollection = findCollectionOperation(name)
  const named = onCollection ? [onCollection] : operationsNamed(name)
  if (named.length === 0) {
    const known = new Set([...operations, ...collectionOperations].map((operation) => operation.name))
    throw new MediaError('OPERATION_UNKNOWN', [name, [...known].join(', ')])
  }
  const asked = splitWords(rest)
  if (asked.wantsHelp) return helpOperations(named, output)
  const params = parametersFor(named, asked.texts)
  const out = asked.out === undefined ? undefined : new OutFolder(asked.out)
  const collection = collectionIn(asked, name, onCollection !== undefined)
  if (collection === undefined) return runOnFiles(context, { operation: name, params, files: asked.files, out }, output)
  const { runOverCollection, runOverCollectionRemotely } = await import('./run-collection.ts')
  const { config, app: build } = openApp(context)
  const server = findServer(config.data)
  const overAll = { operation: name, params, named: collection, out }
  if (server) return runOverCollectionRemotely(server, overAll, output)
  const app = build()
  try {
    return await runOverCollection(app, overAll, output)
  } finally {
    await app.stop()
  }
}

/** The collection that is meant; an operation on collections may also be given its folder like a file. */
function collectionIn({ files, collection }: RunWords, name: string, isNeeded: boolean): string | undefined {
  if (collection !== undefined && files.length > 0) {
    throw new MediaError('PARAMS_INVALID', [`"run ${name}" takes either files or --collection.`])
  }
  if (!isNeeded) {
    if (collection === undefined && files.length === 0) {
      throw new MediaError('PARAMS_INVALID', [`"run ${name}" needs at least one file or folder, or --collection.`])
    }
    return collection
  }
  const [folder, ...more] = files
  if (more.length > 0) throw new MediaError('PARAMS_INVALID', [`"run ${name}" works on one collection.`])
  if (folder !== undefined && !(existsSync(folder) && statSync(folder).isDirectory())) {
    throw new MediaError('FOLDER_MISSING', [folder])
  }
  const found = collection ?? folder
  if (found === undefined) throw new MediaError('PARAMS_INVALID', [`"run ${name}" needs --collection ID or FOLDER.`])
  return found
}

async function runOnFiles(
  context: CommandContext,
  asked: { operation: string; params: Record<string, unknown>; files: readonly string[]; out: OutFolder | undefined },
  output: Output,
): Promise<number> {
  const { operation: name, params, files, out } = asked
  const named = operationsNamed(name)
  const { config, app: build } = openApp(context)
  const server = findServer(config.data)
  const control = new AbortController()
  const interrupt = () => control.abort(new MediaError('CANCELLED'))
  process.on('SIGINT', interrupt)
  const app = server ? undefined : build()
  let failed = 0
  let progress: RunProgress | undefined
  const tellFailure = (path: string, { code, message }: MediaError) => {
    failed++
    output.event('task.failed', { path, operation: name, code, message })
    if (!output.isJson) output.note(`${noteColour.red('✗')} ${shownPath(path)}\n  ${code}: ${message}`)
  }
  const tellSkipped = (path: string, reason: string) => {
    output.event('task.skipped', { path, operation: name, reason })
    if (!output.isJson) output.note(`${noteColour.yellow('–')} ${shownPath(path)}\n  skipped: ${reason}`)
  }
  const runOne = async ({ path, isFound }: NamedFile): Promise<() => void> => {
    try {
      const watched = { signal: control.signal, onProgress: (told: Told) => void progress?.tell(path, name, told) }
      const answer = app
        ? await runOperation(app, { path, operation: name, params, ...watched })
        : await runRemotely(server as ServerAddress, named, path, params, watched)
      const saved = out?.save(path, (answer as Answer).artifacts)
      return () => {
        output.event('result', answer as unknown as Record<string, unknown>)
        tell(answer as Answer, saved, output)
      }
    } catch (thrown) {
      const error = toMediaError(thrown)
      if (control.signal.aborted || (isFound && isNoMedia(path, error))) return () => {}
      return isFound && isUnfit(error) ? () => tellSkipped(path, error.message) : () => tellFailure(path, error)
    } finally {
      progress?.finished(path)
    }
  }
  const show = (told: () => void) => {
    progress?.clear()
    told()
  }
  try {
    const queue = files.flatMap((file) => filesOf(file, tellFailure))
    progress = new RunProgress(output, queue.length)
    await inOrder(queue, config.workers.count, control.signal, runOne, show)
    if (control.signal.aborted) return exitCodes.interrupted
  } finally {
    process.off('SIGINT', interrupt)
    progress?.end()
    await app?.stop()
  }
  return failed > 0 ? exitCodes.someFailed : exitCodes.done
}

/** Works on several items at once and shows what became of each in their order; stops between two when the signal fires. */
async function inOrder<Item>(
  items: readonly Item[],
  lanes: number,
  signal: AbortSignal,
  work: (item: Item) => Promise<() => void>,
  showOne: (show: () => void) => void,
): Promise<void> {
  const shows: ((() => void) | undefined)[] = []
  let next = 0
  let shown = 0
  const lane = async () => {
    for (let at = next++; at < items.length && !signal.aborted; at = next++) {
      // Remembered answers follow each other so closely that a signal would not be heard.
      await setImmediate()
      shows[at] = await work(items[at] as Item)
      for (let show = shows[shown]; show; show = shows[shown]) {
        shows[shown++] = undefined
        showOne(show)
      }
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

interface Answer {
  readonly path: string
  readonly cached: boolean
  readonly durationMs: number
  readonly result: unknown
  readonly artifacts: readonly { readonly role: string; readonly path: string; readonly format: string }[]
}

function tell(
  { path, cached, durationMs, result, artifacts }: Answer,
  saved: string[] | undefined,
  output: Output,
): void {
  output.line(`${colour.bold(shownPath(path))} ${colour.dim(cached ? 'remembered' : formatDuration(durationMs))}`)
  output.line(JSON.stringify(result, null, 2))
  for (const [at, { role, path: made }] of artifacts.entries()) output.line(`${role}: ${saved?.[at] ?? made}`)
}

async function runRemotely(
  server: ServerAddress,
  named: readonly Operation[],
  path: string,
  parameters: object,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (told: Told) => void },
) {
  const { runInServer } = await import('./remote.ts')
  let refusal: unknown
  const takesAll = ({ params }: Operation): boolean => params.strict().safeParse(parameters).success
  // A name that pictures and films share has two doors; the wrong one says so, unless it does not know the parameters.
  for (const { group, name } of named.toSorted((one, other) => Number(takesAll(other)) - Number(takesAll(one)))) {
    try {
      return await runInServer(server, `/api/${group}/${name}`, { path, ...parameters }, signal, onProgress)
    } catch (error) {
      refusal = error
      if (!(error instanceof MediaError) || error.code !== 'OPERATION_UNFIT') throw error
    }
  }
  throw refusal
}
