import type { App } from '../src/app.ts'
import { type RunAnswer, runOperation } from '../src/executor/run.ts'
import { inLanes, withApp } from './app.ts'
import type { BenchContext } from './bench.ts'
import type { Measures } from './measure.ts'

/** What the parts of the bench on films share of its context. */
export type FilmBenchContext = Pick<BenchContext<unknown>, 'folder' | 'runs' | 'note' | 'material'>

type Request = Parameters<typeof runOperation>[1]

/** Asks for all files on parts that remember nothing, their workers started and their libraries loaded, as in a server. */
export function answering(
  folder: string,
  lanes: number,
  paths: readonly string[],
  requestOf: (path: string) => Request,
): Promise<Measures> {
  return withApp(folder, lanes, async (app) => {
    await inLanes(paths.slice(0, 8 * lanes), lanes, (path) => ask(app, { path, operation: 'metadata', params: {} }))
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
