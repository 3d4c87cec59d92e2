/**
 * Every failure that mediamill announces: its HTTP status and its sentence. `%s` stands for the details, in order.
 * docs/errors.md explains each to people; a test holds both lists together.
 */
const table = {
  // The request
  PARAMS_INVALID: [400, '%s'],
  OPERATION_UNKNOWN: [404, 'There is no operation called "%s". Known are: %s.'],
  OPERATION_UNFIT: [422, 'The operation "%s" takes %s, but the file is a %s.'],
  NOT_FOUND: [404, 'There is no %s "%s".'],
  ROUTE_UNKNOWN: [404, 'There is no route %s. The list of routes is at /docs.'],
  PATH_FORBIDDEN: [403, 'The path "%s" is outside the allowed folders. Import its folder, or name it with --root.'],
  HOST_FORBIDDEN: [
    403,
    'The address "%s" is not one of this server. Requests must name localhost or the address it listens on.',
  ],
  REQUEST_INVALID: [400, 'The request can not be read: %s.'],
  ORIGIN_FORBIDDEN: [403, 'Pages of "%s" may not change anything here; only pages of this server may.'],
  METHOD_UNKNOWN: [405, '%s can not be asked of %s; it takes %s.'],
  TYPE_UNSUPPORTED: [415, 'A request body of the type "%s" is not understood here; send %s.'],
  RANGE_INVALID: [416, 'The range "%s" lies outside the %s bytes of the file.'],
  BODY_TOO_LARGE: [413, 'The request holds more than %s bytes, the most that this server takes.'],
  JOB_RUNNING: [409, 'The folder "%s" is being imported already, by the process %s.'],
  JOB_STATE_INVALID: [409, 'The job is %s and can not be %s.'],

  // The file
  FILE_MISSING: [404, 'The file "%s" does not exist.'],
  FILE_UNREADABLE: [422, 'The file can not be read: %s.'],
  FILE_CHANGED: [409, 'The file changed while it was read; it is tried again with the next import.'],
  FILE_EXISTS: [409, 'The file "%s" exists already and is not overwritten. Choose another folder, or move it away.'],
  FOLDER_MISSING: [404, 'The folder "%s" does not exist or is no folder.'],
  FOLDER_EMPTY: [
    409,
    'The folder "%s" is empty now, but %s files of it are known. Is its drive mounted? Nothing was changed.',
  ],
  EMPTY_FILE: [422, 'The file is empty.'],
  UNSUPPORTED_CONTENT: [422, 'The content is no picture, film or sound that can be read (%s).'],
  MEDIA_DAMAGED: [422, 'The file is damaged: %s.'],
  INPUT_TOO_LARGE: [422, 'The picture declares %s pixels; at most %s are accepted (workers.maxPixels).'],
  NO_PICTURE: [422, 'There is no picture to show in this file: %s.'],
  TOOL_MISSING: [501, 'This needs %s, which is not on this machine. "mediamill doctor" tells how to get it.'],

  // The work
  DECODER_CRASHED: [
    422,
    'The decoder crashed on this file (%s), twice. It is quarantined until file or decoder change.',
  ],
  DECODER_TIMED_OUT: [
    422,
    'The file took longer than %s to process, twice. It is quarantined until file or decoder change.',
  ],
  DECODER_OUT_OF_MEMORY: [
    422,
    'The file needed more than %s of memory, twice. It is quarantined until file or decoder change.',
  ],
  OUTPUT_FAULTY: [500, 'What was made did not pass its check and was not kept: %s.'],
  QUEUE_FULL: [429, 'Too much work is waiting already; try again in %s seconds.'],
  CANCELLED: [499, 'The work was cancelled.'],
  INTERNAL: [500, 'Something went wrong inside mediamill: %s.'],

  // The machine
  CONFIG_INVALID: [500, 'The setting %s should be %s, but %s says %s.'],
  DATA_IN_USE: [
    409,
    'The data folder %s is used by another mediamill (process %s). Stop it, or choose another with --data.',
  ],
  DATA_UNUSABLE: [500, 'The data folder %s can not be used: %s.'],
  PORT_IN_USE: [500, 'The address %s is in use already. Choose another with --port.'],
} as const satisfies Record<string, readonly [status: number, sentence: string]>

/** The stable name of a failure, the same in HTTP answers, events, the ledger and docs/errors.md. */
export type ErrorCode = keyof typeof table

/** All codes in the order of the table. */
export const errorCodes = Object.keys(table) as ErrorCode[]

/** The HTTP status that answers a code. */
export const statusOf = (code: ErrorCode): number => table[code][0]

/** The sentence of a code with its gaps unfilled, for the documentation. */
export const sentenceOf = (code: ErrorCode): string => table[code][1]

/** Only these can go away by themselves; everything else would fail the same way again. */
const transient: ReadonlySet<ErrorCode> = new Set([
  'DATA_UNUSABLE',
  'TOOL_MISSING',
  'FILE_CHANGED',
  'FILE_UNREADABLE',
  'QUEUE_FULL',
  'CANCELLED',
  'INTERNAL',
])

/** The only error thrown on purpose: a code of the table with its details; what a library threw is kept as `cause`. */
export class MediaError extends Error {
  override readonly name = 'MediaError'
  readonly code: ErrorCode
  readonly details: readonly string[]

  constructor(code: ErrorCode, details: readonly (string | number)[] = [], options?: { cause?: unknown }) {
    const texts = details.map(String)
    const gaps = [...texts]
    super(
      table[code][1].replace(/%s/g, () => gaps.shift() ?? 'unknown'),
      options,
    )
    this.code = code
    this.details = texts
  }

  /** The HTTP status that answers this error. */
  get status(): number {
    return table[this.code][0]
  }
}

/** Whether failures of this code are remembered and not tried again by the next import. */
export const isFinalCode = (code: ErrorCode): boolean => !transient.has(code)

/** An error that was met elsewhere, in another process or earlier, in the words it had there. */
export function errorSaying(code: ErrorCode, sentence: string, options?: { cause?: unknown }): MediaError {
  const error = new MediaError(code, [], options)
  error.message = sentence
  return error
}

/** Makes a MediaError of anything thrown: one of ours as it is, all else as INTERNAL with the original as cause. */
export function toMediaError(thrown: unknown): MediaError {
  if (thrown instanceof MediaError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  // What SQLite reports is about the disk or the catalog's file, never about a media file.
  if ((thrown as { code?: unknown } | null)?.code === 'ERR_SQLITE_ERROR') {
    const advice = /malformed|not a database/.test(message) ? '; move catalog.db away and import again' : ''
    return new MediaError('DATA_UNUSABLE', ['of this run', `${message}${advice}`], { cause: thrown })
  }
  return new MediaError('INTERNAL', [message.replace(/\.$/, '')], { cause: thrown })
}
