import type { Packet, Stream } from 'node-av/lib'
import type { FilmFile } from '../film-file.ts'
import type { Notes } from './notes.ts'
import type { ToldTracks } from './told-tracks.ts'
import type { FilmWriter } from './writer.ts'

/** What all tracks of a film that is written anew have in common. */
export interface Shared {
  readonly film: FilmFile
  readonly writer: FilmWriter
  readonly signal: AbortSignal
  /** What is kept, from the film's origin; endless where the end is not told. */
  fromMs: number
  readonly toMs: number
  /** Where the packet that was read last ends in the film's file. */
  endByte: number
  /** It is written as MP4 or MOV, which name codecs by four letters. */
  readonly hasBoxes: boolean
  readonly notes: Notes
  readonly told: ToldTracks
}

/** A track on its way into the new film. */
export interface Line {
  readonly stream: Stream
  /** Everything that is kept was read; true from the beginning of tracks that nobody waits for. */
  readonly isOver: boolean
  /** Packets that could not be decoded. */
  readonly damaged?: number
  /** Takes a packet of the track, which stays the caller's. */
  take(packet: Packet): Promise<void>
  /** Writes what is left. */
  end(): Promise<void>
  /** Waits for what is being done, and frees all. */
  close(): Promise<void>
}
