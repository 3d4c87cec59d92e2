import {
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PKT_DATA_DISPLAYMATRIX,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_UNSPECIFIED,
} from 'node-av/constants'
import { type CodecContext, type CodecParameters, type Frame, Packet, Rational } from 'node-av/lib'
import { matrixOf } from '../colour.ts'
import type { FrameRate } from '../even-frames.ts'
import { expectDone } from '../ffmpeg.ts'
import { bitDepthOf, pixelFormatNameOf } from '../names.ts'
import { openEncoder } from '../open-encoder.ts'
import type { VideoPlan } from '../transcode.ts'
import { Card, cardOptions, workingCard } from './card.ts'
import { encoderRows, optionsFor } from './encoder-settings.ts'
import type { Geometry } from './geometry.ts'
import { type LightLevels, lightLevelsOf, setLightLevels } from './light-levels.ts'
import type { WriterTrack } from './writer.ts'

/** What the encoder is opened for. */
export interface PictureOrder {
  readonly plan: VideoPlan
  readonly geometry: Geometry
  /** Of the frames' time stamps. */
  readonly timeBase: { readonly num: number; readonly den: number }
  /** Nominal, for the encoder's sense of time. */
  readonly rate: FrameRate
  /** Of the original track. */
  readonly parameters: CodecParameters
  readonly keepsLight: boolean
  /** `hvc1` where the container knows four letters. */
  readonly tag?: string
}

/** Encodes frames into a track. It is opened by the first frame, which alone tells its colours for sure. */
export class PictureEncoder {
  /** FFmpeg's name. */
  name: string
  frames = 0
  /** Why the graphics card was not used though it was asked for. */
  cardRefusal: string | undefined
  readonly #order: PictureOrder
  #card: Card | undefined
  readonly #track: WriterTrack
  readonly #begin: () => Promise<void>
  readonly #packet = new Packet()
  #encoder: CodecContext | undefined
  #lastKey: bigint | undefined
  /** By time stamp, of frames that are in the encoder: not every one tells how long what it gives is shown. */
  readonly #durations = new Map<bigint, bigint>()

  constructor(order: PictureOrder, track: WriterTrack, begin: () => Promise<void>) {
    this.#order = order
    this.#track = track
    this.#begin = begin
    this.name = encoderRows[order.plan.codec].name
    this.#packet.alloc()
  }

