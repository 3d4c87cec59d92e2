import { AVMEDIA_TYPE_AUDIO } from 'node-av/constants'
import type { FormatContext, Stream } from 'node-av/lib'
import { MediaError } from '../../errors.ts'
import type { FilmIo, Stretch } from '../film.ts'
import type { FilmFile } from './film-file.ts'
import type { FilmReader } from './reader.ts'
import type { Shots } from './shots.ts'
import { listen } from './survey/listen.ts'
import { lookAtAll, lookAtKeys } from './survey/look.ts'

/** `keys`: key frames spread over the film, sound in full where that is cheap, else in stretches. `full`: everything. */
export type SurveyDepth = 'keys' | 'full'

/** What was measured of one frame; fractions of 0–1 unless said otherwise. */
export interface FrameFacts {
  readonly ms: number
  /** Mean luma. */
  readonly light: number
  /** Standard deviation of luma. */
  readonly contrast: number
  readonly sharpness: number
  readonly noise: number
  readonly blockiness: number
  /** How high the steps between blocks are, in 8-bit codes. */
  readonly blockStep: number
  readonly blackShare: number
  /** Mean difference to the frame looked at before it. */
  readonly change: number
}

/** What was heard. */
export interface SoundFacts {
  /** EBU R128 integrated loudness in LUFS; absent when all is silent. */
  readonly integratedLufs?: number
  readonly rangeLu?: number
  readonly truePeakDb?: number
  readonly silent: readonly Stretch[]
  /** Share of samples at full scale in runs, 0–1. */
  readonly clippedShare: number
  /** How much was listened to. */
  readonly heardMs: number
}

/** What looking at a film and listening to it told. */
export interface Survey {
  readonly depth: SurveyDepth
  readonly frames: readonly FrameFacts[]
  /** Where one scene ends and another begins, in milliseconds; as exact as the depth allows. */
  readonly cuts: readonly number[]
  readonly black: readonly Stretch[]
  readonly frozen: readonly Stretch[]
  /** Share of frames that are combed, 0–1; absent where it can not be told from key frames. */
  readonly interlacedShare?: number
  readonly sound?: SoundFacts
  readonly packetsRead: number
  readonly framesDecoded: number
}

/** A film that is open, to be looked at with its own demuxer. */
export interface SurveySource extends FilmFile {
  readonly context: FormatContext
  /** The track that is looked at, and what reads it; absent where there is only sound. */
  readonly picture?: { readonly reader: FilmReader; readonly shots: Shots; readonly stream: Stream }
}

/** What was seen of a film; nothing where there is only sound. */
export type Seen = Omit<Survey, 'depth' | 'sound'>

/** Adds what is heard to what was seen before. Throws UNSUPPORTED_CONTENT and MEDIA_DAMAGED when nothing of it can be decoded. */
export async function withSound(source: SurveySource, seen: Seen, depth: SurveyDepth, io: FilmIo): Promise<Survey> {
  const stream = soundTrack(source)
  const heard = stream === undefined ? undefined : await hear(source, stream, depth, io)
  if (source.picture === undefined && heard === undefined) {
    throw new MediaError('UNSUPPORTED_CONTENT', ['its sound can not be decoded'])
  }
  io.progress(1)
  return {
    depth,
    ...seen,
    ...(heard === undefined ? {} : { sound: heard.sound }),
    packetsRead: seen.packetsRead + (heard?.packetsRead ?? 0),
  }
}

const nothingSeen: Seen = { frames: [], cuts: [], black: [], frozen: [], packetsRead: 0, framesDecoded: 0 }

function soundTrack({ context }: SurveySource): Stream | undefined {
  const best = context.findBestStream(AVMEDIA_TYPE_AUDIO)
  return context.streams.find(({ index }) => index === best)
}

/** Looks at a film. Throws MEDIA_DAMAGED when nothing of its picture can be decoded. */
export async function lookAt(source: SurveySource, depth: SurveyDepth, io: FilmIo): Promise<Seen> {
  const { picture, length } = source
  if (picture === undefined) return nothingSeen
  const { durationMs } = length
  return depth === 'full' ? await lookAtAll(picture.reader, durationMs, io) : await lookAtKeys(picture, durationMs, io)
}

/** Sound of this length is heard in full: it takes a second or two. */
const heardInFullMs = 180_000
const heardStretches = 12
const heardStretchMs = 5000

async function hear(
  { path, context, length, limits }: SurveySource,
  stream: Stream,
  depth: SurveyDepth,
  io: FilmIo,
): Promise<Awaited<ReturnType<typeof listen>> | undefined> {
  const { originMs, durationMs = 0 } = length
  const isFull = depth === 'full' || durationMs <= heardInFullMs
  try {
    return await listen({
      path,
      context,
      stream,
      originMs,
      maxPixels: limits.maxPixels,
      signal: io.signal,
      ...(isFull ? {} : { stretches: spread(durationMs) }),
      onHeard: (ms) => {
        if (durationMs > 0) io.progress(Math.max(0, ms / durationMs))
      },
    })
  } catch (error) {
    // A picture whose sound is in a codec that is not known can be judged nevertheless.
    if (error instanceof MediaError && error.code === 'UNSUPPORTED_CONTENT') return undefined
    throw error
  }
}

const spread = (durationMs: number): Stretch[] =>
  Array.from({ length: heardStretches }, (_, at) => {
    const fromMs = ((at + 0.5) / heardStretches) * durationMs - heardStretchMs / 2
    return { fromMs, toMs: fromMs + heardStretchMs }
  })
