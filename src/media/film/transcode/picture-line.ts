import { type CodecContext, Frame, type Packet, type Stream } from 'node-av/lib'
import { checkPixels } from '../../limits.ts'
import { cloned } from '../cloned.ts'
import { openDecoder } from '../decoder.ts'
import { EvenFrames, type FrameRate, tickAt } from '../even-frames.ts'
import { Lane } from '../lane.ts'
import { pictureEndOf } from '../last-picture.ts'
import { hasAlphaChannel, pixelFormatNameOf } from '../names.ts'
import { sarOf } from '../probe.ts'
import { fineBase, fractionOf, nominalRate } from '../rates.ts'
import { lookOf } from '../render.ts'
import { msOf } from '../time.ts'
import { type Geometry, geometryOf } from './geometry.ts'
import { PictureEncoder } from './picture-encoder.ts'
import { nothingShown, type PictureWish, pictureNotes } from './picture-notes.ts'
import { PictureSteps } from './picture-steps.ts'
import type { Line, Shared } from './shared.ts'
import type { WriterTrack } from './writer.ts'

/** The picture track on its way: decoded, filtered and encoded, each while the others go on. */
export class PictureLine implements Line {
  readonly stream: Stream
  readonly geometry: Geometry
  readonly encoder: PictureEncoder
  readonly steps: PictureSteps
  /** When the frame that was decoded last is shown, from the beginning of what is kept. */
  ms = 0
  damaged = 0
  isOver = false
  readonly #shared: Shared
  readonly #wish: PictureWish
  readonly #needsReshaping: boolean
  readonly #decoder: CodecContext
  readonly #frame = new Frame()
  readonly #timeBase: { num: number; den: number }
  readonly #asked: FrameRate | undefined
  readonly #even: EvenFrames | undefined
  readonly #filtering: Lane
  readonly #encoding: Lane
  /** The last frame before the beginning: it is what is seen there. */
  #before: Frame | undefined
  /** The last frame, until it is known whether another one follows. */
  #held: { readonly frame: Frame; readonly ms: number } | undefined
  /** When the first frame is shown, from the film's origin. */
  #firstMs: number | undefined
  #hasAlpha = false
  #lastPts: bigint | undefined
  readonly #usualMs: number

