import type { App } from '../app.ts'
import { MediaError } from '../errors.ts'
import type { Events, JobProgress, StateCounts } from '../events.ts'
import type { JobEnd } from '../jobs/engine.ts'
import { formatDuration } from '../units.ts'
import { openApp } from './open-app.ts'
import { colour, createOutput, exitCodes, noteColour, type Output, plural, shownPath } from './output.ts'
import type { CommandContext } from './program.ts'
import { createProgressBar } from './progress-bar.ts'
import { findServer } from './server-file.ts'

/** Failed files are told one by one up to here; then only counted, and listed by "mediamill jobs show". */
const toldFailures = 50

/** `mediamill import FOLDER`: here, or in the server that runs on the same data folder. */
export async function importFolder(context: CommandContext, folder: string): Promise<number> {
  if (folder === '') throw new MediaError('PARAMS_INVALID', ['"import" needs the path of a folder.'])
  const options = { retryFailed: context.options.retryFailed === true }
  const output = createOutput(context.isJson, context.flags.data)
  const { config, app } = openApp(context)
  const server = findServer(config.data)
  if (server) {
    const { importRemotely } = await import('./remote.ts')
    return importRemotely(server, folder, options, await createImportView(output))
  }
  return importHere(app(), folder, options, output)
}

async function importHere(
  app: App,
  folder: string,
  options: { retryFailed: boolean },
  output: Output,
): Promise<number> {
  const view = await createImportView(output)
  let isInterrupted = false
  const interrupt = () => {
    if (isInterrupted) process.exit(exitCodes.interrupted)
    isInterrupted = true
    view.note('Stopping: files at work are let go, everything finished is kept …')
    void app.jobs.close()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  try {
    await app.clearLeftovers()
    for (const name of ['job.started', 'job.progress', 'task.failed', 'task.skipped', 'job.finished'] as const) {
      app.events.on(name, (fact) => view.take(name, fact as never))
    }
    const end = await app.jobs.startImport(folder, options).ended
    if (isInterrupted) {
      view.end()
      view.note(`Stopped. To go on where it ended:  ${output.command(`import ${folder}`)}`)
      return exitCodes.interrupted
    }
    return view.finish(end)
  } finally {
    await app.stop()
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}

/** What is shown of a running import. */
export interface ImportView {
  take<Name extends keyof Events>(name: Name, fact: Events[Name]): void
  note(text: string): void
  end(): void
}

/** Shows an import's events: as NDJSON, and to people as a bar with the failures above it. */
export async function createImportView(output: Output): Promise<ImportView & { finish(end: JobEnd): number }> {
  const bar = output.isJson ? undefined : await createProgressBar()
  let failures = 0
  let lastProgressAt = 0
  let lastPath = ''
  const tellFailure = ({ path, code, message, remembered }: Events['task.failed']) => {
    // The steps of one file mostly fail for one reason; the ledger has them all.
    if (path === lastPath) return
    lastPath = path
    failures++
    if (failures <= toldFailures) {
      bar?.print(
        `${noteColour.red('✗')} ${shownPath(path)}\n  ${code}: ${message}${remembered ? noteColour.dim(' (as before)') : ''}`,
      )
    } else if (failures === toldFailures + 1) bar?.print('  … more failed files are not shown here.')
  }
  const show: { [Name in keyof Events]?: (fact: Events[Name]) => void } = {
    'job.started': ({ root, resumed, job }) =>
      bar?.print(`${resumed ? 'Going on with the import of' : 'Importing'} ${root} ${noteColour.dim(`(job ${job})`)}`),
    'job.progress': (progress) => bar?.show(progress),
    'task.failed': tellFailure,
    'task.skipped': ({ path, reason }) =>
      bar?.print(`${noteColour.yellow('–')} ${shownPath(path)}\n  skipped: ${reason}`),
  }
  return {
    take(name, fact) {
      if (name === 'job.progress') {
        // Ten a second at most, as scripts were promised.
        const now = performance.now()
        if (now - lastProgressAt < 100) return
        lastProgressAt = now
        const { job, done, total, fraction, etaMs } = fact as JobProgress
        output.event(name, { job, done, total, fraction, etaMs })
      } else output.event(name, fact as Record<string, unknown>)
      ;(show[name] as ((fact: unknown) => void) | undefined)?.(fact)
    },
    note: (text) => (bar ? bar.print(text) : output.note(text)),
    end: () => bar?.end(),
    finish(end) {
      bar?.end()
      return reportEnd(end, output)
    },
  }
}

function reportEnd(end: JobEnd, output: Output): number {
  if (end.error) throw end.error
  if (!output.isJson) {
    output.line(summary(end))
    const failed = end.files.failed + end.files.quarantined
    if (failed > 0) output.line(colour.dim(`The whole list with reasons:  ${output.command(`jobs show ${end.job}`)}`))
  }
  if (end.state === 'cancelled') return exitCodes.interrupted
  return end.tasks.failed + end.tasks.quarantined > 0 ? exitCodes.someFailed : exitCodes.done
}

function summary({ assets, files, tasks, ignored, durationMs }: JobEnd): string {
  const count = (counts: StateCounts) =>
    counts.done + counts.cached + counts.failed + counts.quarantined + counts.skipped
  const parts = [
    files.done > 0 ? colour.green(`${plural(files.done, 'file')} imported`) : '',
    files.cached > 0 ? `${plural(files.cached, 'file')} known already` : '',
    files.failed > 0 ? colour.red(`${plural(files.failed, 'file')} failed`) : '',
    files.quarantined > 0 ? colour.red(`${plural(files.quarantined, 'file')} quarantined`) : '',
    files.skipped > 0 ? colour.yellow(`${plural(files.skipped, 'file')} skipped`) : '',
    ignored > 0 ? colour.dim(`${plural(ignored, 'other file')} ignored`) : '',
  ].filter(Boolean)
  if (count(files) === 0)
    return `Nothing to import: no picture, film or sound was found (${plural(ignored, 'other file')} ignored).`
  const work = tasks.done === 0 ? 'Nothing had to be done' : `${plural(tasks.done, 'task')} done`
  return `${parts.join(', ')}.\n${work} in ${formatDuration(durationMs)}; the collection holds ${plural(assets, 'asset')}.`
}
