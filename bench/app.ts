import { type App, createApp } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { freshFolder } from './fresh-folder.ts'

/** Real parts with so many workers on an empty data folder, stopped afterwards. */
export async function withApp<Result>(
  folder: string,
  workers: number,
  work: (app: App) => Promise<Result>,
): Promise<Result> {
  const data = freshFolder(folder, 'data')
  const app = createApp(loadConfig({ data, logLevel: 'silent', 'workers.count': workers }, {}).config)
  try {
    return await work(app)
  } finally {
    await app.stop()
  }
}

/** Does something with each item, so many at once; results in the items' order. */
export async function inLanes<Item, Result>(
  items: readonly Item[],
  lanes: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const queue = items.entries()
  const lane = async () => {
    for (const [at, item] of queue) results[at] = await work(item)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return results
}
