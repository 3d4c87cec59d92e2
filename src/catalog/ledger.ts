import type { DatabaseSync } from 'node:sqlite'
import type { StateCounts } from '../events.ts'

/** Where a job stands. The legal moves are in jobs/states.ts. */
export type JobState = 'waiting' | 'running' | 'paused' | 'finished' | 'cancelled' | 'failed'

/** A bulk run as it is recorded. */
export interface JobRow {
  readonly number: number
  readonly id: string
  readonly kind: string
  readonly state: JobState
  readonly collection: string | null
  readonly params: unknown
  /** The process that works on it, `pid@start`; null when none does. */
  readonly owner: string | null
  readonly counts: unknown
  /** What a job on a whole collection answered; null for others and before. */
  readonly result: unknown
  readonly error: string | null
  readonly createdAt: number
  readonly finishedAt: number | null
}

/** How a task can end. */
export type TaskState = keyof StateCounts

/** How one task of a job ended. */
export interface TaskRow {
  readonly job: number
  readonly location: number
  /** The operation, with `:role` behind it where one operation is asked twice. */
  readonly step: string
  readonly state: TaskState
  readonly code: string | null
  readonly message: string | null
  readonly durationMs: number | null
}

/** A task with the path of its file, as lists show it. */
export interface ListedTask extends TaskRow {
  readonly path: string
  readonly at: number
}

/** No task in any state. */
export const noCounts = (): StateCounts => ({ done: 0, cached: 0, failed: 0, quarantined: 0, skipped: 0 })

/** Jobs and how each of their tasks ended. */
export function openLedger(db: DatabaseSync) {
  const insert = db.prepare(
    `INSERT INTO jobs (id, kind, state, collection, params, owner, createdAt) VALUES (?, ?, 'running', ?, ?, ?, ?) RETURNING *`,
  )
  const byId = db.prepare('SELECT * FROM jobs WHERE id = ?')
  // Without its result, which can be as large as a collection.
  const brief = 'number, id, kind, state, collection, params, owner, counts, error, createdAt, finishedAt'
  const list = db.prepare(`SELECT ${brief} FROM jobs WHERE (?1 IS NULL OR number < ?1) ORDER BY number DESC LIMIT ?2`)
  const count = db.prepare('SELECT count(*) AS n FROM jobs')
  const open = db.prepare(`SELECT ${brief} FROM jobs WHERE state IN ('waiting', 'running', 'paused') ORDER BY number`)
  const setResult = db.prepare('UPDATE jobs SET result = ? WHERE id = ?')

  const setState = db.prepare('UPDATE jobs SET state = ?, owner = ?, error = NULL, finishedAt = NULL WHERE id = ?')
  const finish = db.prepare(
    'UPDATE jobs SET state = ?, owner = NULL, counts = ?, error = ?, finishedAt = ? WHERE id = ?',
  )
  const setParams = db.prepare('UPDATE jobs SET params = ? WHERE id = ?')
  const dropTasks = db.prepare('DELETE FROM tasks WHERE job = ? AND location = ?')
  const putTask = db.prepare('INSERT OR REPLACE INTO tasks VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  const taskCounts = db.prepare('SELECT state, count(*) AS n FROM tasks WHERE job = ? GROUP BY state')
  const fileCounts = db.prepare(`
    SELECT worst, count(*) AS n FROM (
      SELECT max(CASE state WHEN 'quarantined' THEN '4quarantined' WHEN 'failed' THEN '3failed'
        WHEN 'skipped' THEN '2skipped' WHEN 'done' THEN '1done' ELSE '0cached' END) AS worst
      FROM tasks WHERE job = ? GROUP BY location
    ) GROUP BY worst`)
  const tasks = db.prepare(`
    SELECT t.*, c.root || '/' || CASE l.folder WHEN '' THEN '' ELSE l.folder || '/' END || l.name AS path
    FROM tasks t JOIN locations l ON l.id = t.location JOIN collections c ON c.id = l.collection
    WHERE t.job = ?1 AND (?2 IS NULL OR t.state = ?2) AND (?3 IS NULL OR (t.location, t.step) > (?3, ?4))
    ORDER BY t.location, t.step LIMIT ?5`)

  const toJob = (row: Record<string, unknown>): JobRow =>
    ({
      ...row,
      params: JSON.parse(String(row.params)),
      counts: row.counts ? JSON.parse(String(row.counts)) : null,
      result: row.result ? JSON.parse(String(row.result)) : null,
    }) as unknown as JobRow
  const found = (row: Record<string, unknown> | undefined) => row && toJob(row)

  return {
    /** Records a job that begins now. */
    begin: (job: { id: string; kind: string; collection: string | null; params: unknown; owner: string }): JobRow =>
      toJob(
        insert.get(job.id, job.kind, job.collection, JSON.stringify(job.params), job.owner, Date.now()) as Record<
          string,
          unknown
        >,
      ),
    find: (id: string) => found(byId.get(id)),
    /** Jobs, newest first, from below `before` on. */
    list: (limit: number, before?: number) => list.all(before ?? null, limit).map(toJob),
    count: () => Number(count.get()?.n),
    /** Jobs that have not ended. */
    open: () => open.all().map(toJob),
    setState: (id: string, state: JobState, owner: string | null) => void setState.run(state, owner, id),
    finish: (id: string, state: JobState, counts: unknown, error: string | null) =>
      void finish.run(state, JSON.stringify(counts), error, Date.now(), id),
    setParams: (id: string, params: unknown) => void setParams.run(JSON.stringify(params), id),
    /** Keeps what a job on a whole collection answered. */
    setResult: (id: string, result: unknown) => void setResult.run(JSON.stringify(result), id),
    /** Forgets what a job did with a file before it was interrupted. */
    dropTasks: (job: number, location: number) => void dropTasks.run(job, location),
    putTask: (task: TaskRow) =>
      void putTask.run(
        task.job,
        task.location,
        task.step,
        task.state,
        task.code,
        task.message,
        task.durationMs,
        Date.now(),
      ),
    /** How many tasks of a job ended in each state. */
    taskCounts(job: number): StateCounts {
      const counts = noCounts()
      for (const row of taskCounts.all(job)) counts[row.state as TaskState] = Number(row.n)
      return counts
    },
    /** How many files of a job ended in each state, a file counted by its worst task. */
    fileCounts(job: number): StateCounts {
      const counts = noCounts()
      for (const row of fileCounts.all(job)) counts[String(row.worst).slice(1) as TaskState] = Number(row.n)
      return counts
    },
    /** Tasks of a job in the order of their files; `after` is the last one of the page before. */
    tasks: (
      job: number,
      options: { state?: TaskState; limit: number; after?: { location: number; step: string } },
    ): ListedTask[] =>
      tasks.all(
        job,
        options.state ?? null,
        options.after?.location ?? null,
        options.after?.step ?? null,
        options.limit,
      ) as unknown as ListedTask[],
  }
}
