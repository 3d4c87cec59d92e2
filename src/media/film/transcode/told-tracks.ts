import { AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_SUBTITLE } from 'node-av/constants'
import type { FormatContext, Stream } from 'node-av/lib'
import { isAttachedPicture, videoTracks } from '../probe.ts'
import type { WrittenTrack } from '../transcode.ts'
import type { WriterTrack } from './writer.ts'

type Streams = Pick<FormatContext, 'streams'>

/** Keeps what becomes of each track of the original. */
export class ToldTracks {
  readonly #kept = new Map<number, { track: WriterTrack; done: 'copied' | 'encoded' }>()
  readonly #reasons = new Map<number, string>()

  /** A track is written. */
  keep(stream: Stream, track: WriterTrack, done: 'copied' | 'encoded'): void {
    this.#kept.set(stream.index, { track, done })
  }

  /** A track is left out though it was wanted. */
  leaveOut(stream: Stream, reason: string): void {
    this.#kept.delete(stream.index)
    this.#reasons.set(stream.index, reason)
  }

  /** All tracks in the order of a probe. */
  all(context: Streams): WrittenTrack[] {
    const ofType = (type: number) => context.streams.filter(({ codecpar }) => codecpar.codecType === type)
    const covers = context.streams.filter(isAttachedPicture)
    return [
      ...videoTracks(context).map((stream, index) => this.#told('video', stream, index)),
      ...ofType(AVMEDIA_TYPE_AUDIO).map((stream, index) => this.#told('audio', stream, index)),
      ...ofType(AVMEDIA_TYPE_SUBTITLE).map((stream, index) => this.#told('subtitle', stream, index)),
      ...covers.map((stream, index) => this.#told('cover', stream, index)),
    ]
  }

  #told(kind: WrittenTrack['kind'], stream: Stream, index: number): WrittenTrack {
    const kept = this.#kept.get(stream.index)
    const reason = this.#reasons.get(stream.index)
    if (kept === undefined || kept.track.packets === 0)
      return { kind, index, done: 'dropped', bytes: 0, ...(reason === undefined ? {} : { reason }) }
    const { bytes, endMs, keyFrames, codec } = kept.track
    return {
      kind,
      index,
      done: kept.done,
      ...(codec === undefined ? {} : { codec }),
      bytes,
      endMs,
      ...(kind === 'video' ? { keyFrames: { ...keyFrames } } : {}),
    }
  }
}
