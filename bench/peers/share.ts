import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { text } from 'node:stream/consumers'
import { workerEnvironment } from '../../src/executor/settings.ts'

/**
 * Gives each line of stdin to a process that is free, of as many as there are cores; each runs the script without
 * arguments, under the same environment as workers. Prints how long the work took, without the first `warmUps` lines, and
 * what was answered to the others.
 */
export async function shareLines(script: string, job: unknown, warmUps: number): Promise<void> {
  const lines = (await text(process.stdin)).trim().split('\n')
  const lanes = await Promise.all(Array.from({ length: availableParallelism() }, () => startLane(script)))
  const share = async (some: readonly string[]): Promise<unknown[]> => {
    const answers: unknown[] = []
    const queue = some.entries()
    const work = async (lane: (typeof lanes)[number]) => {
      for (const [at, line] of queue) answers[at] = await lane.ask({ job, line })
    }
    await Promise.all(lanes.map(work))
    return answers
  }
  await share(lines.slice(0, warmUps))
  const startedAt = performance.now()
  const answers = await share(lines.slice(warmUps))
  const workMs = performance.now() - startedAt
  for (const lane of lanes) lane.end()
  process.stdout.write(JSON.stringify({ workMs, answers }))
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
    end(): void {
      isDone = true
      child.disconnect()
    },
  }
}