  /** Encodes a frame, which stays the caller's. */
  async take(frame: Frame): Promise<void> {
    this.#encoder ??= await this.#open(frame)
    // What a frame was in its film is no order to the encoder.
    frame.pictType = this.#mustBeKey(frame) ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE
    this.#durations.set(frame.pts, frame.duration)
    const given = this.#card === undefined ? frame : await this.#card.bring(frame, this.#order.timeBase)
    given.pictType = frame.pictType
    expectDone(await this.#encoder.sendFrame(given), 'encoding a frame')
    this.frames++
    await this.#writePackets(this.#encoder)
  }

  /** Writes what the encoder still holds. */
  async end(): Promise<void> {
    if (this.#encoder === undefined) return
    expectDone(await this.#encoder.sendFrame(null), 'ending the picture')
    await this.#writePackets(this.#encoder, true)
  }

  close(): void {
    this.#packet.free()
    this.#encoder?.freeContext()
    this.#encoder = undefined
    this.#card?.close()
    this.#card = undefined
  }

  async #open(first: Frame): Promise<CodecContext> {
    const { plan, geometry, parameters, keepsLight, timeBase, tag } = this.#order
    const light = keepsLight ? lightLevelsOf(parameters, first) : {}
    const { width } = geometry.written
    const isDeep = bitDepthOf(pixelFormatNameOf(first.format) ?? '') > 8
    const encoder =
      (plan.hardware === true ? await this.#openCard(first, isDeep) : undefined) ??
      (await openEncoder(this.name, optionsFor(plan, { width, light }), (opening) => this.#describe(opening, first)))
    this.#track.become({
      timeBase,
      describe: (stream) => {
        expectDone(stream.codecpar.fromContext(encoder), 'describing a track')
        this.#finish(stream.codecpar, light)
        stream.avgFrameRate = encoder.framerate
        stream.sampleAspectRatio = encoder.sampleAspectRatio
        if (tag !== undefined) stream.codecpar.codecTag = tag
      },
    })
    await this.#begin()
    return encoder
  }

  /** The encoder of a graphics card, if there is one that works and takes such frames. */
  async #openCard(first: Frame, isDeep: boolean): Promise<CodecContext | undefined> {
    const { plan } = this.#order
    const found = await workingCard(plan.codec)
    if (found === undefined) {
      this.cardRefusal = 'No graphics card here can encode this; the processor did it.'
      return undefined
    }
    let card: Card | undefined
    try {
      const opened = new Card(found.device, isDeep)
      card = opened
      const encoder = await openEncoder(found.name, cardOptions(found, plan), (opening) => {
        this.#describe(opening, first)
        opened.describe(opening)
      })
      this.#card = card
      this.name = found.name
      return encoder
    } catch (error) {
      card?.close()
      this.cardRefusal = `The graphics card refused (${error instanceof Error ? error.message : error}); the processor encoded.`
      return undefined
    }
  }

  #describe(encoder: CodecContext, first: Frame): void {
    const { plan, geometry, timeBase, rate } = this.#order
    encoder.width = geometry.written.width
    encoder.height = geometry.written.height
    encoder.pixelFormat = first.format as CodecContext['pixelFormat']
    encoder.timeBase = new Rational(timeBase.num, timeBase.den)
    encoder.framerate = new Rational(rate.num, rate.den)
    encoder.sampleAspectRatio = new Rational(geometry.sar.num, geometry.sar.den)
    // As many as the machine has, as for FFmpeg's own program: fixed numbers would leave cores idle or share them badly.
    encoder.threadCount = 0
    encoder.colorRange = first.colorRange === 0 ? AVCOL_RANGE_MPEG : first.colorRange
    encoder.colorPrimaries = first.colorPrimaries
    encoder.colorTrc = first.colorTrc
    encoder.colorSpace = first.colorSpace
    encoder.chromaLocation = first.chromaLocation
    if ('bitRate' in plan.rate) encoder.bitRate = BigInt(plan.rate.bitRate)
    if (plan.keyFrameMs !== undefined) {
      encoder.gopSize = Math.max(1, Math.floor((plan.keyFrameMs * rate.num) / (1000 * rate.den) + 1e-6))
    }
    this.#tellMatrix(encoder, first)
  }

  /** Players guess the colours of a film that does not tell them by its size, which may be another now. */
  #tellMatrix(encoder: CodecContext, first: Frame): void {
    const { parameters } = this.#order
    const isSized = first.width !== parameters.width || first.height !== parameters.height
    if (!isSized || first.colorSpace !== AVCOL_SPC_UNSPECIFIED) return
    encoder.colorSpace = matrixOf({
      colorSpace: first.colorSpace,
      width: parameters.width,
      height: parameters.height,
    } as Frame) as never
  }

  #finish(parameters: CodecParameters, light: LightLevels): void {
    const { plan, parameters: original } = this.#order
    setLightLevels(parameters, light)
    const matrix = plan.rotation === 'keep' ? original.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX) : null
    if (matrix !== null) parameters.addCodedSideData(AV_PKT_DATA_DISPLAYMATRIX, matrix)
  }

  /** Encoders count frames to the next key frame, which in uneven films is no measure of time. */
  #mustBeKey({ pts }: Frame): boolean {
    const { plan, timeBase } = this.#order
    if (plan.keyFrameMs === undefined) return false
    const ticks = BigInt(Math.round((plan.keyFrameMs * timeBase.den) / (1000 * timeBase.num)))
    const isDue = this.#lastKey === undefined || pts - this.#lastKey >= ticks
    if (isDue) this.#lastKey = pts
    return isDue
  }

  async #writePackets(encoder: CodecContext, isEnd = false): Promise<void> {
    // A packet was made when a frame was taken and lies ready; only at the end the last ones are waited for.
    const receive = () => (isEnd ? encoder.receivePacket(this.#packet) : encoder.receivePacketSync(this.#packet))
    while ((await receive()) >= 0) {
      const { pts } = this.#packet
      this.#packet.duration = this.#durations.get(pts) ?? 0n
      this.#durations.delete(pts)
      // With fewer than three frames x265 makes up when they are decoded. They can not be in another order than they are shown.
      if (isEnd && this.frames < 3) this.#packet.dts = pts
      await this.#track.write(this.#packet)
      this.#packet.unref()
    }
  }
}
