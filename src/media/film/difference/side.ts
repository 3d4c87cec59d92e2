import type { FormatContext, Frame } from 'node-av/lib'
import { MediaError } from '../../../errors.ts'
import { checkPixels } from '../../limits.ts'
import { saidOf } from '../../said-of.ts'
import { openInput } from '../ffmpeg.ts'
import { isWoven } from '../fields.ts'
import type { FilmFile } from '../film-file.ts'
import { mainTrack, sarOf, videoTracks } from '../probe.ts'
import { FilmReader, type TimedFrame } from '../reader.ts'
import { type Look, lookOf } from '../render.ts'
import { keep } from '../shot.ts'

/** One of the two films of a comparison, open with a demuxer and a decoder of its own. */
export interface Side {
  /** As sentences name it: `the film`, `the reference`. */
  readonly name: string
  readonly reader: FilmReader
  readonly look: Look
  /** Of its container: width to height of one pixel as `look` has it. */
  readonly durationMs?: number
  readonly frameRate: number
  /** From one frame to the next, usually. */
  readonly stepMs: number
  /** Its first frame, kept until the side is closed. */
  readonly first: TimedFrame
  /** Its first frame is. */
  readonly isInterlaced: boolean
  close(): Promise<void>
}

/** Opens a film for a comparison and decodes its first frame. What is wrong with it is said of it by its name. */
export const openSide = (film: FilmFile, name: string, signal: AbortSignal): Promise<Side> =>
  saidOf(name, () => open(film, name, signal))

/** Comparing is long work of two decoders at once. */
const threads = 2

async function open(film: FilmFile, name: string, signal: AbortSignal): Promise<Side> {
  const { path, format, probe, length, isWhole, limits, onFrame } = film
  const context = await openInput(path, format)
  let reader: FilmReader | undefined
  try {
    signal.throwIfAborted()
    const stream = mainTrack(context)
    if (stream === undefined) throw new MediaError('NO_PICTURE', ['it has no picture track'])
    checkPixels(stream.codecpar.width, stream.codecpar.height, limits)
    const facts = probe.video[videoTracks(context).findIndex(({ index }) => index === stream.index)]
    const { maxPixels } = limits
    const { originMs, durationMs } = length
    reader = new FilmReader({
      path,
      context,
      stream,
      originMs,
      isWhole,
      maxPixels,
      threads,
      hasEvenFrames: facts?.variableFrameRate === false,
      onFrame,
    })
    const first = await firstOf(reader)
    const told = facts?.frameRate ?? stream.avgFrameRate.toDouble()
    const frameRate = told > 0 && told <= 1000 ? told : 25
    return {
      name,
      reader,
      look: lookOf(stream, sarOf(stream)),
      ...(durationMs === undefined ? {} : { durationMs }),
      frameRate,
      stepMs: 1000 / frameRate,
      first,
      isInterlaced: isWoven(first.frame),
      close: () => closeAll(context, reader, first.frame),
    }
  } catch (error) {
    await closeAll(context, reader)
    throw error
  }
}

async function firstOf(reader: FilmReader): Promise<TimedFrame> {
  for await (const frame of reader.framesFrom(0)) return keep(frame)
  throw new MediaError('MEDIA_DAMAGED', ['not one frame of its video can be decoded'])
}

async function closeAll(context: FormatContext, reader?: FilmReader, first?: Frame): Promise<void> {
  first?.free()
  reader?.close()
  await context.closeInput()
}
