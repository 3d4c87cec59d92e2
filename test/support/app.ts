import { join } from 'node:path'
import { createApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import type { Events } from '../../src/events.ts'

/** The real parts on a data folder, with the settings given; stopped by `await using`. */
export function anApp(data: string, settings: Record<string, unknown> = {}, operationsUrl?: string) {
  const { config } = loadConfig({ data, logLevel: 'silent', 'workers.count': 2, ...settings }, {})
  const app = createApp(config, operationsUrl ? { operationsUrl } : {})
  return Object.assign(app, {
    /** Everything announced under a name, from now on. */
    heard<Name extends keyof Events>(name: Name): Events[Name][] {
      const facts: Events[Name][] = []
      app.events.on(name, (fact) => facts.push(fact))
      return facts
    },
    [Symbol.asyncDispose]: () => app.stop(),
  })
}

/** URL of the operations that go wrong on purpose, by file name. */
export const faultyOperations = new URL('./faulty-operations.ts', import.meta.url).href

/** The data folder inside a test's folder. */
export const dataIn = (folder: string) => join(folder, 'data')
