import { AV_FRAME_FLAG_CORRUPT } from 'node-av/constants'
import { type CodecContext, Frame, type Packet, type Stream } from 'node-av/lib'
import { type DecoderOptions, openDecoder } from './decoder.ts'
import type { TimedFrame } from './reader.ts'

/** Decodes key frames without their neighbours, one at a time; several of them work beside each other. */
export class KeyDecoder {
  readonly #decoder: CodecContext
  readonly #onFrame: () => void
  readonly #frame = new Frame()

  private constructor(decoder: CodecContext, onFrame: () => void) {
    this.#decoder = decoder
    this.#onFrame = onFrame
    this.#frame.alloc()
  }

  /** Throws UNSUPPORTED_CONTENT when there is no decoder for the track. */
  static open(options: DecoderOptions & { readonly stream: Stream; readonly onFrame: () => void }): KeyDecoder {
    return new KeyDecoder(openDecoder(options.stream, { ...options, sharesFrames: true }), options.onFrame)
  }

  /** The frame, which is gone with the next; absent when it can not be decoded by itself. */
  async frameOf(packet: Packet, ms: number): Promise<TimedFrame | undefined> {
    this.#decoder.flushBuffers()
    this.#frame.unref()
    // Emptied at once, since most decoders hold frames back until they have seen those that follow.
    if ((await this.#decoder.sendPacket(packet)) < 0 || this.#decoder.sendPacketSync(null) < 0) return undefined
    if (this.#decoder.receiveFrameSync(this.#frame) < 0) return undefined
    this.#onFrame()
    return { frame: this.#frame, ms, isDamaged: isDamaged(this.#frame) }
  }

  /** Frees the decoder, which must be idle. */
  close(): void {
    this.#frame.free()
    this.#decoder.freeContext()
  }
}

/** Whether parts of a frame could not be decoded. */
export const isDamaged = (frame: Frame): boolean =>
  frame.decodeErrorFlags !== 0 || frame.hasFlags(AV_FRAME_FLAG_CORRUPT)
