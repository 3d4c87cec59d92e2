import type { FrameAt } from '../film.ts'
import { cloned } from './cloned.ts'
import type { FilmEnd, FilmLength } from './length.ts'
import type { FilmReader } from './reader.ts'
import { damageOf, keep, type Shot, shotAt } from './shot.ts'

/** The frame of a moment, or the key frame that stands for it. */
export async function momentShot(
  reader: FilmReader,
  at: Exclude<FrameAt, 'best'>,
  { durationMs = 0 }: FilmLength,
  end: FilmEnd | undefined,
): Promise<Shot> {
  const isTime = 'ms' in at
  const ms = isTime ? at.ms : at.fraction * durationMs
  const { exact = isTime ? true : undefined } = at
  if (exact === true) return await shotAt(reader, ms, end)
  const within = exact === false ? Number.POSITIVE_INFINITY : nearnessIn(durationMs)
  return (await keyShotNear(reader, ms, within)) ?? (await shotAt(reader, ms, end))
}

/** How far from a part of the length that was asked for a frame may be, so that it is still that part to people. */
const nearMs = 5000
const nearShare = 0.05
const mostShare = 0.1

/** How far from a moment, which was given as a part of the length, a key frame may be to stand for it. */
const nearnessIn = (durationMs: number): number =>
  Math.min(Math.max(nearMs, nearShare * durationMs), mostShare * durationMs)

/**
 * The key frame nearest to a moment; undefined when there is none within a distance, or none that can be decoded by itself. It
 * needs a single frame to be decoded, where the moment itself needs all from the key frame on.
 */
async function keyShotNear(reader: FilmReader, ms: number, withinMs: number): Promise<Shot | undefined> {
  for await (const key of reader.keyPackets(ms)) {
    const before = { ms: key.ms, packet: cloned(key.packet) }
    try {
      const after = before.ms < ms && reader.canSeek ? await reader.keyPacketAfter(ms) : undefined
      const nearest = after !== undefined && after.ms - ms < ms - before.ms ? after : before
      if (Math.abs(nearest.ms - ms) > withinMs) return undefined
      const timed = await reader.frameOf(nearest.packet, nearest.ms)
      return timed && { frame: keep(timed).frame, ms: nearest.ms, ...damageOf(timed) }
    } finally {
      before.packet.free()
    }
  }
  return undefined
}
