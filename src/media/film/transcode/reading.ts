import { AV_NOPTS_VALUE, AVSEEK_FLAG_BACKWARD, AVSEEK_FLAG_BYTE } from 'node-av/constants'
import { type FormatContext, Packet, type Stream } from 'node-av/lib'
import { msOf, stampIn, stampOf } from '../time.ts'

/**
 * Brings the reading place to the last key frame of a track at or before a moment, or to the beginning where there is none.
 * Tells when that key frame is shown, on the film's own clock.
 */
export async function goBefore(context: FormatContext, stream: Stream, ms: number): Promise<number | undefined> {
  // Streams without an index are searched by time stamps, and the place found may be behind the last key frame.
  for (const backMs of [0, 1000, 5000, 20_000]) {
    const stamp = stampOf(ms - backMs, stream.timeBase)
    if ((await context.seekFrame(stream.index, stamp, AVSEEK_FLAG_BACKWARD)) < 0) break
    const keyMs = await nextKeyMs(context, stream)
    const isBefore = keyMs !== undefined && keyMs <= ms + 0.5
    if (isBefore && (await context.seekFrame(stream.index, stamp, AVSEEK_FLAG_BACKWARD)) >= 0) return keyMs
  }
  await rewind(context, stream)
  return undefined
}

async function rewind(context: FormatContext, stream: Stream): Promise<void> {
  // Transport and program streams are searched, not looked up, and the search for their very beginning ends at the end.
  const isSearched = /^mpeg(?:ts)?$/.test(context.iformat?.name ?? '')
  if (isSearched && (await context.seekFrame(-1, 0n, AVSEEK_FLAG_BYTE)) >= 0) return
  const start = stream.startTime === AV_NOPTS_VALUE ? 0n : stream.startTime
  if ((await context.seekFrame(stream.index, start, AVSEEK_FLAG_BACKWARD)) >= 0) return
  await context.seekFrame(-1, 0n, AVSEEK_FLAG_BACKWARD)
}

/** Far more than lie between two key frames; a film without marks is read from its beginning. */
const maxPackets = 20_000

async function nextKeyMs(context: FormatContext, stream: Stream): Promise<number | undefined> {
  const packet = new Packet()
  packet.alloc()
  try {
    for (let count = 0; count < maxPackets && (await context.readFrame(packet)) >= 0; count++) {
      if (packet.streamIndex === stream.index && packet.isKeyframe) {
        return msOf(stampIn(packet), stream.timeBase)
      }
      packet.unref()
    }
    return undefined
  } finally {
    packet.free()
  }
}
