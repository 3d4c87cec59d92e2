import type { Frame } from 'node-av/lib'
import { MediaError } from '../../../errors.ts'
import { framesAt } from '../exact.ts'
import type { Step } from '../graph.ts'
import { turn } from '../render.ts'
import { Brought } from './brought.ts'
import type { Side } from './side.ts'

/** What a frame shows in a few grey pixels: mean 0 and length 1, so that light and contrast do not matter. */
export interface Glance {
  readonly ms: number
  readonly pixels: Float32Array
  /** Standard deviation of its pixels, 0–255; a frame of one colour tells nothing. */
  readonly contrast: number
}

const edge = 40

/** Looks at frames of a film, small and upright. */
export class Glances {
  readonly #side: Side
  readonly #signal: AbortSignal
  readonly #small: Brought

  constructor(side: Side, signal: AbortSignal) {
    this.#side = side
    this.#signal = signal
    const { display } = side.look
    const steps: readonly Step[] = [
      ['scale', `w=${edge}:h=${edge}:flags=area`],
      ['format', 'pix_fmts=gray'],
      ...turn(display),
    ]
    this.#small = new Brought(() => steps)
  }

  /** The frame that is shown at a moment. */
  async at(ms: number): Promise<Glance> {
    for await (const { timed } of framesAt(this.#side.reader, [Math.max(0, ms)], this.#signal)) {
      return await this.of(timed.frame, timed.ms)
    }
    throw new MediaError('MEDIA_DAMAGED', [`${this.#side.name}: its frames can not be decoded again`])
  }

  /** The frames that begin between two moments. */
  async *between(fromMs: number, toMs: number): AsyncGenerator<Glance, void> {
    for await (const { frame, ms } of this.#side.reader.framesFrom(Math.max(0, fromMs))) {
      this.#signal.throwIfAborted()
      if (ms > toMs + 0.5) return
      if (ms >= fromMs - 0.5) yield await this.of(frame, ms)
    }
  }

  /** At most so many key frames, spread over the film where there are more. */
  async *keys(most: number): AsyncGenerator<Glance, void> {
    const { reader, durationMs = 0 } = this.#side
    const apartMs = durationMs / most
    let lastMs = Number.NEGATIVE_INFINITY
    for await (const { packet, ms } of reader.keyPackets()) {
      this.#signal.throwIfAborted()
      if (ms - lastMs < apartMs) continue
      const timed = await reader.frameOf(packet, ms)
      if (timed === undefined) continue
      lastMs = ms
      yield await this.of(timed.frame, ms)
    }
  }

  /** A frame that was decoded already. */
  async of(frame: Frame, ms: number): Promise<Glance> {
    return glanceAt((await this.#small.take(frame)).toBuffer(), ms)
  }

  close(): void {
    this.#small.close()
  }
}

function glanceAt(grey: Uint8Array, ms: number): Glance {
  const mean = grey.reduce((sum, value) => sum + value, 0) / grey.length
  const pixels = Float32Array.from(grey, (value) => value - mean)
  const length = Math.sqrt(pixels.reduce((sum, value) => sum + value * value, 0))
  if (length > 0) for (let at = 0; at < pixels.length; at++) pixels[at] = (pixels[at] as number) / length
  return { ms, pixels, contrast: length / Math.sqrt(grey.length) }
}

/** How far two frames are from showing the same: 0 the same, 1 nothing in common. */
export function distanceOf(one: Glance, other: Glance): number {
  if (one.contrast < flat || other.contrast < flat) return one.contrast < flat && other.contrast < flat ? 0 : 1
  let same = 0
  // In bounds: all glances are of one size.
  for (let at = 0; at < one.pixels.length; at++) same += (one.pixels[at] as number) * (other.pixels[at] as number)
  return 1 - same
}

/** Below this a frame is of one colour. */
const flat = 1
