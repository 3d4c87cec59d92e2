import type { Packet } from 'node-av/lib'
import type { FilmReader, KeyPacket } from './reader.ts'

/** The packet of a key frame, kept; whoever holds the walk need not free it. */
export interface HeldKey {
  readonly packet: Packet
  readonly ms: number
}

/**
 * Finds key frames for moments that only grow, by seeking or, where a film has no index and the moments stand close, by going
 * on from packet to packet.
 */
export class KeyWalk {
  readonly #reader: FilmReader
  readonly #stepMs: number
  #keys: AsyncGenerator<KeyPacket, void> | undefined
  #held: HeldKey | undefined
  /** Read already, and later than the moment that was asked for. */
  #next: HeldKey | undefined

  /** `stepMs` is how far from each other the moments are. */
  constructor(reader: FilmReader, stepMs: number) {
    this.#reader = reader
    this.#stepMs = stepMs
  }

  /**
   * The last key frame that is shown at or before a moment; the first of all where there is none before. Absent when no
   * packet is marked as a key frame. Its packet is gone with the next call.
   */
  async keyAt(ms: number): Promise<HeldKey | undefined> {
    const isOrdered = !this.#reader.canSeek
    if (this.#keys === undefined || !isOrdered || this.#isFar(ms)) await this.#restart(ms)
    while (true) {
      if (this.#next !== undefined) {
        if (this.#next.ms > ms + 0.5 && this.#held !== undefined) return this.#held
        this.#held?.packet.free()
        this.#held = this.#next
        this.#next = undefined
        // The index leads to the last key frame before; what has none is searched to the moment itself.
        if (!isOrdered) return this.#held
      }
      const key = await this.#keys?.next()
      if (key === undefined || key.done === true) return this.#held
      const packet = key.value.packet.clone()
      if (packet !== null) this.#next = { packet, ms: key.value.ms }
    }
  }

  /** To be called when something else has moved the reading place. */
  forget(): void {
    this.#keys = undefined
    this.#next?.packet.free()
    this.#next = undefined
  }

  /** Frees the packets that are held. */
  close(): void {
    this.forget()
    this.#held?.packet.free()
    this.#held = undefined
  }

  async #restart(ms: number): Promise<void> {
    this.close()
    // Close moments are walked from the beginning, since a search is no cheaper than the steps in between.
    const isDense = this.#stepMs < walkedMs && !this.#reader.canSeek
    this.#keys = this.#reader.keyPackets(isDense && !this.#isFarFromStart(ms) ? undefined : ms)
  }

  #isFar(ms: number): boolean {
    return ms - (this.#next ?? this.#held ?? { ms: 0 }).ms > walkedMs
  }

  #isFarFromStart(ms: number): boolean {
    return ms > walkedMs
  }
}

/** A search in a film without an index reads some seconds of it, too. */
const walkedMs = 10_000
