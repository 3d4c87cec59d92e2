import { AV_FRAME_FLAG_INTERLACED } from 'node-av/constants'
import type { Frame, Stream } from 'node-av/lib'
import { MediaError } from '../../errors.ts'
import type { FilmIo } from '../film.ts'
import { ClipFile } from './clips/clip-file.ts'
import { clipKinds } from './clips/kinds.ts'
import { msOfTick, tickAt } from './even-frames.ts'
import { framesAt } from './exact.ts'
import { filterFrame } from './graph.ts'
import { SeenFrames } from './package/seen-frames.ts'
import { sarOf, squareWidth } from './probe.ts'
import type { FilmReader } from './reader.ts'
import { type Look, lookOf } from './render.ts'
import { rounded } from './time.ts'
import type { WrittenFilm } from './transcode.ts'

/** A short silent film of moments of another. */
export interface ClipsPlan {
  readonly format: 'mp4' | 'webm' | 'webp'
  /** Where each moment begins, in milliseconds from the origin, rising. */
  readonly startsMs: readonly number[]
  /** How long each lasts. */
  readonly clipMs: number
  /** At most; never enlarged. */
  readonly width: number
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
  const rate = rateOf(plan.frameRate)
  const size = sizeFor(stream, look, plan.width)
  const ticks = ticksOf(plan, rate)
  const file = await ClipFile.create({ kind, to, ...size, rate })
  let tick = 0
  const shown: Tick[] = []
  const target = { look, ...size, isInterlaced: false, timeBase: { num: rate.den, den: rate.num } }
  const seen = new SeenFrames(target, async (frame) => {
    for (const { isNew } of shown.splice(0)) await file.add(frame, tick++, isNew)
    io.progress(tick / ticks.length)
  })
  try {
    const moments = ticks.map(({ ms }) => ms)
    for await (const { timed, moments: wanted } of framesAt(reader, moments, io.signal)) {
      const from = tick + shown.length
      shown.push(...ticks.slice(from, from + wanted.length))
      await take(seen, timed.frame, tick)
    }
    await seen.end()
    if (tick === 0) throw new MediaError('MEDIA_DAMAGED', ['not one frame of its video can be decoded'])
    const bytes = await file.end()
    const notes =
      seen.toneMapped === 'refused' ? ['High dynamic range could not be brought to SDR; colours are pale.'] : []
    return { bytes, durationMs: rounded(msOfTick(rate, tick)), ...size, frames: tick, encoder: kind.encoder, notes }
  } finally {
    seen.close()
    await file.close()
  }
}

/** A frame of the new film: what is shown at a moment of the old one. */
interface Tick {
  readonly ms: number
  readonly isNew: boolean
}

function ticksOf({ startsMs, clipMs }: ClipsPlan, rate: FrameRate): Tick[] {
  const count = Math.max(1, tickAt(rate, clipMs))
  // A little later, since time stamps are rounded and a frame would be missed for the one before it.
  const late = msOfTick(rate, 1) / 3
  return startsMs.flatMap((startMs) =>
    Array.from({ length: count }, (_, at) => ({ ms: startMs + late + msOfTick(rate, at), isNew: at === 0 })),
  )
}

type FrameRate = Parameters<typeof msOfTick>[0]

/** The rates of television are whole ones by 1001 thousandths. */
function rateOf(frameRate: number): FrameRate {
  const whole = Math.round(frameRate * 1.001)
  if (Math.abs(frameRate * 1.001 - whole) < 0.005) return { num: whole * 1000, den: 1001 }
  const thousandths = Math.max(1, Math.round(frameRate * 1000))
  return thousandths % 1000 === 0 ? { num: thousandths / 1000, den: 1 } : { num: thousandths, den: 1000 }
}

/** A film higher than this is no preview. */
const mostHeight = 1080

/** As seen, in even numbers, which the colours of H.264 need. */
function sizeFor({ codecpar }: Stream, { display, sar }: Look, wanted: number): { width: number; height: number } {
  const wide = squareWidth(codecpar.width, sar)
  const [width, height] = display.transpose ? [codecpar.height, wide] : [wide, codecpar.height]
  const scale = Math.min(1, wanted / width, mostHeight / height)
  return { width: evenOf(width * scale), height: evenOf(height * scale) }
}

const evenOf = (side: number): number => Math.max(2, 2 * Math.round(side / 2))

/** Fields of two moments are brought out of a frame by itself, since its neighbours may be of another moment. */
async function take(seen: SeenFrames, frame: Frame, tick: number): Promise<void> {
  frame.pts = BigInt(tick)
  if (!frame.hasFlags(AV_FRAME_FLAG_INTERLACED) || frame.height <= 2) return await seen.take(frame)
  const whole = await filterFrame(frame, [['estdif', 'mode=frame:deint=interlaced']])
  try {
    whole.pts = frame.pts
    await seen.take(whole)
  } finally {
    whole.free()
  }
}
