import { MediaError } from '../../errors.ts'
import { Chains } from './chains.ts'
import type { HeldKey } from './key-walk.ts'
import type { FilmReader, TimedFrame } from './reader.ts'

/** Two keep a processor busy while frames are drawn, and answers that somebody waits for take half the time. */
const usualLanes = 2
/** Frames with more pixels than this take so much memory that one at a time is enough. */
const largePixels = 4096 * 2304

/** Decodes key frames beside each other and makes something of each, while the next ones are looked for. */
export class KeyLanes<Made> {
  readonly #reader: FilmReader
  readonly #make: (timed: TimedFrame, chains: Chains) => Promise<Made>
  readonly #chains: readonly Chains[]
  readonly #lanes: Promise<unknown>[]
  readonly #made = new Map<number, Promise<Made | undefined>>()

  constructor(reader: FilmReader, make: (timed: TimedFrame, chains: Chains) => Promise<Made>) {
    this.#reader = reader
    this.#make = make
    this.#lanes = Array.from({ length: reader.pixels > largePixels ? 1 : usualLanes }, () => Promise.resolve())
    this.#chains = this.#lanes.map(() => new Chains())
  }

  /**
   * Takes a key frame, of which it keeps a copy, and waits until a lane is free. What is made of it is undefined when it can
   * not be decoded by itself; the same key frame is taken once.
   */
  async take(key: HeldKey): Promise<{ readonly made: Promise<Made | undefined> }> {
    const known = this.#made.get(key.ms)
    if (known !== undefined) return { made: known }
    const lane = this.#made.size % this.#lanes.length
    await this.#lanes[lane]
    const made = this.#run(lane, key)
    this.#made.set(key.ms, made)
    // Whoever awaits what is made gets the failure; the next frame is tried nevertheless.
    this.#lanes[lane] = made.catch(() => {})
    return { made }
  }

  /** Waits until nothing is decoded any more, and frees the filters. */
  async end(): Promise<void> {
    await Promise.all(this.#lanes)
    for (const chains of this.#chains) chains.close()
  }

  async #run(lane: number, { packet, ms }: HeldKey): Promise<Made | undefined> {
    const own = packet.clone()
    if (own === null) throw new MediaError('INTERNAL', ['there is no memory for a packet'])
    try {
      const timed = await this.#reader.keyDecoder(lane).frameOf(own, ms)
      return timed && (await this.#make(timed, this.#chains[lane] as Chains))
    } finally {
      own.free()
    }
  }
}
