import { mkdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { createArtifactStore } from './cache/artifacts.ts'
import { createCache } from './cache/cache.ts'
import { openCatalog } from './catalog/catalog.ts'
import type { Config } from './config.ts'
import { MediaError } from './errors.ts'
import { EventBus } from './events.ts'
import { Executor } from './executor/executor.ts'
import { clearLeftovers } from './executor/leftovers.ts'
import { tidy } from './executor/tidy.ts'
import { JobEngine } from './jobs/engine.ts'
import { createLog } from './log.ts'

/**
 * Builds every part once, in the order in which they need each other. What a lower part must know of a higher one is
 * handed down here as a function or told by events. `stop()` takes down in the opposite order.
 */
export function createApp(config: Config, options: { operationsUrl?: string } = {}) {
  const log = createLog(config.logLevel)
  const events = new EventBus()
  makeFolder(config.data)
  const catalog = openCatalog(join(config.data, 'catalog.db'))
  const cache = createCache({
    file: join(config.data, 'cache.db'),
    l1Bytes: config.cache.l1Bytes,
    log,
    onError: (error) => events.emit('cache.failed', { message: error.message }),
  })
  const artifactFolder = join(config.data, 'artifacts')
  const artifacts = createArtifactStore(artifactFolder)
  const executor = new Executor({
    settings: config.workers,
    cache,
    catalog,
    artifacts,
    events,
    artifactFolder,
    ...options,
  })
  const exclude = [realpathSync(config.data)]
  const jobs = new JobEngine({ catalog, cache, artifacts, artifactFolder, executor, events, exclude }, log)
  let tidier: NodeJS.Timeout | undefined

  return {
    config,
    log,
    events,
    catalog,
    cache,
    artifacts,
    executor,
    jobs,
    /** Ends what an earlier process left behind: its workers, its half-written files. */
    clearLeftovers: () => clearLeftovers(catalog, artifacts, log),
    /** From now on holds cache and artifacts to their budgets, every hour; for a process that lives long. */
    keepTidy(): void {
      tidier = setInterval(() => {
        tidy(cache, catalog, artifacts).catch((error) => log.warn({ err: error }, 'tidying failed; it is tried again'))
      }, tidyEveryMs).unref()
    },
    async stop(): Promise<void> {
      clearInterval(tidier)
      await jobs.close()
      await executor.close()
      await cache.close()
      catalog.close()
    },
  }
}

const tidyEveryMs = 60 * 60_000

/** All parts, built. */
export type App = ReturnType<typeof createApp>

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true })
  } catch (error) {
    throw new MediaError('DATA_UNUSABLE', [path, (error as Error).message], { cause: error })
  }
}
