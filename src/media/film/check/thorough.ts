import { AVERROR_EOF } from 'node-av/constants'
import { type FormatContext, Packet } from 'node-av/lib'
import type { FilmIo } from '../../film.ts'
import type { FilmFile } from '../film-file.ts'
import { Telling } from '../telling.ts'
import { endFindings } from './ends.ts'
import { gapsIn } from './gaps.ts'
import { readOnly } from './places.ts'
import type { Finding } from './signs.ts'
import type { TrackCheck } from './track.ts'

/** A film that is checked. */
export interface CheckedFile extends FilmFile {
  /** How long it is by its container; absent when that does not tell. */
  readonly declaredBytes: number | undefined
}

/** What a reading of a film found, before it is judged. */
export interface Reading {
  readonly findings: readonly Finding[]
  readonly packetsRead: number
  readonly framesDecoded: number
}

/** Attempts to read that may fail before a film is given up. */
const mostBroken = 1000

/** Reads every packet and decodes every frame of the tracks. */
export async function readAll(
  context: FormatContext,
  tracks: readonly TrackCheck[],
  file: CheckedFile,
  io: FilmIo,
): Promise<Reading> {
  const byIndex = new Map(tracks.map((track) => [track.stream.index, track]))
  readOnly(context, tracks)
  const { length, onFrame } = file
  const { durationMs } = length
  const packet = new Packet()
  packet.alloc()
  const telling = new Telling(io)
  let packetsRead = 0
  let reached = 0
  let broken = 0
  const framesDecoded = () => tracks.reduce((sum, { frameCount }) => sum + frameCount, 0)
  try {
    while (true) {
      io.signal.throwIfAborted()
      const code = await context.readFrame(packet)
      if (code === AVERROR_EOF) break
      if (code < 0) {
        // Where samples of one track are out of reach, those of another may follow.
        if (++broken > mostBroken) break
        continue
      }
      packetsRead++
      const track = byIndex.get(packet.streamIndex)
      await track?.take(packet)
      packet.unref()
      reached = Math.max(reached, track?.last?.ms ?? 0)
      telling.tell(durationMs === undefined ? undefined : reached / durationMs, framesDecoded(), reached)
    }
    const findings: Finding[] = []
    for (const track of tracks) findings.push(...(await track.finish()))
    telling.end(framesDecoded(), reached)
    for (let count = framesDecoded(); count > 0; count--) onFrame()
    findings.push(...gapsIn(tracks), ...endFindings(tracks, file))
    if (broken > 0) findings.push({ sign: 'reading', fromMs: reached, toMs: Math.max(reached, durationMs ?? 0) })
    return { findings, packetsRead, framesDecoded: framesDecoded() }
  } finally {
    packet.free()
  }
}
