import { AV_PICTURE_TYPE_I, AV_PICTURE_TYPE_NONE } from 'node-av/constants'
import { type CodecContext, Frame, Packet } from 'node-av/lib'
import { expectDone } from '../ffmpeg.ts'
import { FilterChain } from '../graph.ts'
import { Lane } from '../lane.ts'
import type { Rung } from '../package.ts'
import { avcName, openPictureEncoder } from './encoders.ts'
import type { Variant } from './playlists.ts'
import { beginsAt, msOfTick, type Rhythm } from './rhythm.ts'
import { Track } from './track.ts'

/** One quality of the picture: made smaller where it is, encoded, cut at key frames, written. */
export class RungLine {
  readonly track: Track
  readonly #rung: Rung
  readonly #rhythm: Rhythm
  readonly #encoder: CodecContext
  readonly #codec: string
  readonly #packet = new Packet()
  readonly #scaled = new Frame()
  readonly #lane = new Lane((frame) => this.#fit(frame))
  #chain: FilterChain | undefined
  #ticks = 0

  private constructor(rung: Rung, rhythm: Rhythm, encoder: CodecContext, track: Track) {
    this.#rung = rung
    this.#rhythm = rhythm
    this.#encoder = encoder
    this.#codec = avcName(encoder)
    this.track = track
    this.#packet.alloc()
    this.#scaled.alloc()
  }

  /** Opens the encoder and creates the file. */
  static async open(rung: Rung, rhythm: Rhythm, folder: string, name: string): Promise<RungLine> {
    const encoder = await openPictureEncoder(rung, rhythm)
    const frameMs = msOfTick(rhythm, 1)
    const { keyMs, keysPerSegment } = rhythm
    const longest = { longestMs: keyMs * keysPerSegment + frameMs, longestKeyMs: keyMs + frameMs }
    try {
      return new RungLine(rung, rhythm, encoder, await Track.create({ folder, name, ...longest }, encoder))
    } catch (error) {
      encoder.freeContext()
      throw error
    }
  }

  /** As the master playlist names it; before the end the cap stands for what is not measured. */
  variant(isComplete: boolean): Variant {
    const { width, height, bitRate } = this.#rung
    const { playlist, windingPlaylist, bits, windingBits } = this.track
    const { num, den } = this.#rhythm.rate
    // What the encoder may have saved up, one second of it, can fall into any segment.
    const most = bitRate * (1 + 1000 / (this.#rhythm.keyMs * this.#rhythm.keysPerSegment))
    return {
      playlist,
      windingPlaylist,
      codec: this.#codec,
      width,
      height,
      frameRate: num / den,
      bits: isComplete ? bits : { peak: Math.max(most, bits.peak), average: Math.max(bitRate, bits.average) },
      windingBits: isComplete
        ? windingBits
        : { peak: Math.max(bitRate, windingBits.peak), average: windingBits.average },
    }
  }

  /** Takes an even frame whose time stamp is its number; it stays the caller's. Throws what went wrong with an earlier one. */
  take(frame: Frame): Promise<void> {
    return this.#lane.take(frame)
  }

  /** Writes what the encoder still holds. */
  async end(): Promise<void> {
    await this.#lane.end()
    expectDone(await this.#encoder.sendFrame(null), 'ending the picture')
    await this.#writePackets()
    await this.track.end(msOfTick(this.#rhythm, this.#ticks))
  }

  async close(): Promise<void> {
    await this.#lane.close()
    this.#chain?.close()
    this.#packet.free()
    this.#scaled.free()
    this.#encoder.freeContext()
    await this.track.close()
  }

  async #fit(frame: Frame): Promise<void> {
    const { width, height } = this.#rung
    if (frame.width === width && frame.height === height) return await this.#encode(frame)
    const { num, den } = this.#rhythm.rate
    const steps = [['scale', `w=${width}:h=${height}:flags=bicubic`]] as const
    this.#chain ??= FilterChain.open(frame, steps, { num: den, den: num })
    this.#chain.push(frame)
    expectDone(await this.#chain.pull(this.#scaled), 'making a frame smaller')
    await this.#encode(this.#scaled)
    this.#scaled.unref()
  }

  async #encode(frame: Frame): Promise<void> {
    const isKey = beginsAt(this.#rhythm, Number(frame.pts)) !== undefined
    // What a frame was in its film is no order to the encoder.
    frame.pictType = isKey ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE
    frame.duration = 1n
    expectDone(await this.#encoder.sendFrame(frame), 'encoding a frame')
    await this.#writePackets()
  }

  async #writePackets(): Promise<void> {
    while ((await this.#encoder.receivePacket(this.#packet)) >= 0) {
      const tick = Number(this.#packet.pts)
      this.#ticks = Math.max(this.#ticks, tick + 1)
      const cut = this.#packet.isKeyframe ? beginsAt(this.#rhythm, tick) : undefined
      if (cut !== undefined) await this.track.cut(cut, msOfTick(this.#rhythm, tick))
      this.#packet.duration = 1n
      await this.track.write(this.#packet)
    }
  }
}
