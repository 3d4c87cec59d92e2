import type { App } from '../src/app.ts'
import { type RunAnswer, runOperation } from '../src/executor/run.ts'
import { inLanes, withApp } from './app.ts'
import type { BenchContext } from './bench.ts'
import type { Measures } from './measure.ts'

/** What the parts of the bench on films share of its context. */
export type FilmBenchContext = Pick<BenchContext<unknown>, 'folder' | 'runs' | 'note' | 'material'>

type Request = Parameters<typeof runOperation>[1]

/** What is asked. */
export interface Asking {
  readonly requests: readonly Request[]
  /** So many at once. */
  readonly lanes: number
  /** The same of other files before, so that workers are started and have loaded what they need, as in a server. */
  readonly warmUps: readonly Request[]
  /** Files that were described before, as those of a collection are; the others were never seen. */
  readonly known?: readonly string[]
}

/** Asks for all of it on fresh parts. */
export function answering(folder: string, { requests, lanes, warmUps, known = [] }: Asking): Promise<Measures> {
  return withApp(folder, lanes, async (app) => {
    for (const path of known) await describe(app, path)
    await inLanes(warmUps, lanes, (request) => ask(app, request))
    const startedAt = performance.now()
    const answers = await inLanes(requests, lanes, (request) => ask(app, request))
    const wholeMs = performance.now() - startedAt
    if (answers.some((answer) => answer?.cached)) throw new Error('something was remembered')
    return { wholeMs, failed: answers.filter((answer) => answer === undefined).length }
  })
}

/** Asks what a file is, so that it is known. */
export const describe = (app: App, path: string): Promise<RunAnswer | undefined> =>
  ask(app, { path, operation: 'metadata', params: {} })

/** The answer; undefined when the file is none that can be read. */
export const ask = (app: App, request: Request): Promise<RunAnswer | undefined> =>
  runOperation(app, request).catch(() => undefined)

/** How many at once, in words. */
export const atOnce = (lanes: number): string => (lanes === 1 ? 'one after the other' : `${lanes} at once`)
