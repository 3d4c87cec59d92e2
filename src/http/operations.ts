import { basename } from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { errorSaying, MediaError } from '../errors.ts'
import { otherFilesIn } from '../executor/other-files.ts'
import { type RunAnswer, type RunRequest, runOperation } from '../executor/run.ts'
import type { Told } from '../executor/worker-io.ts'
import { operations } from '../operations/index.ts'
import type { Operation } from '../operations/operation.ts'
import { sentencesOf } from '../operations/parameter-errors.ts'
import { parametersFromTexts, parseParameters } from '../operations/parameters.ts'
import { artifactSchema, withUrls } from './artifact-view.ts'
import { allowedParams, allowPath, boundsFor } from './other-files.ts'
import type { HttpParts, Server } from './parts.ts'
import { prefersAsync, runStarted, selectionOf, start, wholeId } from './runs.ts'
import { answerWithProgress, wantsProgress } from './told-answer.ts'
import { receiveUpload, type Upload, uploadsIn } from './uploads.ts'

/** Every operation as `POST /api/<group>/<name>`, made of its declaration alone. */
export function operationRoutes(server: Server, parts: HttpParts): void {
  for (const operation of operations) {
    server.post(
      `/api/${operation.group}/${operation.name}`,
      {
        // Checked below, because a form's fields are there only when its file has been received.
        validatorCompiler: () => (value) => ({ value }),
        schema: {
          summary: operation.name,
          description: `${operation.summary}\n\nTakes ${operation.accepts.map((kind) => `${kind}s`).join(', ')}. Send JSON that names the file by \`asset\` or \`path\`, or a form (multipart/form-data) with the file itself in the field \`file\` and the parameters as further fields. With \`collection\`, or with the header \`Prefer: respond-async\` and an \`asset\`, it is done as a job, and the answer is 202 with its id. With \`Accept: application/x-ndjson\` progress is told while it runs, one event a line, the last of them \`result\` or \`task.failed\`.${operation.mapFiles ? ' Other files that parameters name are paths or assets, or come along in fields of the form, by whose names they are called.' : ''}`,
          tags: [operation.group],
          consumes: ['application/json', 'multipart/form-data'],
          body: bodyOf(operation),
          response: { 200: answerOf(operation), 202: runStarted },
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
      collection: z
        .string()
        .optional()
        .describe('Instead of one file: all of a collection (its id, or the absolute path of its folder), as a job.'),
    })
    .strict()
}

/** What an operation answers. */
export const answerOf = ({ result }: Operation) =>
  z.object({
    operation: z.string().describe('Its name.'),
    path: z.string().describe('The file, absolute; of an uploaded file the name that it came with.'),
    asset: z
      .string()
      .describe(
        'The id of its content; of a large film that is not known yet, and was asked for something quick, a name of the file (`f-…`).',
      ),
    cached: z.boolean().describe('True when it was remembered and nothing had to be done.'),
    durationMs: z.number().describe('How long it took.'),
    result: result.describe('The answer of the operation itself.'),
    artifacts: z.array(artifactSchema).describe('Files that it made.'),
  })

async function answer(operation: Operation, parts: HttpParts, request: FastifyRequest, reply: FastifyReply) {
  const { name, group } = operation
  const signal = signalOf(reply)
  const isForm = request.headers['content-type']?.startsWith('multipart/form-data') ?? false
  if (wantsProgress(request) && !prefersAsync(request)) {
    const { path = '' } = (request.body ?? {}) as { path?: string }
    return answerWithProgress(reply, { operation: name, path }, async (tell) => told(await run(tell)))
  }
  return told(await run())

  function run(onProgress?: (told: Told) => void) {
    const watched = onProgress ? { onProgress } : {}
    return isForm ? runOnUpload(watched) : runOnNamed(watched)
  }

  function told(ran: Awaited<ReturnType<typeof run>>) {
    if ('job' in ran) return ran
    reply.cacheStrategy = ran.cached ? 'hit' : 'miss'
    return withUrls(ran)
  }

  async function runOnNamed(watched: Pick<RunRequest, 'onProgress'>) {
    const { path, asset, collection, ...params } = parse(operation, request.body)
    const named = [path, asset, collection].filter((name) => name !== undefined)
    if (named.length !== 1) {
      throw new MediaError('PARAMS_INVALID', ['Expected one of "asset", "path" and "collection", to name the file.'])
    }
    const asked = { operation: name, group, params }
    if (collection !== undefined) return start(parts, asked, selectionOf(parts, String(collection)), request, reply)
    if (asset !== undefined && prefersAsync(request)) {
      return start(parts, asked, { assets: [wholeId(parts, String(asset))] }, request, reply)
    }
    const file = path === undefined ? { asset: String(asset) } : { path: await allowPath(parts, String(path), request) }
    const allowed = await allowedParams(parts, [operation], params, request)
    return runOperation(parts, { ...file, ...asked, params: allowed, signal, ...watched, ...boundsFor(parts, request) })
  }

  async function runOnUpload(watched: Pick<RunRequest, 'onProgress'>): Promise<RunAnswer> {
    const { data, server } = parts.config
    const options = { folder: uploadsIn(data), maxBytes: server.uploadBytes, signal }
    const upload = await receiveUpload(request, options)
    try {
      const given = parametersFromTexts(operation.params, fieldsOf(operation, upload))
      if ('path' in given || 'asset' in given || 'collection' in given) {
        throw new MediaError('PARAMS_INVALID', ['A form brings its file along and names neither "asset" nor "path".'])
      }
      const parsed = parse(operation, given)
      assertUsed(operation, parsed, upload)
      const params = await allowedParams(parts, [operation], parsed, request, upload.others)
      const { within } = boundsFor(parts, request)
      const bounds = within ? { within: [...within, options.folder] } : {}
      const asked = { path: upload.path, operation: name, group, params, signal, ...watched, ...bounds }
      const ran = await runOperation(parts, asked)
      return { ...ran, path: basename(upload.name) }
    } catch (thrown) {
      throw inWordsOfForm(thrown, upload)
    } finally {
      await upload.remove()
    }
  }
}

/** A file that no parameter speaks of was sent by mistake. */
function assertUsed(operation: Operation, params: Record<string, unknown>, { others }: Upload): void {
  const used = new Set(otherFilesIn(operation, parseParameters(operation.params, params)))
  const idle = [...others.keys()].find((name) => !used.has(name))
  if (idle === undefined) return
  throw new MediaError('PARAMS_INVALID', [`No parameter speaks of the file in the field "${idle}".`])
}

/** A failure that tells of a file of the form by the field it came in: where it lay meanwhile is nobody's business. */
function inWordsOfForm(thrown: unknown, { path, others }: Upload): unknown {
  if (!(thrown instanceof MediaError)) return thrown
  const places = [['file', path] as const, ...others]
  const named = places.reduce((text, [field, place]) => text.replaceAll(place, field), thrown.message)
  return named === thrown.message ? thrown : errorSaying(thrown.code, named, { cause: thrown.cause })
}

/** The form's fields without those of files that only parameters speak of. */
const fieldsOf = ({ params }: Operation, { fields, others }: Upload): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !others.has(name) || name in params.shape))

/** The body with the operation's own parameters as they were given; the runner fills in the defaults. */
function parse(operation: Operation, body: unknown): Record<string, unknown> {
  const schema = bodyOf(operation)
  const parsed = schema.safeParse(body ?? {})
  if (parsed.success) return { ...(body as Record<string, unknown>) }
  const { error } = parsed
  throw new MediaError('PARAMS_INVALID', [sentencesOf(error, schema, body)], { cause: error })
}

/** Fires when the client goes away before it has its answer. */
export function signalOf(reply: FastifyReply): AbortSignal {
  const control = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) control.abort(new MediaError('CANCELLED'))
  })
  return control.signal
}
