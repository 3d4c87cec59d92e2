import type { FrameAt } from '../film.ts'
import { cloned } from './cloned.ts'
import type { FilmEnd, FilmLength } from './length.ts'
import type { FilmReader, KeyPacket } from './reader.ts'
import { damageOf, keep, type Shot, shotAt } from './shot.ts'

/** A moment by its time or as a part of the length: everything but the best. */
export type Moment = Exclude<FrameAt, 'best'>

/** The frame of a moment, or the key frame that stands for it. */
export async function momentShot(
  reader: FilmReader,
  at: Moment,
  length: FilmLength,
  end: FilmEnd | undefined,
): Promise<Shot> {
  return (await keyShot(reader, at, length)) ?? (await shotAt(reader, msOfMoment(at, length), end))
}

/** The key frame that stands for a moment; undefined when the very frame is asked for, and when no key frame is near enough. */
export async function keyShot(reader: FilmReader, at: Moment, length: FilmLength): Promise<Shot | undefined> {
  const { durationMs = 0 } = length
  const { exact = 'ms' in at ? true : undefined } = at
  if (exact === true) return undefined
  const ms = msOfMoment(at, length)
  const within = exact === false ? Number.POSITIVE_INFINITY : nearnessIn(durationMs)
  // Films without an index are searched backwards in steps, which from far behind the end lead far before it.
  return await keyShotNear(reader, durationMs > 0 ? Math.min(ms, durationMs) : ms, within)
}

const msOfMoment = (at: Moment, { durationMs = 0 }: FilmLength): number =>
  'ms' in at ? at.ms : at.fraction * durationMs

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
  const keys = await keysAround(reader, ms)
  try {
    const [nearest] = keys.toSorted((one, other) => Math.abs(one.ms - ms) - Math.abs(other.ms - ms))
    if (nearest === undefined || Math.abs(nearest.ms - ms) > withinMs) return undefined
    const timed = await reader.frameOf(nearest.packet, nearest.ms)
    return timed && { frame: keep(timed).frame, ms: nearest.ms, ...damageOf(timed) }
  } finally {
    for (const { packet } of keys) packet.free()
  }
}

/** The last key frame at or before a moment, and the next one, as far as there are such; whoever asks frees their packets. */
async function keysAround(reader: FilmReader, ms: number): Promise<KeyPacket[]> {
  const keys: KeyPacket[] = []
  const add = (key: KeyPacket) => keys.push({ ms: key.ms, packet: cloned(key.packet) })
  for await (const key of reader.keyPackets(ms)) {
    // Where no index leads to the last one before, others come first.
    if (key.ms <= ms) for (const { packet } of keys.splice(0)) packet.free()
    add(key)
    if (key.ms >= ms) break
    if (!reader.canSeek) continue
    const after = await reader.keyPacketAfter(ms)
    if (after !== undefined) add(after)
    break
  }
  return keys
}
