import '../quiet-ffmpeg.ts'
import { AVERROR_DECODER_NOT_FOUND, AVERROR_INVALIDDATA, AVERROR_PATCHWELCOME } from 'node-av/constants'
import { Dictionary, FFmpegError, FormatContext, InputFormat, PosixError } from 'node-av/lib'
import { MediaError } from '../../errors.ts'
import { type FormatName, formats } from '../formats.ts'
import { spareDecoding } from './setup/spare-decoding.ts'

/**
 * Which demuxer reads a format. It is always named: FFmpeg's own guess would open a file as a playlist (HLS, DASH, concat,
 * SDP, …) when its content says so, and a playlist makes it read other files and addresses.
 */
const demuxers: Partial<Record<FormatName, string>> = {
  mp4: 'mov',
  mov: 'mov',
  '3gp': 'mov',
  m4a: 'mov',
  mkv: 'matroska',
  webm: 'matroska',
  avi: 'avi',
  ts: 'mpegts',
  ps: 'mpeg',
  flv: 'flv',
  asf: 'asf',
  mp3: 'mp3',
  aac: 'aac',
  flac: 'flac',
  ogg: 'ogg',
  wav: 'wav',
  aiff: 'aiff',
  amr: 'amr',
  ac3: 'ac3',
}

/**
 * Opens a local file with the demuxer of its sniffed format and reads its streams' facts; the caller closes it. `quick` leaves
 * out what `tellOfPacket` may find out with less work.
 */
export async function openInput(path: string, format: FormatName, quick = false): Promise<FormatContext> {
  const context = await openHeader(path, format)
  try {
    if (quick) spareDecoding(context)
    const read = await context.findStreamInfo(null)
    if (read < 0) throw filmError(read, path, 'its streams can not be read')
    if (context.nbStreams === 0) throw new MediaError('MEDIA_DAMAGED', ['it holds no streams'])
    return context
  } catch (error) {
    await context.closeInput()
    throw error
  }
}

/** Opens a local file and reads its header, and nothing of what its streams hold; the caller closes it. */
export async function openHeader(path: string, format: FormatName): Promise<FormatContext> {
  const name = demuxers[format]
  const demuxer = name === undefined ? null : InputFormat.findInputFormat(name)
  if (name === undefined || demuxer === null) {
    throw new MediaError('UNSUPPORTED_CONTENT', [`${formats[format].mime} is no film or sound`])
  }
  const context = new FormatContext()
  context.allocContext()
  // The lists hold what a demuxer may open by itself, and so does `file:`, which keeps a name from being read as a protocol.
  const options = Dictionary.fromObject({ protocol_whitelist: 'file', format_whitelist: demuxer.name ?? name })
  try {
    const opened = await context.openInput(`file:${path}`, demuxer, options)
    if (opened === noMemory) throw new MediaError('MEDIA_DAMAGED', [absurd], { cause: FFmpegError.fromCode(opened) })
    if (opened < 0) throw filmError(opened, path, cutOff(name))
    return context
  } catch (error) {
    await context.closeInput()
    throw error
  } finally {
    options.free()
  }
}

// Headers are small: what can not be held are tables and tracks that are only announced.
const noMemory = FFmpegError.AVERROR(PosixError.ENOMEM)
const absurd = 'its header announces more than can be held in memory'

function cutOff(demuxer: string): string {
  return demuxer === 'mov'
    ? 'its index (moov) is missing or can not be read, as when a recording or a copy was cut off'
    : 'its beginning can not be read'
}

/** The MediaError of an FFmpeg return code, with FFmpeg's own words as cause; `damage` says what is wrong when the data is. */
export function filmError(code: number, path: string, damage: string): MediaError {
  const options = { cause: FFmpegError.fromCode(code) ?? new Error(`FFmpeg code ${code}`) }
  switch (code) {
    case FFmpegError.AVERROR(PosixError.ENOENT):
      return new MediaError('FILE_MISSING', [path], options)
    case FFmpegError.AVERROR(PosixError.EACCES):
    case FFmpegError.AVERROR(PosixError.EPERM):
      return new MediaError('FILE_UNREADABLE', [reasonOf(code)], options)
    case FFmpegError.AVERROR(PosixError.ENOMEM):
      return new MediaError('INTERNAL', ['there was not enough memory to decode it'], options)
    case AVERROR_DECODER_NOT_FOUND:
    case AVERROR_PATCHWELCOME:
      return new MediaError('UNSUPPORTED_CONTENT', [reasonOf(code)], options)
    case AVERROR_INVALIDDATA:
    // Demuxers say so of files that end too early, which is far more usual than a disk that fails.
    case FFmpegError.AVERROR(PosixError.EIO):
      return new MediaError('MEDIA_DAMAGED', [damage], options)
    default:
      return new MediaError('MEDIA_DAMAGED', [`${damage} (${reasonOf(code)})`], options)
  }
}

/** What decoders and filters answer when they want more before they give anything, or must be emptied before they take more. */
export const again = FFmpegError.AVERROR(PosixError.EAGAIN)

/** FFmpeg's words for a return code, as part of a sentence. */
export function reasonOf(code: number): string {
  const words = FFmpegError.strerror(code).trim()
  return words.charAt(0).toLowerCase() + words.slice(1)
}

/** Throws an INTERNAL error unless an FFmpeg call that can only fail by a mistake of ours or for lack of memory succeeded. */
export function expectDone(code: number, what: string): void {
  if (code < 0) {
    throw new MediaError('INTERNAL', [`${what} failed: ${reasonOf(code)}`], { cause: FFmpegError.fromCode(code) })
  }
}
