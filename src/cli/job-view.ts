import type { Events, JobProgress, StateCounts } from '../events.ts'
import type { JobEnd } from '../jobs/job-end.ts'
import { formatDuration } from '../units.ts'
import { colour, exitCodes, noteColour, type Output, plural, shownPath } from './output.ts'
import { createProgressBar } from './progress-bar.ts'

/** Failed files are told one by one up to here; then only counted, and listed by "mediamill jobs show". */
const toldFailures = 50

/** The events of a job that a view takes. */
export const toldEvents = [
  'job.started',
  'job.progress',
  'task.finished',
  'task.failed',
  'task.skipped',
  'task.note',
  'job.finished',
] as const

/** What is shown of a running job. */
export interface JobView {
  take<Name extends keyof Events>(name: Name, fact: Events[Name]): void
  note(text: string): void
  /** Takes the bar away. */
  end(): void
  /** Tells how it ended; answers the exit code. */
  finish(end: JobEnd): number
}

/**
 * Shows a job's events: as NDJSON, and to people as a bar with the failures above it. `tellAnswer` is called with each
 * answer of a bulk run; without it people are shown none.
 */
export async function createJobView(
  output: Output,
  tellAnswer: (answer: Events['task.finished'], print: (text: string) => void) => void = () => {},
): Promise<JobView> {
  const bar = output.isJson ? undefined : await createProgressBar()
  let failures = 0
  let lastProgressAt = 0
  let lastPath = ''
  let kind = 'import'
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
    'job.started': (started) => bar?.print(`${beginning(started)} ${noteColour.dim(`(job ${started.job})`)}`),
    'job.progress': (progress) => bar?.show(progress),
    'task.failed': tellFailure,
    'task.note': ({ path, note }) => bar?.print(`${noteColour.dim('·')} ${shownPath(path)}\n  ${note}`),
    'task.skipped': ({ path, reason }) =>
      bar?.print(`${noteColour.yellow('–')} ${shownPath(path)}\n  skipped: ${reason}`),
  }
  return {
    take(name, fact) {
      if (name === 'job.started') kind = (fact as Events['job.started']).kind
      if (name === 'job.progress') {
        // Ten a second at most, as scripts were promised.
        const now = performance.now()
        if (now - lastProgressAt < 100) return
        lastProgressAt = now
        const { job, done, total, fraction, etaMs, framesPerSecond, speed } = fact as JobProgress
        output.event(name, { job, done, total, fraction, etaMs, framesPerSecond, speed })
      } else output.event(name === 'task.finished' ? 'result' : name, fact as Record<string, unknown>)
      if (name === 'task.finished') {
        const print = (text: string) => (bar ? bar.print(text) : output.note(text))
        tellAnswer(fact as Events['task.finished'], print)
      }
      ;(show[name] as ((fact: unknown) => void) | undefined)?.(fact)
    },
    note: (text) => (bar ? bar.print(text) : output.note(text)),
    end: () => bar?.end(),
    finish(end) {
      bar?.end()
      return reportEnd(end, kind, output)
    },
  }
}

function beginning({ root = 'the chosen files', resumed, operation }: Events['job.started']): string {
  if (operation) return `${resumed ? 'Going on with' : 'Running'} ${operation} over ${root}`
  return `${resumed ? 'Going on with the import of' : 'Importing'} ${root}`
}

function reportEnd(end: JobEnd, kind: string, output: Output): number {
  if (end.error) throw end.error
  if (!output.isJson) {
    output.line(kind === 'import' ? importSummary(end) : runSummary(end))
    const failed = end.files.failed + end.files.quarantined
    if (failed > 0) output.line(colour.dim(`The whole list with reasons:  ${output.command(`jobs show ${end.job}`)}`))
  }
  if (end.state === 'cancelled') return exitCodes.interrupted
  return end.tasks.failed + end.tasks.quarantined > 0 ? exitCodes.someFailed : exitCodes.done
}

const countAll = ({ done, cached, failed, quarantined, skipped }: StateCounts): number =>
  done + cached + failed + quarantined + skipped

/** How many files ended how, in words. */
function filesInWords({ files, ignored }: JobEnd, done: string): string {
  const parts = [
    files.done > 0 ? colour.green(`${plural(files.done, 'file')} ${done}`) : '',
    files.cached > 0 ? `${plural(files.cached, 'file')} known already` : '',
    files.failed > 0 ? colour.red(`${plural(files.failed, 'file')} failed`) : '',
    files.quarantined > 0 ? colour.red(`${plural(files.quarantined, 'file')} quarantined`) : '',
    files.skipped > 0 ? colour.yellow(`${plural(files.skipped, 'file')} skipped`) : '',
    ignored > 0 ? colour.dim(`${plural(ignored, 'other file')} ignored`) : '',
  ]
  return parts.filter(Boolean).join(', ')
}

function runSummary(end: JobEnd): string {
  if (countAll(end.files) === 0) return 'Nothing to do: no file of that kind was found there.'
  return `${filesInWords(end, 'done')} in ${formatDuration(end.durationMs)}.`
}

function importSummary(end: JobEnd): string {
  const { assets, files, tasks, ignored, durationMs } = end
  if (countAll(files) === 0)
    return `Nothing to import: no picture, film or sound was found (${plural(ignored, 'other file')} ignored).`
  const work = tasks.done === 0 ? 'Nothing had to be done' : `${plural(tasks.done, 'task')} done`
  return `${filesInWords(end, 'imported')}.\n${work} in ${formatDuration(durationMs)}; the collection holds ${plural(assets, 'asset')}.`
}
