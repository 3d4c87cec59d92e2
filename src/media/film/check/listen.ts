import { type FormatContext, Packet } from 'node-av/lib'
import { goTo, readOnly } from './places.ts'
import type { Finding } from './signs.ts'
import type { CheckedFile, Reading } from './thorough.ts'
import type { TrackCheck } from './track.ts'

/** Of each track at each moment. */
const packetsHeard = 16
/** Pictures lie between the packets of sound, but never more than this in a file that can be played. */
const maxPackets = 3000

/** Decodes a little of all sound tracks at some moments. */
export async function listen(
  context: FormatContext,
  tracks: readonly TrackCheck[],
  moments: readonly number[],
  { length }: CheckedFile,
  signal: AbortSignal,
): Promise<Reading> {
  const byIndex = new Map(tracks.map((track) => [track.stream.index, track]))
  readOnly(context, tracks)
  const packet = new Packet()
  packet.alloc()
  const findings: Finding[] = []
  let packetsRead = 0
  try {
    for (const moment of moments) {
      signal.throwIfAborted()
      await goTo(context, moment + length.originMs)
      const heard = new Map(tracks.map((track) => [track, 0]))
      for (const track of tracks) track.restart()
      for (let count = 0; count < maxPackets && [...heard.values()].some((one) => one < packetsHeard); count++) {
        if ((await context.readFrame(packet)) < 0) break
        packetsRead++
        const track = byIndex.get(packet.streamIndex)
        const times = (track && heard.get(track)) ?? packetsHeard
        if (track !== undefined && times < packetsHeard) {
          heard.set(track, times + 1)
          await track.take(packet)
        }
        packet.unref()
      }
    }
    for (const track of tracks) findings.push(...(await track.finish()))
    return { findings, packetsRead, framesDecoded: tracks.reduce((sum, { frameCount }) => sum + frameCount, 0) }
  } finally {
    packet.free()
  }
}
