import { AV_TIME_BASE, AVSEEK_FLAG_BACKWARD } from 'node-av/constants'
import { type FormatContext, Packet, type Stream } from 'node-av/lib'
import { MiB } from '../../units.ts'
import { declaredMsOf, msOf, stampIn, startMsOf } from './time.ts'

/** When the last frame of a track should be over, and how much earlier it may be without anything missing. */
export interface FilmEnd {
  readonly ms: number
  readonly toleranceMs: number
}

/** The end of a track by its own word; of a track that says nothing the end of the film, less exactly. */
export function endOf(stream: Stream, { originMs, durationMs }: FilmLength): FilmEnd | undefined {
  const duration = msOf(stream.duration, stream.timeBase)
  // Tracks of Matroska and Transport Streams repeat what the container says or what was guessed from it.
  if (duration !== undefined && duration > 0 && Number(stream.nbFrames) > 0) {
    return { ms: (msOf(stream.startTime, stream.timeBase) ?? 0) + duration - originMs, toleranceMs: 250 }
  }
  return durationMs === undefined ? undefined : { ms: durationMs, toleranceMs: 1000 }
}

/** How long a film is, and from which moment of its own clock its times are counted. */
export interface FilmLength {
  readonly originMs: number
  /** Absent when the file neither tells it nor lets it be measured. */
  readonly durationMs?: number
}

/** Even a slide show without sound needs more; a header that claims less is wrong about the length. */
const leastBitsPerSecond = 200
const dayMs = 24 * 3_600_000

/**
 * The length by the movie header or the container where that can be, else by the last packets. The reading place may be
 * elsewhere afterwards.
 */
export async function lengthOf(context: FormatContext, bytes: number, movieMs?: number): Promise<FilmLength> {
  const startMs = startMsOf(context)
  const declaredMs = declaredMsOf(context)
  const isBelieved = declaredMs !== undefined && isBelievable(declaredMs, context, bytes)
  const measured = isBelieved ? undefined : await measure(context, bytes)
  const believedMs = isBelieved ? declaredMs : measured?.endMs
  if (movieMs !== undefined) {
    const fits = believedMs !== undefined && isNear(movieMs, startMs + believedMs)
    // What FFmpeg adds up ends too early where frames lie far apart; then the last packets bear out what the header says.
    const isLonger = movieMs > startMs + (believedMs ?? 0)
    if (fits || (isLonger && endsAt(movieMs - startMs, measured ?? (await measure(context, bytes))))) {
      return { originMs: 0, durationMs: movieMs }
    }
  }
  return { originMs: startMs, ...(believedMs === undefined ? {} : { durationMs: believedMs }) }
}

/** A movie header counts from zero and rounds; further off it lies. */
const isNear = (movieMs: number, endMs: number): boolean => Math.abs(movieMs - endMs) < Math.max(500, endMs * 0.05)

/** Whether a film can be over at a moment: in an MP4 its last packet lasts until the next one decoded, which may be longer. */
const endsAt = (ms: number, last: Last | undefined): boolean =>
  last !== undefined && (isNear(ms, last.endMs) || (ms > last.ms && ms < last.endMs))

function isBelievable(declaredMs: number, context: FormatContext, bytes: number): boolean {
  if (declaredMs > dayMs && (bytes * 8000) / declaredMs < leastBitsPerSecond) return false
  const tracks = context.streams.map(({ duration, timeBase }) => msOf(duration, timeBase) ?? 0)
  const longest = Math.max(0, ...tracks)
  return longest === 0 || declaredMs < 2 * longest + 10_000
}

const maxPackets = 20_000
/** Without an index, going to the end means reading all, which larger files are spared. */
const maxReadBytes = 256 * MiB

/** Where the last packets of a film lie, from its beginning. */
interface Last {
  /** When the last one is shown. */
  readonly ms: number
  /** When all are over by what they tell. */
  readonly endMs: number
}

/** Goes to the end and takes the latest time stamps. Leaves the reading place there. */
async function measure(context: FormatContext, bytes: number): Promise<Last | undefined> {
  const far = BigInt(365 * dayMs) * BigInt(AV_TIME_BASE / 1000)
  if ((await context.seekFrame(-1, far, AVSEEK_FLAG_BACKWARD)) < 0 && bytes > maxReadBytes) return undefined
  const packet = new Packet()
  packet.alloc()
  const startMs = startMsOf(context)
  const last = { ms: Number.NEGATIVE_INFINITY, endMs: Number.NEGATIVE_INFINITY }
  try {
    for (let count = 0; count < maxPackets && (await context.readFrame(packet)) >= 0; count++) {
      const base = context.streams[packet.streamIndex]?.timeBase
      const time = base === undefined ? undefined : msOf(stampIn(packet), base)
      if (base !== undefined && time !== undefined) {
        last.ms = Math.max(last.ms, time - startMs)
        last.endMs = Math.max(last.endMs, time + (msOf(packet.duration, base) ?? 0) - startMs)
      }
      packet.unref()
    }
  } finally {
    packet.free()
  }
  return Number.isFinite(last.endMs) && last.endMs > 0 ? last : undefined
}