  private constructor(shared: Shared, stream: Stream, wish: PictureWish, decoder: CodecContext, track: WriterTrack) {
    const { plan, facts } = wish
    this.#wish = wish
    this.#shared = shared
    this.stream = stream
    this.#decoder = decoder
    const { film, toMs } = shared
    const look = lookOf(stream, sarOf(stream))
    const asked = plan.frameRate === undefined ? undefined : fractionOf(plan.frameRate)
    this.#asked = asked
    const rate = asked ?? nominalRate(stream, facts?.frameRateFraction, facts?.frameRate)
    this.#timeBase = asked === undefined ? fineBase(stream.timeBase) : { num: asked.den, den: asked.num }
    this.#usualMs = (1000 * rate.den) / rate.num
    const { width, height } = stream.codecpar
    this.geometry = geometryOf({ width, height, sar: look.sar, display: look.display }, plan)
    // What is asked may be refused until here, and nobody would free it.
    this.#frame.alloc()
    this.#needsReshaping = look.needsReshaping
    const toSdr = plan.range === 'sdr' || look.needsReshaping
    const depth = plan.bitDepth ?? (plan.codec !== 'h264' && !toSdr && (facts?.bitDepth ?? 8) > 8 ? 10 : 8)
    const order = {
      plan,
      geometry: this.geometry,
      timeBase: this.#timeBase,
      rate,
      parameters: stream.codecpar,
      keepsLight: !toSdr,
      ...(plan.codec === 'hevc' && shared.hasBoxes ? { tag: 'hvc1' } : {}),
    }
    this.encoder = new PictureEncoder(order, track, () => shared.writer.begin())
    this.#encoding = new Lane((frame) => this.encoder.take(frame))
    const target = {
      look,
      geometry: this.geometry,
      toSdr,
      deinterlace: plan.deinterlace,
      pixelFormat: depth === 10 ? ('yuv420p10le' as const) : ('yuv420p' as const),
      timeBase: this.#timeBase,
    }
    this.steps = new PictureSteps(target, (frame) => this.#encoding.take(frame))
    this.#filtering = new Lane((frame) => this.steps.take(frame))
    if (asked !== undefined) {
      const latestMs = Math.min(toMs, (film.length.durationMs ?? Number.MAX_SAFE_INTEGER / 1e6) + beliefMs)
      this.#even = new EvenFrames(asked, latestMs - shared.fromMs, async (frame, tick) => {
        // A gap can be filled with minutes of one frame.
        shared.signal.throwIfAborted()
        frame.pts = BigInt(tick)
        frame.duration = 1n
        await this.#filtering.take(frame)
      })
    }
  }

  /** Opens the decoder. Throws UNSUPPORTED_CONTENT when there is none. */
  static async open(shared: Shared, stream: Stream, wish: PictureWish, track: WriterTrack): Promise<PictureLine> {
    const { path, limits } = shared.film
    checkPixels(stream.codecpar.width, stream.codecpar.height, limits)
    const decoder = openDecoder(stream, { path, maxPixels: limits.maxPixels, threads: 0 })
    try {
      return new PictureLine(shared, stream, wish, decoder, track)
    } catch (error) {
      decoder.freeContext()
      throw error
    }
  }

  /** Decodes a packet of the track, or with null what the decoder still holds. */
  async take(packet: Packet | null): Promise<void> {
    if (this.isOver && packet !== null) return
    if ((await this.#decoder.sendPacket(packet)) < 0 && packet !== null) this.damaged++
    while ((await this.#receive(packet === null)) >= 0) {
      this.#shared.film.onFrame()
      await this.#see(this.#frame)
      this.#frame.unref()
    }
  }

  /** Encodes what is left. */
  async end(): Promise<void> {
    await this.take(null)
    await this.#giveBefore()
    await this.#giveHeld(await this.#lastEndMs())
    if (this.#even) await this.#even.end(Math.min(this.#even.endMs, this.#shared.toMs - this.#shared.fromMs))
    await this.#filtering.end()
    await this.steps.end()
    await this.#encoding.end()
    if (this.encoder.frames === 0) throw nothingShown(this.#firstMs)
    await this.encoder.end()
    const { toneMapped } = this.steps
    const known = { ...this.#wish, hasAlpha: this.#hasAlpha, needsReshaping: this.#needsReshaping, toneMapped }
    for (const note of pictureNotes(known)) this.#shared.notes.add(note)
    if (this.encoder.cardRefusal !== undefined) this.#shared.notes.add(this.encoder.cardRefusal)
  }

  /** Up to when the last frame is shown; with another one behind what is kept it is up to there. */
  async #lastEndMs(): Promise<number> {
    const { film, fromMs, toMs, endByte } = this.#shared
    if (this.isOver || this.#held === undefined) return toMs - fromMs
    const ms = fromMs + this.#held.ms
    const told = msOf(this.#held.frame.duration, this.stream.timeBase) || this.#usualMs
    return (await pictureEndOf(film, { ms, byte: endByte }, ms + told)) - fromMs
  }

  /** Waits for what is being done and frees all but the encoder, which may take long to stop. */
  async close(): Promise<void> {
    await this.#filtering.close()
    await this.#encoding.close()
    this.#even?.close()
    this.#before?.free()
    this.#held?.frame.free()
    this.steps.close()
    this.#frame.free()
    this.#decoder.freeContext()
  }

  /** A frame was decoded when its packet was taken and lies ready; only at the end the last ones are waited for. */
  #receive(isEnd: boolean): Promise<number> | number {
    return isEnd ? this.#decoder.receiveFrame(this.#frame) : this.#decoder.receiveFrameSync(this.#frame)
  }

  async #see(frame: Frame): Promise<void> {
    const { film, fromMs, toMs } = this.#shared
    const told = msOf(frame.bestEffortTimestamp, this.stream.timeBase)
    const ms = told === undefined ? this.ms + this.#usualMs : told - film.length.originMs - fromMs
    this.ms = ms
    if (this.#firstMs === undefined) {
      this.#firstMs = ms + fromMs
      this.#hasAlpha = hasAlphaChannel(pixelFormatNameOf(frame.format) ?? '')
    }
    // Stamps are rounded.
    if (ms >= toMs - fromMs - 0.5) {
      this.isOver = true
      return
    }
    if (ms < -0.5) {
      this.#before?.free()
      this.#before = frame.clone() ?? undefined
      return
    }
    // What is shown at the beginning may have come earlier.
    if (ms > 0.5) await this.#giveBefore()
    this.#before?.free()
    this.#before = undefined
    await this.#hold(cloned(frame), Math.max(0, ms))
  }

  async #giveBefore(): Promise<void> {
    const frame = this.#before
    this.#before = undefined
    if (frame !== undefined && this.#shared.fromMs > 0) await this.#hold(frame, 0)
    else frame?.free()
  }

  /** Takes over a frame. */
  async #hold(frame: Frame, ms: number): Promise<void> {
    try {
      await this.#giveHeld(ms)
    } finally {
      this.#held = { frame, ms }
    }
  }

  async #giveHeld(untilMs: number): Promise<void> {
    const held = this.#held
    this.#held = undefined
    if (held === undefined) return
    const { fromMs, toMs } = this.#shared
    try {
      await this.#give(held.frame, held.ms, Math.min(untilMs, toMs - fromMs) - held.ms)
    } finally {
      held.frame.free()
    }
  }

  async #give(frame: Frame, ms: number, forMs: number): Promise<void> {
    if (this.#even !== undefined && this.#asked !== undefined) {
      // Of frames that are shown between two beats only the first of all is needed.
      const isBetween = forMs > 0 && tickAt(this.#asked, ms) === tickAt(this.#asked, ms + forMs)
      if (isBetween && this.#even.endMs > 0) return
      return await this.#even.take(frame, ms, forMs)
    }
    const pts = this.#ticks(ms)
    // Two frames of one moment are shown after each other.
    frame.pts = this.#lastPts !== undefined && pts <= this.#lastPts ? this.#lastPts + 1n : pts
    this.#lastPts = frame.pts
    frame.duration = this.#ticks(forMs > 0 ? forMs : this.#usualMs)
    await this.#filtering.take(frame)
  }

  #ticks(ms: number): bigint {
    const { num, den } = this.#timeBase
    return BigInt(Math.round((ms * den) / (1000 * num)))
  }
}

/** Beyond what a film says of its length, frames are believed this much longer. */
const beliefMs = 10_000
