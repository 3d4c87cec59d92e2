import type { Stream } from 'node-av/lib'
import { MediaError } from '../../errors.ts'
import type { FilmIo } from '../film.ts'
import { ClipFile } from './clips/clip-file.ts'
import { clipKinds } from './clips/kinds.ts'
import { Preparation } from './clips/prepare.ts'
import { type FrameRate, msOfTick, tickAt } from './even-frames.ts'
import { framesAt } from './exact.ts'
import { Lane } from './lane.ts'
import { SeenFrames } from './package/seen-frames.ts'
import { sarOf } from './probe.ts'
import { fractionOf } from './rates.ts'
import type { FilmReader } from './reader.ts'
import { lookOf } from './render.ts'
import { sdrNotes } from './sdr.ts'
import { rounded } from './time.ts'
import type { WrittenFilm } from './transcode.ts'

/** A short silent film of moments of another. */
export interface ClipsPlan {
  readonly format: 'mp4' | 'webm' | 'webp'
  /** Where each moment begins, in milliseconds from the origin, rising. */
  readonly startsMs: readonly number[]
  /** How long each lasts. */
  readonly clipMs: number
  /** As seen, even numbers. */
  readonly width: number
  readonly height: number
  readonly frameRate: number
}

/** The track that moments are taken of, and what reads it. */
export interface ClipsSource {
  readonly stream: Stream
  readonly reader: FilmReader
}

/** Writes moments of a film one after the other, upright, SDR, with square pixels. */
export async function writeClips(
  { stream, reader }: ClipsSource,
  plan: ClipsPlan,
  to: string,
  io: FilmIo,
): Promise<WrittenFilm> {
  const look = lookOf(stream, sarOf(stream))
  const kind = clipKinds[plan.format]
  const rate = fractionOf(plan.frameRate)
  const size = { width: plan.width, height: plan.height }
  const ticks = ticksOf(plan, rate)
  const file = await ClipFile.create({ kind, to, ...size, rate })
  let [given, tick] = [0, 0]
  const shown: Tick[] = []
  const target = { look, ...size, isInterlaced: false, timeBase: { num: rate.den, den: rate.num } }
  const seen = new SeenFrames(target, async (frame) => {
    // All that were given up to this frame: those of one that was left out are shown by the next.
    const until = shown.findIndex(({ from }) => from > Number(frame.pts))
    for (const { isNew } of shown.splice(0, until < 0 ? shown.length : until)) await file.add(frame, tick++, isNew)
    io.progress(tick / ticks.length)
  })
  const preparation = new Preparation(look, size)
  // What is decoded next is decoded meanwhile.
  const lane = new Lane((frame) => preparation.pass(frame, (made) => seen.take(made)))
  try {
    const moments = ticks.map(({ ms }) => ms)
    for await (const { timed, moments: wanted } of framesAt(reader, moments, io.signal)) {
      const from = given
      given += wanted.length
      shown.push(...ticks.slice(from, given).map(({ isNew }) => ({ isNew, from })))
      timed.frame.pts = BigInt(from)
      await lane.take(timed.frame)
    }
    await lane.end()
    await seen.end()
    if (tick === 0) throw new MediaError('MEDIA_DAMAGED', ['not one frame of its video can be decoded'])
    const bytes = await file.end()
    const notes = seen.toneMapped === 'refused' ? [sdrNotes.refused] : []
    return { bytes, durationMs: rounded(msOfTick(rate, tick)), ...size, frames: tick, encoder: kind.encoder, notes }
  } finally {
    await lane.close()
    preparation.close()
    seen.close()
    await file.close()
  }
}

/** A frame of the new film, and the first one that shows the same frame of the old one. */
interface Tick {
  readonly from: number
  /** It begins another moment. */
  readonly isNew: boolean
}

function ticksOf({ startsMs, clipMs }: ClipsPlan, rate: FrameRate): { ms: number; isNew: boolean }[] {
  const count = Math.max(1, tickAt(rate, clipMs))
  // A little later, since time stamps are rounded and a frame would be missed for the one before it.
  const late = msOfTick(rate, 1) / 3
  return startsMs.flatMap((startMs) =>
    Array.from({ length: count }, (_, at) => ({ ms: startMs + late + msOfTick(rate, at), isNew: at === 0 })),
  )
}
