import { PassThrough, type Readable } from 'node:stream'
import type { JobRow } from '../catalog/ledger.ts'
import { noCounts } from '../catalog/ledger.ts'
import type { EventBus, Events, JobProgress } from '../events.ts'
import type { JobSummary } from '../jobs/job-run.ts'
import { MiB } from '../units.ts'

/** The events that a job's stream tells, as the command line does. */
const told = [
  'job.started',
  'job.progress',
  'task.finished',
  'task.failed',
  'task.skipped',
  'task.note',
  'job.paused',
  'job.finished',
] as const
type Told = (typeof told)[number]

interface Running {
  started: string | undefined
  progress: JobProgress | undefined
  /** Failures and skipped files so far, for those who come later. The ledger has what does not fit here. */
  readonly said: string[]
  saidLength: number
  readonly listeners: Set<PassThrough>
}

const mostSaid = 20_000
const mostSaidLength = 32 * MiB
/** Shorter than the minute after which proxies give up a silent connection. */
const heartbeatMs = 10_000
const mostUnread = 64 * MiB

/** Follows the running jobs, so that whoever asks, early or late, gets all their events in order as NDJSON. */
export class JobFeed {
  readonly #running = new Map<string, Running>()
  readonly #ends: (() => void)[]
  readonly #heartbeat: NodeJS.Timeout
  readonly #find: (job: string) => JobRow | undefined

  /** `find` gives a job's row as it is recorded now. */
  constructor(events: EventBus, find: (job: string) => JobRow | undefined) {
    this.#find = find
    this.#ends = told.map((name) => events.on(name, (fact) => this.#take(name, fact)))
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs)
    this.#heartbeat.unref()
  }

  /** The latest progress of a job that runs here. */
  progress(job: string): JobProgress | undefined {
    return this.#running.get(job)?.progress
  }

  /** A job's events from its beginning on; ends when the job ends or is paused. `summary` is for one that has ended before. */
  stream(row: JobRow, summary: JobSummary | undefined): Readable {
    const stream = new PassThrough()
    if (hasEnded(row)) {
      stream.end(line('job.finished', finalEvent(row, summary)))
      return stream
    }
    if (row.state === 'paused') {
      stream.end(line('job.paused', { job: row.id }))
      return stream
    }
    const running = this.#of(row.id)
    if (running.started) stream.write(running.started)
    for (const said of running.said) stream.write(said)
    if (running.progress) stream.write(line('job.progress', running.progress))
    running.listeners.add(stream)
    stream.once('close', () => running.listeners.delete(stream))
    return stream
  }

  /** Ends all streams and listens no more. */
  close(): void {
    clearInterval(this.#heartbeat)
    for (const end of this.#ends) end()
    for (const { listeners } of this.#running.values()) for (const stream of listeners) stream.end()
    this.#running.clear()
  }

  #take<Name extends Told>(name: Name, fact: Events[Name]): void {
    const running = this.#of(fact.job)
    const isLast = name === 'job.finished' || name === 'job.paused'
    const text = line(name, fact)
    if (name === 'job.started') running.started = text
    else if (name === 'job.progress') running.progress = fact as JobProgress
    else if (!isLast && running.said.length < mostSaid && running.saidLength < mostSaidLength) {
      running.said.push(text)
      running.saidLength += text.length
    }
    for (const stream of running.listeners) {
      // Progress is worth nothing later; the rest waits for a slow reader, but not without end.
      if (name === 'job.progress' && stream.writableNeedDrain) continue
      if (stream.writableLength > mostUnread) stream.destroy()
      else stream.write(text)
    }
    if (!isLast) return
    for (const stream of running.listeners) stream.end()
    this.#running.delete(fact.job)
  }

  /** Progress is told again when nothing else is: it keeps connections open and needs no event of its own. */
  #beat(): void {
    for (const [job, { progress, listeners }] of this.#running) {
      if (listeners.size === 0) continue
      const row = this.#find(job)
      // It ran in another process, which announced its end over there.
      if (row && hasEnded(row)) {
        const last = line('job.finished', finalEvent(row, row.counts as JobSummary | undefined))
        for (const stream of listeners) stream.end(last)
        this.#running.delete(job)
        continue
      }
      const text = line('job.progress', progress ?? unknownProgress(job))
      for (const stream of listeners) if (!stream.writableNeedDrain) stream.write(text)
    }
  }

  #of(job: string): Running {
    const known = this.#running.get(job)
    if (known) return known
    const running: Running = { started: undefined, progress: undefined, said: [], saidLength: 0, listeners: new Set() }
    this.#running.set(job, running)
    return running
  }
}

const hasEnded = ({ state }: JobRow): boolean => state === 'finished' || state === 'cancelled' || state === 'failed'

/** Answers are called `result`, as the command line calls them. */
const line = (event: string, fact: object): string =>
  `${JSON.stringify({ event: event === 'task.finished' ? 'result' : event, at: new Date().toISOString(), ...fact })}\n`

function finalEvent(row: JobRow, summary: JobSummary | undefined): Events['job.finished'] {
  const { assets = 0, tasks = noCounts(), files = noCounts(), ignored = 0 } = summary ?? {}
  const state = row.state as Events['job.finished']['state']
  const durationMs = Math.max(0, (row.finishedAt ?? row.createdAt) - row.createdAt)
  return { job: row.id, state, assets, tasks, files, ignored, durationMs }
}

const unknownProgress = (job: string): JobProgress => ({
  job,
  done: 0,
  total: 0,
  fraction: 0,
  etaMs: null,
  filesPerSecond: 0,
  bytesPerSecond: 0,
  isCounted: false,
})
