import { rm, stat } from 'node:fs/promises'
import type { FormatContext } from 'node-av/lib'
import type { FilmIo, Stretch } from '../film.ts'
import { openInput } from './ffmpeg.ts'
import type { FilmFile } from './film-file.ts'
import { orGivenUp } from './transcode/give-up.ts'
import { Transcoding } from './transcode/transcoding.ts'

/** A container that films are written in. */
export type WritableContainer = 'mp4' | 'mkv' | 'webm' | 'mov'

/** How hard an encoder is asked to be good. */
export type Rate = { readonly crf: number } | { readonly bitRate: number }

/** How the video track is coded anew. */
export interface VideoPlan {
  readonly codec: 'h264' | 'hevc' | 'av1' | 'vp9'
  /** A graphics card's encoder where it works, else the processor's, which is said in what comes back. */
  readonly hardware?: boolean
  readonly rate: Rate
  /** The encoder's own word for how long it searches: `medium`, `8`, … */
  readonly speed: string
  /** Size as seen, even numbers; absent: as it is. */
  readonly width?: number
  readonly height?: number
  /** Cut out of the picture as seen, before it is resized. */
  readonly crop?: { readonly left: number; readonly top: number; readonly width: number; readonly height: number }
  readonly frameRate?: number
  /** `apply` turns the pixels, `keep` leaves the turning to the player. */
  readonly rotation: 'apply' | 'keep'
  /** `sdr` tone-maps; `keep` keeps transfer, primaries, depth and light levels. */
  readonly range: 'sdr' | 'keep'
  readonly bitDepth?: 8 | 10
  readonly deinterlace: boolean
  /** Most time between key frames; absent: the encoder's own. */
  readonly keyFrameMs?: number
}

/** How the sound tracks are coded anew. */
export interface AudioPlan {
  readonly codec: 'aac' | 'opus'
  readonly bitRate?: number
  /** At most so many; more are mixed down. */
  readonly channels?: number
}

/** How a film is written anew. */
export interface TranscodePlan {
  readonly container: WritableContainer
  readonly video: VideoPlan | 'copy' | 'drop'
  readonly audio: AudioPlan | 'copy' | 'drop'
  readonly subtitles: 'keep' | 'drop'
  readonly chapters: 'keep' | 'drop'
  readonly metadata: 'keep' | 'strip' | 'strip-gps'
  readonly stretch?: Stretch
}

/** What became of one track of the original. */
export interface WrittenTrack {
  readonly kind: 'video' | 'audio' | 'subtitle' | 'cover'
  /** Its place among those of its kind in the probe. */
  readonly index: number
  readonly done: 'copied' | 'encoded' | 'dropped'
  /** FFmpeg's name of the codec as written; absent when it was dropped. */
  readonly codec?: string
  /** Why it was dropped without being asked to, as a sentence. */
  readonly reason?: string
  /** Bytes of its packets. */
  readonly bytes: number
  /** When the last of them is over; absent when it was dropped. */
  readonly endMs?: number
  /** How much of the video is key frames, by which sizes of whole films are foretold from samples, and when they are shown. */
  readonly keyFrames?: { readonly count: number; readonly bytes: number; readonly atMs: readonly number[] }
}

/** What was written. */
export interface WrittenFilm {
  readonly bytes: number
  readonly durationMs: number
  /** Size as seen; absent without video. */
  readonly width?: number
  readonly height?: number
  readonly frames: number
  /** FFmpeg's name of the video encoder that was used; absent when nothing was encoded. */
  readonly encoder?: string
  /** Every track of the original, in the order of the probe; only of films that were written anew whole. */
  readonly tracks?: readonly WrittenTrack[]
  /** Sentences on what could not be done as planned: a track that the container does not take, a card that refused. */
  readonly notes: readonly string[]
}

/**
 * Writes a film anew; frames are read, decoded, filtered and encoded at the same time. Throws what the signal says, a second
 * later at most, and leaves no file behind then: where an encoder is in the middle of long work, it is freed afterwards.
 */
export async function transcodeFilm(film: FilmFile, plan: TranscodePlan, to: string, io: FilmIo): Promise<WrittenFilm> {
  io.signal.throwIfAborted()
  const transcoding = new Transcoding(film, plan, to, io)
  const work = write(transcoding, film, to)
  // Freeing an encoder waits for all frames that it is at work on; whoever gave up shall not.
  const free = () => (io.signal.aborted ? setTimeout(() => transcoding.closeEncoder(), 50) : transcoding.closeEncoder())
  work.then(free, free)
  try {
    return await orGivenUp(work, io.signal)
  } catch (error) {
    // What is still at work can not be waited for, but its file need not be seen any more.
    await rm(to, { force: true })
    throw error
  }
}

async function write(transcoding: Transcoding, { path, format }: FilmFile, to: string): Promise<WrittenFilm> {
  let context: FormatContext | undefined
  try {
    context = await openInput(path, format)
    await transcoding.open(context)
    await transcoding.read(context)
    return { ...(await transcoding.end(context)), bytes: (await stat(to)).size }
  } catch (error) {
    await transcoding.close()
    await rm(to, { force: true })
    throw error
  } finally {
    await transcoding.close()
    await context?.closeInput()
  }
}
