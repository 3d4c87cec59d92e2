import { type FormatContext, Packet } from 'node-av/lib'
import { msOf, stampIn } from '../time.ts'
import { endFindings } from './ends.ts'
import { goTo, readOnly } from './places.ts'
import type { Finding } from './signs.ts'
import type { CheckedFile } from './thorough.ts'
import type { TrackCheck } from './track.ts'

/** How far a film can be read. */
export interface FilmReach {
  readonly findings: readonly Finding[]
  /** When the last packet that can be read is over. */
  readonly reachedMs: number
  readonly packetsRead: number
}

/** What lies between the last place that is found by seeking and the end; more is not read. */
const maxPackets = 20_000

/** Where the container tells no length the end is looked for up to here: a year. */
const longestMs = 365 * 86_400_000
/** The end is looked for so closely; what follows is read. */
const nearMs = 500

/** Goes to the end of a film, or where it was cut off to where that is, and compares it with the end that is declared. */
export async function readEnd(
  context: FormatContext,
  tracks: readonly TrackCheck[],
  file: CheckedFile,
  signal: AbortSignal,
): Promise<FilmReach> {
  const { length } = file
  const wanted = new Set(tracks.map(({ stream }) => stream.index))
  readOnly(context, tracks)
  const ends = new Map<number, number>()
  let endByte = 0
  const packet = new Packet()
  packet.alloc()
  let packetsRead = 0
  /** Reads from the last key frame before a moment on; false when there is nothing to be read. */
  const readFrom = async (ms: number, most: number): Promise<boolean> => {
    signal.throwIfAborted()
    await goTo(context, ms + length.originMs)
    let count = 0
    for (; count < most && (await context.readFrame(packet)) >= 0; count++) {
      packetsRead++
      const stream = context.streams[packet.streamIndex]
      const at = stream && msOf(stampIn(packet), stream.timeBase)
      if (stream !== undefined && at !== undefined && wanted.has(stream.index)) {
        const end = at - length.originMs + (msOf(packet.duration, stream.timeBase) ?? 0)
        ends.set(stream.index, Math.max(end, ends.get(stream.index) ?? 0))
        endByte = Math.max(endByte, Number(packet.pos) + packet.size)
      }
      packet.unref()
    }
    return count > 0
  }
  try {
    const { durationMs = longestMs } = length
    let [low, high] = [0, durationMs]
    if (!(await readFrom(durationMs, 1))) {
      while (high - low > nearMs) {
        const middle = (low + high) / 2
        if (await readFrom(middle, 1)) low = middle
        else high = middle
      }
    } else low = durationMs
    await readFrom(low, maxPackets)
    const reached = tracks.map(({ stream, isPicture }) => ({
      stream,
      isPicture,
      endMs: ends.get(stream.index),
      endByte,
    }))
    const findings = packetsRead > 0 ? endFindings(reached, file) : []
    return { findings, reachedMs: Math.max(0, ...ends.values()), packetsRead }
  } finally {
    packet.free()
  }
}
