import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { ArtifactStore } from '../cache/artifacts.ts'
import type { ResultCache } from '../cache/cache.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { EventBus } from '../events.ts'
import type { Executor } from '../executor/executor.ts'
import type { JobEngine } from '../jobs/engine.ts'
import type { Logger } from '../log.ts'
import type { ServerSettings } from './settings.ts'

/** What the server is built from; the app's parts fit. */
export interface HttpParts {
  readonly config: {
    /** The data folder; uploads wait below it. */
    readonly data: string
    /** Folders whose files may be named by path, besides those of the collections. */
    readonly roots: readonly string[]
    readonly server: ServerSettings
  }
  readonly log: Logger
  readonly events: EventBus
  readonly catalog: Catalog
  readonly cache: ResultCache
  readonly artifacts: ArtifactStore
  readonly executor: Executor
  readonly jobs: JobEngine
  /** The secret of this server's own commands (header `x-mediamill-token`): who has it may name any file. */
  readonly token?: string
  /** Makes the sample library and answers its folder; without it there is no such route. */
  readonly makeSample?: () => Promise<string>
}

/** The server with its types: request and answer follow from the route's schemas. */
export type Server = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>
