import { basename } from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { MediaError } from '../errors.ts'
import { type RunAnswer, runOperation } from '../executor/run.ts'
import { operations } from '../operations/index.ts'
import type { Operation } from '../operations/operation.ts'
import { parametersFromTexts } from '../operations/parameters.ts'
import { isTrusted } from './guard.ts'
import type { HttpParts, Server } from './parts.ts'
import { resolveAllowed } from './paths.ts'
import { sentencesOf } from './reply.ts'
import { idIn } from './thumbnails.ts'
import { receiveUpload, uploadsIn } from './uploads.ts'

/** A file that an operation made, as answers name it. */
export const artifactSchema = z.object({
  role: z.string().describe('What it is for.'),
  path: z.string().describe('Where it lies, absolute.'),
  format: z.string().describe('A name of the format table, or a file ending.'),
  width: z.number().int().optional().describe('In pixels, where it is a picture.'),
  height: z.number().int().optional().describe('In pixels, where it is a picture.'),
  bytes: z.number().int().describe('Its size.'),
  url: z.string().describe('Where it can be fetched; what is there never changes.'),
})

/** Every operation as `POST /api/<group>/<name>`, made of its declaration alone. */
export function operationRoutes(server: Server, parts: HttpParts): void {
  for (const operation of operations) {
    server.post(
      `/api/${operation.group}/${operation.name}`,
      {
        // Checked below, because a form's fields are there only when its file has been received.
        validatorCompiler: () => (value) => ({ value }),
        schema: {
          summary: operation.summary,
          description: `Takes ${operation.accepts.map((kind) => `${kind}s`).join(', ')}. Send JSON that names the file by \`asset\` or \`path\`, or a form (multipart/form-data) with the file itself in the field \`file\` and the parameters as further fields.`,
          tags: [operation.group],
          consumes: ['application/json', 'multipart/form-data'],
          body: bodyOf(operation),
          response: { 200: answerOf(operation) },
        },
      },
      (request, reply) => answer(operation, parts, request, reply),
    )
  }
}

/** What an operation takes: the file and its parameters, flat. */
export function bodyOf({ params }: Operation) {
  return params
    .safeExtend({
      asset: z.string().optional().describe('Id of an asset, or its unique beginning. Either this or `path`.'),
      path: z.string().optional().describe('Absolute path of a file below an allowed folder. Either this or `asset`.'),
    })
    .strict()
}

/** What an operation answers. */
export const answerOf = ({ result }: Operation) =>
  z.object({
    operation: z.string().describe('Its name.'),
    path: z.string().describe('The file, absolute; of an uploaded file the name that it came with.'),
    asset: z.string().describe('The id of its content.'),
    cached: z.boolean().describe('True when it was remembered and nothing had to be done.'),
    durationMs: z.number().describe('How long it took.'),
    result: result.describe('The answer of the operation itself.'),
    artifacts: z.array(artifactSchema).describe('Files that it made.'),
  })

async function answer(operation: Operation, parts: HttpParts, request: FastifyRequest, reply: FastifyReply) {
  const { name, group } = operation
  const signal = signalOf(reply)
  const isForm = request.headers['content-type']?.startsWith('multipart/form-data') ?? false
  const ran = isForm ? await runOnUpload() : await runOnNamed()
  reply.cacheStrategy = ran.cached ? 'hit' : 'miss'
  return withUrls(ran)

  async function runOnNamed(): Promise<RunAnswer> {
    const { path, asset, ...params } = parse(operation, request.body)
    if ((path === undefined) === (asset === undefined)) {
      throw new MediaError('PARAMS_INVALID', ['Expected one of "asset" and "path", to name the file.'])
    }
    const file = path === undefined ? { asset: String(asset) } : { path: await allow(String(path)) }
    return runOperation(parts, { ...file, operation: name, group, params, signal })
  }

  async function runOnUpload(): Promise<RunAnswer> {
    const { data, server } = parts.config
    const options = { folder: uploadsIn(data), maxBytes: server.uploadBytes, signal }
    const upload = await receiveUpload(request, options)
    try {
      const given = parametersFromTexts(operation.params, upload.fields)
      const { path: _, asset: __, ...params } = parse(operation, given)
      if ('path' in given || 'asset' in given) {
        throw new MediaError('PARAMS_INVALID', ['A form brings its file along and names neither "asset" nor "path".'])
      }
      const ran = await runOperation(parts, { path: upload.path, operation: name, group, params, signal })
      return { ...ran, path: basename(upload.name) }
    } finally {
      await upload.remove()
    }
  }

  async function allow(path: string): Promise<string> {
    if (isTrusted(request, parts.token)) return path
    return resolveAllowed(path, [...parts.config.roots, ...parts.catalog.collections.list().map(({ root }) => root)])
  }
}

/** The body with the operation's own parameters as they were given; the runner fills in the defaults. */
function parse(operation: Operation, body: unknown): Record<string, unknown> {
  const parsed = bodyOf(operation).safeParse(body ?? {})
  if (parsed.success) return { ...(body as Record<string, unknown>) }
  throw new MediaError('PARAMS_INVALID', [sentencesOf(parsed.error)], { cause: parsed.error })
}

/** Fires when the client goes away before it has its answer. */
export function signalOf(reply: FastifyReply): AbortSignal {
  const control = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) control.abort(new MediaError('CANCELLED'))
  })
  return control.signal
}

/** The answer with an address for each of its files. */
const withUrls = (ran: RunAnswer) => ({
  ...ran,
  result: ran.result as Record<string, unknown>,
  artifacts: ran.artifacts.map((artifact) => ({
    ...artifact,
    url: `/api/artifacts/${idIn(artifact.path)}.${artifact.format}`,
  })),
})
