import type { App } from '../app.ts'
import type { RunningJob } from '../jobs/engine.ts'
import { type JobView, toldEvents } from './job-view.ts'
import { exitCodes } from './output.ts'

/**
 * Runs a job in this process until it ends or is interrupted, and answers the exit code; `again` gives the command
 * that goes on with the job after an interruption. The caller stops the app.
 */
export async function runJobHere(
  app: App,
  start: () => RunningJob | Promise<RunningJob>,
  view: JobView,
  again: (job: string) => string,
): Promise<number> {
  let isInterrupted = false
  const interrupt = () => {
    if (isInterrupted) process.exit(exitCodes.interrupted)
    isInterrupted = true
    view.note('Stopping: files at work are let go, everything finished is kept …')
    void app.jobs.close()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  const ends: (() => void)[] = []
  try {
    await app.clearLeftovers()
    for (const name of toldEvents) ends.push(app.events.on(name, (fact) => view.take(name, fact as never)))
    const { job, ended } = await start()
    const end = await ended
    if (isInterrupted) {
      view.end()
      view.note(`Stopped. To go on where it ended:  ${again(job.id)}`)
      return exitCodes.interrupted
    }
    return view.finish(end)
  } finally {
    for (const end of ends) end()
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}
