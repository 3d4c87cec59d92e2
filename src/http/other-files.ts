import { isAbsolute } from 'node:path'
import type { FastifyRequest } from 'fastify'
import { otherFilesIn } from '../executor/other-files.ts'
import type { Operation } from '../operations/operation.ts'
import { isTrusted } from './guard.ts'
import type { HttpParts } from './parts.ts'
import { resolveAllowed } from './paths.ts'

/** Throws PATH_FORBIDDEN or FILE_MISSING unless a request may name this file; gives its real path. */
export async function allowPath(parts: HttpParts, path: string, request: FastifyRequest): Promise<string> {
  return isTrusted(request, parts.token) ? path : resolveAllowed(path, allowedFolders(parts))
}

/** The folders whose files may leave: those that were allowed by the settings, and those of the collections. */
export const allowedFolders = ({ config, catalog }: Pick<HttpParts, 'config' | 'catalog'>): string[] => [
  ...config.roots,
  ...catalog.collections.list().map(({ root }) => root),
]

/** What holds work for a request to the allowed folders, wherever links lead; nothing for this server's own commands. */
export const boundsFor = (parts: HttpParts, request: FastifyRequest): { within?: readonly string[] } =>
  isTrusted(request, parts.token) ? {} : { within: allowedFolders(parts) }

/**
 * Parameters whose other files (a reference, a watermark) may be used: paths are real ones below the allowed folders, and
 * a name of `uploads` stands for the file that came in the form's field of that name.
 */
export async function allowedParams(
  parts: HttpParts,
  operations: readonly Operation[],
  params: Record<string, unknown>,
  request: FastifyRequest,
  uploads: ReadonlyMap<string, string> = new Map(),
): Promise<Record<string, unknown>> {
  for (const operation of operations) {
    const { mapFiles, params: schema } = operation
    const parsed = schema.safeParse(params)
    if (!mapFiles || !parsed.success) continue
    const allowed = new Map<string, string>()
    for (const name of otherFilesIn(operation, parsed.data)) {
      const upload = uploads.get(name)
      if (upload !== undefined) allowed.set(name, upload)
      else if (isAbsolute(name)) allowed.set(name, await allowPath(parts, name, request))
    }
    if (allowed.size > 0) return mapFiles(parsed.data, (name) => allowed.get(name) ?? name)
  }
  return params
}
