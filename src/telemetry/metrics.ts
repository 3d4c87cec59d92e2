import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { EventBus } from '../events.ts'

/** One answered request. */
export interface MeasuredRequest {
  readonly method: string
  /** The route's pattern, such as `/api/assets/:id`. */
  readonly route: string
  readonly status: number
  readonly cache: string
  readonly seconds: number
  readonly bytes: number
}

/** State that is read whenever the metrics are asked for. */
export interface MetricSources {
  readonly workers: () => { readonly size: number; readonly busy: number; readonly waiting: number }
  readonly admission: () => { readonly usedBytes: number; readonly budgetBytes: number; readonly waiting: number }
  readonly openJobs: () => number
}

/** The program's metrics, in the format of Prometheus. */
export interface Metrics {
  readonly contentType: string
  request(measured: MeasuredRequest): void
  /** The text that Prometheus reads. */
  text(): Promise<string>
  /** Stops listening. */
  close(): void
}

const latencyBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** Makes the metrics, in a registry of their own, and lets them listen to what happens. */
export function createMetrics(events: EventBus, sources: MetricSources): Metrics {
  const registers = [new Registry()]
  const [registry] = registers as [Registry]
  collectDefaultMetrics({ register: registry })

  const requests = new Histogram({
    name: 'mediamill_http_request_duration_seconds',
    help: 'Time to answer a request.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: latencyBuckets,
    registers,
  })
  const sent = new Counter({
    name: 'mediamill_http_response_bytes_total',
    help: 'Bytes sent, headers included.',
    labelNames: ['route'] as const,
    registers,
  })
  const outcomes = new Counter({
    name: 'mediamill_http_cache_total',
    help: 'Answers by where they came from.',
    labelNames: ['strategy'] as const,
    registers,
  })
  const cache = new Counter({
    name: 'mediamill_cache_lookups_total',
    help: 'Remembered results looked for, by operation and the tier that had them.',
    labelNames: ['operation', 'tier'] as const,
    registers,
  })
  const operations = new Histogram({
    name: 'mediamill_operation_duration_seconds',
    help: 'Time that an operation worked on a file.',
    labelNames: ['operation', 'outcome'] as const,
    buckets: latencyBuckets,
    registers,
  })
  const jobs = new Counter({
    name: 'mediamill_jobs_total',
    help: 'Jobs that ended, by how they ended.',
    labelNames: ['state'] as const,
    registers,
  })
  const tasks = new Counter({
    name: 'mediamill_tasks_total',
    help: 'Tasks of ended jobs, by how they ended.',
    labelNames: ['state'] as const,
    registers,
  })
  const quarantined = new Counter({
    name: 'mediamill_files_quarantined_total',
    help: 'Files that were put into quarantine.',
    registers,
  })
  const stopped = new Counter({
    name: 'mediamill_workers_stopped_total',
    help: 'Worker processes that ended, also those that were replaced in good time.',
    registers,
  })
  gauge('mediamill_jobs_open', 'Jobs that have not ended.', () => sources.openJobs())
  gauge('mediamill_workers', 'Worker processes that may run at once.', () => sources.workers().size)
  gauge('mediamill_workers_busy', 'Worker processes with a file in their hands.', () => sources.workers().busy)
  gauge('mediamill_workers_waiting', 'Files that wait for a worker.', () => sources.workers().waiting)
  gauge('mediamill_admission_used_bytes', 'Estimated memory of the decodes under way.', () => {
    return sources.admission().usedBytes
  })
  gauge('mediamill_admission_budget_bytes', 'Memory that decodes may take together.', () => {
    return sources.admission().budgetBytes
  })
  gauge('mediamill_admission_waiting', 'Files that wait for memory.', () => sources.admission().waiting)

  const listeners = [
    events.on('cache.hit', ({ operation, tier }) => cache.inc({ operation, tier })),
    events.on('cache.missed', ({ operation }) => cache.inc({ operation, tier: 'none' })),
    events.on('operation.finished', ({ operation, outcome, durationMs }) =>
      operations.observe({ operation, outcome }, durationMs / 1000),
    ),
    events.on('file.quarantined', () => quarantined.inc()),
    events.on('worker.stopped', () => stopped.inc()),
    events.on('job.finished', ({ state, tasks: counts }) => {
      jobs.inc({ state })
      for (const [name, count] of Object.entries(counts)) tasks.inc({ state: name }, count)
    }),
  ]

  return {
    contentType: registry.contentType,
    request({ method, route, status, cache: strategy, seconds, bytes }) {
      requests.observe({ method, route, status }, seconds)
      sent.inc({ route }, bytes)
      outcomes.inc({ strategy })
    },
    text: () => registry.metrics(),
    close() {
      for (const end of listeners) end()
      registry.clear()
    },
  }

  function gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  }
}
