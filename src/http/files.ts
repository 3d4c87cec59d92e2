import type { Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { MediaError } from '../errors.ts'
import { formats } from '../media/formats.ts'
import { assertOpenedInside } from './opened-path.ts'

/** A file to be sent, and how it may be kept. */
export interface SentFile {
  readonly path: string
  readonly mime: string
  /** What the content is known by, without quotes; the same for the same content for ever. */
  readonly tag: string
  readonly cacheControl: string
  /** Told the opened file before anything of it is sent; throws when it is not the one that is meant. */
  readonly check?: (stats: Stats) => void
  /** Folders that it must lie in, links followed, when it is opened; anywhere when absent. */
  readonly within?: readonly string[]
}

/** Whatever is shown in a browser as a page of its own, such as an SVG with scripts, can do nothing. */
const sandbox = "default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'; sandbox"

/** A year; what carries its own hash in its address never changes. */
export const forEver = 'public, max-age=31536000, immutable'

/** For addresses whose content may change: kept, and asked for again each time. */
export const askAgain = 'private, max-age=10, must-revalidate'

/** The MIME type of a format of the table, or of another file that operations make. */
export const mimeOf = (format: string): string =>
  Object.hasOwn(formats, format)
    ? formats[format as keyof typeof formats].mime
    : format === 'vtt'
      ? 'text/vtt; charset=utf-8'
      : 'application/octet-stream'

/**
 * Sends a file, or the range of it that was asked for, or 304. Written here because @fastify/send reads paths as
 * addresses, where names with a backslash or a percent sign can not be served, and opens a file after looking at it,
 * when it may be another one already.
 */
export async function sendFile(request: FastifyRequest, reply: FastifyReply, file: SentFile): Promise<FastifyReply> {
  if (isKnown(request, file.tag)) {
    describe(reply, file)
    return reply.code(304).send()
  }
  const handle = await openFile(file.path)
  try {
    const stats = await handle.stat()
    if (file.within) await assertOpenedInside(handle, file.path, file.within)
    file.check?.(stats)
    // Only now: a problem must not be kept as long as the file might be.
    describe(reply, file)
    reply.header('last-modified', stats.mtime.toUTCString())
    const range = rangeOf(request, file.tag, stats.size)
    if (range === 'outside') {
      reply.header('content-range', `bytes */${stats.size}`)
      throw new MediaError('RANGE_INVALID', [request.headers.range ?? '', stats.size])
    }
    const { start, end } = range ?? { start: 0, end: stats.size - 1 }
    if (range) reply.code(206).header('content-range', `bytes ${start}-${end}/${stats.size}`)
    reply.header('content-length', end - start + 1)
    if (request.method === 'HEAD' || end < start) {
      await handle.close()
      // A stream, though an empty one: it is what leaves the length above as it is.
      return reply.send(Readable.from([]))
    }
    // The stream closes the file, also when the client goes away.
    return reply.send(handle.createReadStream({ start, end, highWaterMark: 256 * 1024 }))
  } catch (error) {
    await handle.close()
    for (const header of ['content-disposition', 'cache-control', 'etag', 'last-modified']) reply.removeHeader(header)
    throw error
  }
}

/** The headers that tell what a file is and how long it may be kept. */
export function describe(reply: FastifyReply, { path, mime, tag, cacheControl }: SentFile): void {
  reply
    .type(mime)
    .header('etag', `"${tag}"`)
    .header('cache-control', cacheControl)
    .header('accept-ranges', 'bytes')
    .header('content-security-policy', sandbox)
    .header('content-disposition', inlineAs(basename(path)))
}

/** Whether the client has this content already. */
export function isKnown({ headers }: FastifyRequest, tag: string): boolean {
  const given = headers['if-none-match']
  if (given === undefined) return false
  return given.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === `"${tag}"`)
}

/** The single range that is asked for; undefined for the whole file, also when several are asked for. */
export function rangeOf(
  { headers }: Pick<FastifyRequest, 'headers'>,
  tag: string,
  bytes: number,
): { start: number; end: number } | 'outside' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(headers.range?.trim() ?? '')
  const [, first = '', last = ''] = match ?? []
  if (!match || first + last === '') return undefined
  const since = headers['if-range']
  if (since !== undefined && since !== `"${tag}"`) return undefined
  if (first === '') {
    const length = Math.min(Number(last), bytes)
    return length === 0 ? 'outside' : { start: bytes - length, end: bytes - 1 }
  }
  const start = Number(first)
  const end = last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1)
  if (last !== '' && Number(last) < start) return undefined
  return start >= bytes ? 'outside' : { start, end }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new MediaError('FILE_MISSING', [basename(path)], { cause: error })
    throw new MediaError('FILE_UNREADABLE', [code === 'EACCES' ? 'permission denied' : (code ?? 'unknown')], {
      cause: error,
    })
  }
}

/** The name in plain letters for old clients, and exactly for all others (RFC 6266). */
function inlineAs(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_')
  const exact = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `inline; filename="${plain}"; filename*=UTF-8''${exact}`
}
