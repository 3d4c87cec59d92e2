import { existsSync, realpathSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { App } from '../app.ts'
import { MediaError } from '../errors.ts'
import type { Events } from '../events.ts'
import { findNamedCollection } from '../jobs/named-collection.ts'
import { findCollectionOperation } from '../operations/index.ts'
import { runJobHere } from './job-here.ts'
import { createJobView, type JobView } from './job-view.ts'
import type { OutFolder } from './out-folder.ts'
import { exitCodes, noteColour, type Output, shownPath } from './output.ts'
import type { ServerAddress } from './server-file.ts'

/** What is run over a collection. */
export interface CollectionRun {
  readonly operation: string
  readonly params: Record<string, unknown>
  /** Id, or folder; one that belongs to no collection is imported first. */
  readonly named: string
  readonly out: OutFolder | undefined
}

/** `mediamill run OPERATION --collection ID|FOLDER`, in this process. */
export async function runOverCollection(app: App, run: CollectionRun, output: Output): Promise<number> {
  const named = nameOf(run.named)
  if (!isKnown(app, named)) {
    const code = await runJobHere(
      app,
      () => app.jobs.startImport(named),
      await createJobView(output),
      () => output.command(`import ${run.named}`),
    )
    if (code !== exitCodes.done && code !== exitCodes.someFailed) return code
  }
  const { collection, folder } = findNamedCollection(app.catalog, named)
  const selection = { collection: collection.id, ...(folder === undefined ? {} : { folder }) }
  const start = () => app.jobs.startRun({ operation: run.operation, params: run.params, selection })
  const again = (job: string) => output.command(`jobs resume ${job}`)
  return withSavedFiles(run, output, (view) => runJobHere(app, start, view, again))
}

/** The same in the server that runs on the data folder. */
export async function runOverCollectionRemotely(
  server: ServerAddress,
  run: CollectionRun,
  output: Output,
): Promise<number> {
  const { askServer, followRemotely, importRemotely } = await import('./remote.ts')
  const collection = nameOf(run.named)
  const body = { operation: run.operation, collection, ...run.params }
  const path = '/api/bulk-operations/run'
  const { items } = (await askServer(server, 'GET', '/api/collections')) as { items: { path: string }[] }
  const isFolder = existsSync(collection) && statSync(collection).isDirectory()
  const isBelow = items.some(({ path: root }) => `${collection}/`.startsWith(`${root}/`))
  if (isFolder && !isBelow) {
    await importRemotely(server, collection, { retryFailed: false }, await createJobView(output))
  }
  return withSavedFiles(run, output, (view) => followRemotely(server, path, body, view))
}

/** An id stays, a folder is made absolute. */
function nameOf(named: string): string {
  const path = resolve(named)
  return existsSync(path) && statSync(path).isDirectory() ? realpathSync(path) : named
}

function isKnown(app: App, named: string): boolean {
  try {
    findNamedCollection(app.catalog, named)
    return true
  } catch (error) {
    if (!existsSync(named)) throw error
    return false
  }
}

/** Runs a job, shows its answers, and copies the new files to where they are wanted; answers the exit code. */
async function withSavedFiles(
  { operation: name, out }: CollectionRun,
  output: Output,
  run: (view: JobView) => Promise<number>,
): Promise<number> {
  let notSaved = 0
  let root: string | undefined
  const wholeAnswers: string[] = []
  const tellAnswer = (
    { path, artifacts, result, collection }: Events['task.finished'],
    print: (text: string) => void,
  ) => {
    if (collection !== undefined) {
      const lines =
        findCollectionOperation(name)?.tell?.(result as never) ?? JSON.stringify(result, null, 2).split('\n')
      const files = (artifacts as Artifact[]).map((artifact) => `${artifact.role}: ${artifact.path}`)
      wholeAnswers.push(...lines, ...files)
    }
    try {
      out?.save(path, artifacts as Artifact[], collection === undefined ? root : undefined)
    } catch (error) {
      if (!(error instanceof MediaError)) throw error
      notSaved++
      output.event('task.failed', { path, operation: name, code: error.code, message: error.message })
      print(`${noteColour.red('✗')} ${shownPath(path)}\n  ${error.code}: ${error.message}`)
    }
  }
  const view = await createJobView(output, tellAnswer)
  const code = await run({
    ...view,
    take: (event, fact) => {
      if (event === 'job.started') root = (fact as Events['job.started']).root
      view.take(event, fact)
    },
  })
  for (const line of wholeAnswers) output.line(shownPath(line))
  return code === exitCodes.done && notSaved > 0 ? exitCodes.someFailed : code
}

interface Artifact {
  readonly role: string
  readonly path: string
  readonly format: string
}
