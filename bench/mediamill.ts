import { inRepository, run } from './commands.ts'
import type { Measures } from './measure.ts'

interface Counts {
  readonly done: number
  readonly cached: number
  readonly failed: number
}

/** Imports a folder by the real command, and makes sure that all its files ended as they should. */
export async function importFolder(folder: string, data: string, expected: Partial<Counts>): Promise<Measures> {
  const args = [inRepository('bin/mediamill.js'), 'import', folder, '--data', data, '--json']
  const { stdout, wholeMs, peakBytes } = await run(process.execPath, args)
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string; at: string; files?: Counts })
  const [started, finished] = ['job.started', 'job.finished'].map((name) => events.find(({ event }) => event === name))
  const files = finished?.files
  for (const [state, count] of Object.entries({ done: 0, cached: 0, failed: 0, ...expected })) {
    if (files?.[state as keyof Counts] !== count) throw new Error(`the import did other work: ${JSON.stringify(files)}`)
  }
  return { wholeMs, workMs: Date.parse(finished?.at ?? '') - Date.parse(started?.at ?? ''), peakBytes }
}
