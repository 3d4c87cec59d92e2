import type { Catalog } from '../catalog/catalog.ts'
import type { JobRow, ListedTask } from '../catalog/ledger.ts'
import { MediaError } from '../errors.ts'
import type { StateCounts } from '../events.ts'
import { runJobHere } from './job-here.ts'
import { createJobView } from './job-view.ts'
import { openApp } from './open-app.ts'
import { colour, createOutput, exitCodes, type Output, shownPath } from './output.ts'
import type { CommandContext } from './program.ts'
import { findServer } from './server-file.ts'

const actions = ['list', 'show', 'pause', 'resume', 'cancel']

/** `mediamill jobs [list|show|pause|resume|cancel]`. What changes a job is asked of the server that runs it. */
export async function jobs(context: CommandContext, action: string, id: string): Promise<number> {
  const output = createOutput(context.isJson, context.flags.data)
  if (!actions.includes(action)) {
    throw new MediaError('PARAMS_INVALID', [`Expected ${actions.join(', ')}, but it was "${action}".`])
  }
  if (action !== 'list' && id === '')
    throw new MediaError('PARAMS_INVALID', [`"jobs ${action}" needs the id of a job.`])
  const { config, app: build } = openApp(context)
  const app = build()
  try {
    if (action === 'list') {
      const rows = app.catalog.ledger.list(50)
      for (const job of rows) tell(job, output)
      if (rows.length === 0) output.note('There are no jobs yet.')
      return exitCodes.done
    }
    const job = app.jobs.find(id)
    if (action === 'show') {
      tell(job, output)
      tellFailures(app.catalog.ledger, job, output)
      return exitCodes.done
    }
    const server = findServer(config.data)
    if (server) {
      const { askServer } = await import('./remote.ts')
      await askServer(server, 'POST', `/api/bulk-operations/jobs/${id}/${action}`)
    } else if (action === 'resume') {
      return await runJobHere(
        app,
        () => app.jobs.resume(id),
        await createJobView(output),
        () => output.command(`jobs resume ${id}`),
      )
    } else if (action === 'pause') await app.jobs.pause(id)
    else await app.jobs.cancel(id)
    tell(app.jobs.find(id), output)
    return exitCodes.done
  } finally {
    await app.stop()
  }
}

function tell(job: JobRow, output: Output): void {
  const { id, kind, state, collection, params, counts, createdAt, finishedAt, error } = job
  output.event('job', { job: id, kind, state, collection, params, counts, createdAt, finishedAt, error })
  const what = kind === 'run' ? `run ${(params as { operation: string }).operation}` : kind
  const files = (counts as { files?: StateCounts } | null)?.files
  const told = files ? Object.entries(files).flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : [])) : []
  output.line(
    `${id}  ${what}  ${state}  ${new Date(createdAt).toLocaleString()}  ${told.join(', ')}${error ? `  ${error}` : ''}`,
  )
}

function tellFailures(ledger: Catalog['ledger'], job: JobRow, output: Output): void {
  for (const state of ['failed', 'quarantined'] as const) {
    let after: { location: number; step: string } | undefined
    for (;;) {
      const page: ListedTask[] = ledger.tasks(job.number, { state, limit: 500, ...(after ? { after } : {}) })
      for (const { path, step, code, message } of page) {
        output.event('task', { job: job.id, path, operation: step.split(':')[0], state, code, message })
        output.line(`${colour.red('✗')} ${shownPath(path)}  ${step}\n  ${code}: ${message}`)
      }
      after = page.at(-1)
      if (!after || page.length < 500) break
    }
  }
}
