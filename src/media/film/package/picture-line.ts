import { type CodecContext, Frame, type Packet, type Stream } from 'node-av/lib'
import { MediaError } from '../../../errors.ts'
import { checkPixels } from '../../limits.ts'
import { openDecoder } from '../decoder.ts'
import { EvenFrames } from '../even-frames.ts'
import type { FilmFile } from '../film-file.ts'
import type { PackagePlan } from '../package.ts'
import { sarOf } from '../probe.ts'
import { lookOf } from '../render.ts'
import { msOf } from '../time.ts'
import type { Rhythm } from './rhythm.ts'
import { RungLine } from './rung-line.ts'
import { SeenFrames } from './seen-frames.ts'

/** Beyond what a film says of its length, frames are believed this much longer. */
const beliefMs = 10_000

/** What a picture track is packaged with. */
export interface PictureOptions {
  readonly folder: string
  readonly signal: AbortSignal
  /** Frames that are marked so are brought out of their two fields. */
  readonly isInterlaced: boolean
}

/** The picture track on its way: decoded once, made even and upright once, then encoded in each quality. */
export class PictureLine {
  readonly rungs: readonly RungLine[]
  readonly stream: Stream
  frames = 0
  damaged = 0
  /** When the frame that was decoded last is shown. */
  ms = 0
  readonly #film: FilmFile
  readonly #decoder: CodecContext
  readonly #frame = new Frame()
  readonly #even: EvenFrames
  readonly #seen: SeenFrames

  private constructor(
    film: FilmFile,
    stream: Stream,
    plan: PackagePlan,
    rhythm: Rhythm,
    decoder: CodecContext,
    rungs: readonly RungLine[],
    { signal, isInterlaced }: PictureOptions,
  ) {
    this.#film = film
    this.stream = stream
    this.#decoder = decoder
    this.rungs = rungs
    this.#frame.alloc()
    const { num, den } = rhythm.rate
    const largest = plan.rungs[0] ?? { width: 2, height: 2 }
    const target = {
      look: lookOf(stream, sarOf(stream)),
      width: largest.width,
      height: largest.height,
      isInterlaced,
      timeBase: { num: den, den: num },
    }
    this.#seen = new SeenFrames(target, async (frame) => {
      // All must be done with the frame, also when one has failed.
      const ends = await Promise.allSettled(rungs.map((rung) => rung.take(frame)))
      for (const end of ends) if (end.status === 'rejected') throw end.reason
    })
    const latestMs = (film.length.durationMs ?? Number.MAX_SAFE_INTEGER / 1e6) + beliefMs
    this.#even = new EvenFrames(rhythm.rate, latestMs, async (frame, tick) => {
      // A gap can be filled with minutes of one frame.
      signal.throwIfAborted()
      frame.pts = BigInt(tick)
      await this.#seen.take(frame)
    })
  }

  /** Opens decoder and encoders, the largest quality first. */
  static async open(
    film: FilmFile,
    stream: Stream,
    plan: PackagePlan,
    rhythm: Rhythm,
    options: PictureOptions,
  ): Promise<PictureLine> {
    const { path, limits } = film
    checkPixels(stream.codecpar.width, stream.codecpar.height, limits)
    const decoder = openDecoder(stream, { path, maxPixels: limits.maxPixels, threads: 2 })
    const rungs: RungLine[] = []
    try {
      for (const rung of plan.rungs) {
        rungs.push(await RungLine.open(rung, rhythm, options.folder, `${Math.min(rung.width, rung.height)}p`))
      }
      return new PictureLine(film, stream, plan, rhythm, decoder, rungs, options)
    } catch (error) {
      decoder.freeContext()
      for (const rung of rungs) await rung.close()
      throw error
    }
  }

  /** When the picture is over, as far as it was decoded. */
  get endMs(): number {
    return this.#even.endMs
  }

  get toneMapped(): 'yes' | 'refused' | undefined {
    return this.#seen.toneMapped
  }

  /** Decodes a packet of the track, or with null what the decoder still holds. */
  async take(packet: Packet | null): Promise<void> {
    if ((await this.#decoder.sendPacket(packet)) < 0) this.damaged++
    while ((await this.#decoder.receiveFrame(this.#frame)) >= 0) {
      const told = msOf(this.#frame.bestEffortTimestamp, this.stream.timeBase)
      this.ms = told === undefined ? this.#even.endMs : told - this.#film.length.originMs
      this.frames++
      this.#film.onFrame()
      await this.#even.take(this.#frame, this.ms, msOf(this.#frame.duration, this.stream.timeBase) ?? 0)
      this.#frame.unref()
    }
  }

  /** Ends all qualities; the last frame is shown until the moment. */
  async end(ms: number): Promise<void> {
    if (this.frames === 0) throw new MediaError('MEDIA_DAMAGED', ['no frame of it can be decoded'])
    await this.#even.end(ms)
    await this.#seen.end()
    for (const rung of this.rungs) await rung.end()
  }

  async close(): Promise<void> {
    this.#even.close()
    this.#seen.close()
    this.#frame.free()
    this.#decoder.freeContext()
    for (const rung of this.rungs) await rung.close()
  }
}
