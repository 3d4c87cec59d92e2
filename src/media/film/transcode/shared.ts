import type { Stream } from 'node-av/lib'
import type { VideoFacts } from '../../probe.ts'
import type { FilmFile } from '../film-file.ts'
import type { WritableContainer } from '../transcode.ts'
import type { FilmWriter } from './writer.ts'

/** What all tracks of a film that is written anew have in common. */
export interface Shared {
  readonly film: FilmFile
  readonly container: WritableContainer
  readonly writer: FilmWriter
  readonly signal: AbortSignal
  /** What is kept, from the film's origin; endless where the end is not told. */
  readonly fromMs: number
  readonly toMs: number
  /** The container names codecs by four letters. */
  readonly hasFourLetters: boolean
  /** Sentences for people. */
  readonly notes: string[]
  /** What is known of a track of moving pictures. */
  factsOf(stream: Stream): VideoFacts | undefined
}

/** A track on its way into the new film. */
export interface Line {
  readonly stream: Stream
  /** Everything that is kept was read. */
  readonly isOver: boolean
  /** Takes a packet of the track, which stays the caller's. */
  take(packet: import('node-av/lib').Packet): Promise<void>
  /** Writes what is left. */
  end(): Promise<void>
  /** Waits for what is being done, and frees all. */
  close(): Promise<void>
}
