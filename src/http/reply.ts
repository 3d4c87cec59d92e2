import { randomBytes } from 'node:crypto'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type ErrorCode, errorCodes, MediaError, toMediaError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { inWords } from '../operations/expectations.ts'

/** One field of a request that is not as it should be. */
export interface FieldProblem {
  /** `edge`, or `crop.width` for a nested one; empty for the request as a whole. */
  readonly field: string
  readonly expected: string
}

/** The answer to whatever goes wrong (RFC 9457). */
export const problemSchema = z
  .object({
    type: z.string().describe('Address of the explanation of this kind of problem.'),
    title: z.string().describe('The kind of problem in words.'),
    status: z.number().int().describe('The HTTP status.'),
    detail: z.string().describe('What went wrong this time, in a sentence.'),
    code: z.enum(errorCodes as [ErrorCode, ...ErrorCode[]]).describe('The stable name of the problem, for programs.'),
    errors: z
      .array(z.object({ field: z.string(), expected: z.string() }))
      .optional()
      .describe('Which field expected what, when the request was wrong.'),
  })
  .describe('What went wrong.')

/** What went wrong, ready to be sent. */
export type Problem = z.output<typeof problemSchema>

/** One page of a list. */
export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item).describe('The entries of this page.'),
    next: z.string().nullable().describe('Give it as `cursor` to get the next page; null at the end.'),
    total: z.number().int().describe('How many entries there are on all pages.'),
  })

/** Parameters by which lists are read page by page. */
export const paging = {
  limit: z.coerce.number().int().min(1).max(500).default(50).describe('Entries on one page.'),
  cursor: z.string().optional().describe('`next` of the page before; without it the list begins.'),
}

/** A position in a list as an opaque text. */
export const toCursor = (position: unknown): string => Buffer.from(JSON.stringify(position)).toString('base64url')

/** The position that a cursor stands for. Throws PARAMS_INVALID for what is none. */
export function fromCursor<Position>(cursor: string | undefined, schema: z.ZodType<Position>): Position | undefined {
  if (cursor === undefined) return undefined
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
  } catch (error) {
    throw new MediaError('PARAMS_INVALID', [`Expected the "next" of an earlier page for "cursor".`], { cause: error })
  }
}

/** Answers with what went wrong, whatever was thrown; what the log keeps of an inner fault is named, not told. */
export function sendProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply, log: Logger): FastifyReply {
  const error = translate(thrown as FastifyError, request)
  if (error.code === 'QUEUE_FULL') reply.header('retry-after', error.details[0] ?? '2')
  if (error.code === 'METHOD_UNKNOWN') reply.header('allow', error.details[2] ?? '')
  return reply.code(error.status).type('application/problem+json').send(toProblem(error, log))
}

/** The problem that an error stands for. */
function toProblem(error: MediaError, log: Pick<Logger, 'error'>): Problem {
  const { code, status } = error
  const fields = fieldsOf(error.cause)
  return {
    type: `/docs/errors#${code.toLowerCase().replaceAll('_', '-')}`,
    title: titleOf(code),
    status,
    detail: code === 'INTERNAL' ? innerFault(error, log) : error.message,
    code,
    ...(fields.length > 0 ? { errors: fields } : {}),
  }
}

/** The name of a code in words: `Path forbidden`. */
export const titleOf = (code: ErrorCode): string => code.charAt(0) + code.slice(1).toLowerCase().replaceAll('_', ' ')

/** Only the log learns the reason: it may hold paths and other things that are nobody's business. */
function innerFault(error: MediaError, log: Pick<Logger, 'error'>): string {
  const mark = randomBytes(4).toString('hex')
  log.error({ err: error.cause ?? error, mark }, 'a request failed')
  return `Something went wrong inside mediamill. The log tells the reason under "${mark}".`
}

/** Fastify's own errors in our words. */
function translate(error: FastifyError, request: FastifyRequest): MediaError {
  if (error instanceof MediaError) return error
  const type = request.headers['content-type'] ?? 'none'
  const options = { cause: error }
  if (error.validation) {
    return new MediaError('PARAMS_INVALID', [sentencesOf(error)], options)
  }
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_INVALID_MULTIPART_CONTENT_TYPE':
      return new MediaError('TYPE_UNSUPPORTED', [type, 'application/json'], options)
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new MediaError('BODY_TOO_LARGE', [request.routeOptions.bodyLimit], options)
    case 'FST_ERR_BAD_URL':
      return new MediaError('REQUEST_INVALID', ['the address is not encoded as addresses are'], options)
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new MediaError('REQUEST_INVALID', ['a part of the address is longer than any name here'], options)
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return new MediaError('REQUEST_INVALID', ['it says that it holds JSON, which it does not'], options)
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return new MediaError('REQUEST_INVALID', ['it says that it holds JSON, and is empty'], options)
  }
  const status = error.statusCode ?? 500
  // Any other complaint of Fastify, its parsers or plugins about the request: none names files of ours.
  if (status >= 400 && status < 500) {
    return new MediaError('REQUEST_INVALID', [error.message.replace(/[\r\n]+/g, ' ').replace(/\.$/, '')], options)
  }
  return toMediaError(error)
}

/** Which field of a request expected what, from whatever found it wrong. */
function fieldsOf(cause: unknown): FieldProblem[] {
  if (cause instanceof z.ZodError) {
    return cause.issues.flatMap((issue) => toFields(issue.path.join('.'), issue.message, keysOf(issue)))
  }
  const validation = (cause as Partial<FastifyError> | undefined)?.validation ?? []
  return validation.flatMap(({ instancePath, message, params }) =>
    toFields(instancePath.replace(/^\//, '').replaceAll('/', '.'), message ?? '', keysOf(params)),
  )
}

const keysOf = (issue: object): readonly string[] => ('keys' in issue ? (issue.keys as string[]) : [])

/** Unknown names are told one by one, as fields that expect not to be there. */
function toFields(field: string, message: string, unknown: readonly string[]): FieldProblem[] {
  if (unknown.length > 0) {
    return unknown.map((key) => ({ field: field === '' ? key : `${field}.${key}`, expected: unknownName }))
  }
  return [{ field, expected: inWords(message) }]
}

const unknownName = 'nothing, as there is no such name'

/** What is wrong with a request, in sentences, by the error that found it wrong. */
const sentencesOf = (cause: unknown): string => fieldsOf(cause).map(sentenceOf).join(' ')

const sentenceOf = ({ field, expected }: FieldProblem): string =>
  field === ''
    ? `Expected ${expected}.`
    : expected === unknownName
      ? `There is no parameter "${field}".`
      : `Expected ${expected} for "${field}".`
