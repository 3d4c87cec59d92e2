import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { text } from 'node:stream/consumers'
import { workerEnvironment } from '../../src/executor/settings.ts'

/**
 * Gives each line of stdin to a process that is free, of as many as there are cores; each runs the script without
 * arguments, under the same environment as workers. Prints how long the work took, without start-up, and what the
 * processes answered.
 */
export async function shareLines(script: string, job: unknown): Promise<void> {
  const lines = (await text(process.stdin)).trim().split('\n')
  const answers: unknown[] = []
  const lanes = Array.from({ length: availableParallelism() }, () => startLane(script))
  const ready = await Promise.all(lanes)
  const startedAt = performance.now()
  let next = 0
  await Promise.all(
    ready.map(async (lane) => {
      for (let at = next++; at < lines.length; at = next++) answers[at] = await lane.ask({ job, line: lines[at] })
      await lane.end()
    }),
  )
  process.stdout.write(JSON.stringify({ workMs: performance.now() - startedAt, answers }))
}

/** Answers each line that comes from `shareLines` with what `work` makes of it. */
export function answerLines<Job>(work: (job: Job, line: string) => Promise<unknown>): void {
  process.on('message', async ({ job, line }: { job: Job; line: string }) => process.send?.(await work(job, line)))
  process.send?.('ready')
}

async function startLane(script: string) {
  const child = fork(script, [], { env: { ...process.env, ...workerEnvironment() } })
  let isDone = false
  const answer = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      child.once('message', resolve)
      child.once('exit', (code) => {
        if (!isDone) reject(new Error(`a process ended with ${code}`))
      })
    })
  await answer()
  return {
    ask(message: object): Promise<unknown> {
      const answered = answer()
      child.send(message)
      return answered
    },
    async end(): Promise<void> {
      isDone = true
      child.disconnect()
    },
  }
}
