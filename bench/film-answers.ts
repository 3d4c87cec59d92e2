import type { App } from '../src/app.ts'
import { type RunAnswer, runOperation } from '../src/executor/run.ts'
import { inLanes, withApp } from './app.ts'
import type { BenchContext } from './bench.ts'
import type { Measures } from './measure.ts'

/** What the parts of the bench on films share of its context. */
export type FilmBenchContext = Pick<BenchContext<unknown>, 'folder' | 'runs' | 'note' | 'material'>

type Request = Parameters<typeof runOperation>[1]

/** Files that are asked for. */
export interface Asking {
  readonly paths: readonly string[]
  /** So many at once. */
  readonly lanes: number
  /** Asked for the same before, so that workers are started and have loaded what they need, as in a server. */
  readonly others: readonly string[]
  requestOf(path: string): Request
}

/** Asks for all files on parts that never saw them. */
export function answering(folder: string, { paths, lanes, others, requestOf }: Asking): Promise<Measures> {
  return withApp(folder, lanes, async (app) => {
    await inLanes(others, lanes, (path) => ask(app, requestOf(path)))
    const startedAt = performance.now()
    const answers = await inLanes(paths, lanes, (path) => ask(app, requestOf(path)))
    const wholeMs = performance.now() - startedAt
    if (answers.some((answer) => answer?.cached)) throw new Error('something was remembered')
    return { wholeMs, failed: answers.filter((answer) => answer === undefined).length }
  })
}

/** The answer; undefined when the file is none that can be read. */
export const ask = (app: App, request: Request): Promise<RunAnswer | undefined> =>
  runOperation(app, request).catch(() => undefined)

/** How many at once, in words. */
export const atOnce = (lanes: number): string => (lanes === 1 ? 'one after the other' : `${lanes} at once`)
