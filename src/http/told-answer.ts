import { PassThrough } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { toMediaError } from '../errors.ts'
import type { Told } from '../executor/worker-io.ts'
import { Remaining } from '../jobs/remaining.ts'

const ndjson = 'application/x-ndjson'
/** Ten a second at most, as the command line tells it. */
const toldEveryMs = 100

/** Whether a client wants to be told how far the work is while it waits. */
export const wantsProgress = ({ headers }: FastifyRequest): boolean => headers.accept?.includes(ndjson) ?? false

/**
 * Answers with events, one a line: `job.progress` and `task.note` while the work runs, then `result` or `task.failed`. What fails before
 * anything was told is thrown, so that it has a status of its own.
 */
export async function answerWithProgress<Answer extends object>(
  reply: FastifyReply,
  about: { readonly operation: string; readonly path: string },
  run: (onProgress: (told: Told) => void) => Promise<Answer>,
): Promise<FastifyReply> {
  const stream = new PassThrough()
  const say = (event: string, fact: object) =>
    stream.write(`${JSON.stringify({ event, at: new Date().toISOString(), ...fact })}\n`)
  const { promise: firstTold, resolve: begin } = Promise.withResolvers<void>()
  const remaining = new Remaining()
  let toldAt = 0
  const work = run(({ fraction, pace, note }) => {
    const now = performance.now()
    if (note !== undefined) say('task.note', { ...about, note })
    if (now - toldAt < toldEveryMs || stream.writableNeedDrain) return
    toldAt = now
    const { framesPerSecond, speed } = pace ?? {}
    say('job.progress', { done: 0, total: 1, fraction, etaMs: remaining.estimate(fraction), framesPerSecond, speed })
    begin()
  })
  await Promise.race([firstTold, work])
  work
    .then((answer) => say('result', answer))
    .catch((thrown) => {
      const { code, message } = toMediaError(thrown)
      say('task.failed', { ...about, code, message })
    })
    .finally(() => stream.end())
  return reply.type(ndjson).header('cache-control', 'no-store').send(stream)
}
