import { MediaError } from '../../errors.ts'
import { MiB } from '../../units.ts'
import type { FilmIo, FilmShot } from '../film.ts'
import { toRgb } from '../picture/pixels.ts'
import { pictureOf } from '../picture/raster.ts'
import type { Pixels } from '../picture.ts'
import type { RenderIntent } from '../render-intent.ts'
import type { Chains } from './chains.ts'
import { framesAt } from './exact.ts'
import { type FrameMeasures, measureFrame } from './frame-measures.ts'
import { KeyLanes } from './key-lanes.ts'
import { KeyWalk } from './key-walk.ts'
import { shotEdge } from './moments.ts'
import type { FilmReader, TimedFrame } from './reader.ts'
import { type Look, renderFrame } from './render.ts'
import { rounded } from './time.ts'

/** More renderings than this are made again when they are asked for again. */
const keptBytes = 48 * MiB

/** A shot with what was measured of its frame in full size. */
export interface MeasuredShot extends FilmShot {
  readonly measures: FrameMeasures
}

interface Drawn {
  readonly ms: number
  readonly pixels: Pixels
  readonly intent: RenderIntent
  readonly full: { readonly fullWidth: number; readonly fullHeight: number }
  readonly isDamaged: boolean
  readonly measures: FrameMeasures
}

/** Small renderings of a film's frames: each key frame is decoded once, as long as its rendering is kept. */
export class Shots {
  readonly #reader: FilmReader
  readonly #look: Look
  /** By frame and edge, the one that was asked for last at the end. */
  readonly #drawn = new Map<string, Drawn>()
  /** The frame of each moment that was asked for. */
  readonly #places = new Map<string, number>()
  #bytes = 0

  constructor(reader: FilmReader, look: Look) {
    this.#reader = reader
    this.#look = look
  }

  /** See `Film.shots`. */
  async take(
    moments: readonly number[],
    { edge, exact = false }: { edge: number; exact?: boolean },
    io: FilmIo,
  ): Promise<MeasuredShot[]> {
    const wanted = Math.max(edge, shotEdge)
    const sorted = [...new Set(moments)].sort((one, other) => one - other)
    const drawn = exact ? await this.#exactly(sorted, wanted, io) : await this.#byKeys(sorted, wanted, io)
    const shots = new Map<Drawn, MeasuredShot>()
    return moments.map((ms) => {
      const one = drawn.get(ms)
      if (one === undefined) throw new MediaError('MEDIA_DAMAGED', ['not one frame of its video can be decoded'])
      const shot = shots.get(one) ?? shotOf(one)
      shots.set(one, shot)
      return shot
    })
  }

  async #byKeys(moments: readonly number[], edge: number, io: FilmIo): Promise<Map<number, Drawn>> {
    const found = new Map<number, Drawn>()
    const waiting: { ms: number; keyMs: number; made: Promise<Drawn | undefined> }[] = []
    const [first = 0, last = 0] = [moments[0], moments.at(-1)]
    const walk = new KeyWalk(this.#reader, (last - first) / Math.max(1, moments.length - 1))
    const lanes = new KeyLanes(this.#reader, (timed, chains) => this.#draw(timed, timed.ms, edge, chains))
    try {
      for (const [at, ms] of moments.entries()) {
        io.signal.throwIfAborted()
        const known = this.#known('key', ms, edge) ?? (await this.#orderKey(ms, edge, walk, lanes))
        // No packet is marked as a key frame, so only decoding tells what is shown.
        if (known === undefined) return await this.#exactly(moments, edge, io)
        if ('made' in known) waiting.push({ ms, ...known })
        else found.set(ms, known)
        io.progress((at + 1) / moments.length)
      }
      for (const { ms, keyMs, made } of waiting) {
        const one = (await made) ?? (await this.#drawFrom(keyMs, edge))
        if (one === undefined) return await this.#exactly(moments, edge, io)
        found.set(ms, one)
      }
    } finally {
      await lanes.end()
      walk.close()
    }
    return found
  }

  /** The key frame of a moment, when it is known, or on its way. Absent when there is none. */
  async #orderKey(
    ms: number,
    edge: number,
    walk: KeyWalk,
    lanes: KeyLanes<Drawn>,
  ): Promise<Drawn | { readonly keyMs: number; readonly made: Promise<Drawn | undefined> } | undefined> {
    const key = await walk.keyAt(ms)
    if (key === undefined) return undefined
    this.#places.set(`key ${ms}`, key.ms)
    return this.#known('key', ms, edge) ?? { keyMs: key.ms, ...(await lanes.take(key)) }
  }

  /** Of key frames that can not be decoded by themselves: with those that follow. */
  async #drawFrom(ms: number, edge: number): Promise<Drawn | undefined> {
    for await (const timed of this.#reader.framesFrom(ms)) return await this.#draw(timed, ms, edge)
    return undefined
  }

  async #exactly(moments: readonly number[], edge: number, io: FilmIo): Promise<Map<number, Drawn>> {
    const found = new Map<number, Drawn>()
    const unknown = moments.filter((ms) => {
      const known = this.#known('exact', ms, edge)
      if (known !== undefined) found.set(ms, known)
      return known === undefined
    })
    for await (const { timed, moments: shown } of framesAt(this.#reader, unknown, io.signal)) {
      const drawn = await this.#draw(timed, timed.ms, edge)
      for (const ms of shown) {
        this.#places.set(`exact ${ms}`, timed.ms)
        found.set(ms, drawn)
      }
      io.progress(found.size / moments.length)
    }
    return found
  }

  #known(kind: 'key' | 'exact', moment: number, edge: number): Drawn | undefined {
    const place = this.#places.get(`${kind} ${moment}`)
    const name = `${place} ${edge}`
    const drawn = this.#drawn.get(name)
    if (drawn === undefined) return undefined
    this.#drawn.delete(name)
    this.#drawn.set(name, drawn)
    return drawn
  }

  async #draw(timed: TimedFrame, key: number, edge: number, chains?: Chains): Promise<Drawn> {
    const measures = await measureFrame(timed.frame)
    let drawn: Drawn | undefined
    // The usual size comes along, since it is what others will ask for.
    for (const side of new Set([shotEdge, edge])) {
      const { data, width, height, channels, intent, fullWidth, fullHeight } = await renderFrame(
        timed.frame,
        this.#look,
        side,
        chains,
      )
      drawn = {
        ms: Math.max(0, rounded(timed.ms)),
        pixels: toRgb({ data, width, height, channels }),
        intent: { ...intent, source: `frame at ${(timed.ms / 1000).toFixed(2)} s` },
        full: { fullWidth, fullHeight },
        isDamaged: timed.isDamaged,
        measures,
      }
      this.#keep(`${key} ${side}`, drawn)
    }
    if (drawn === undefined) throw new Error('a frame is rendered at least once')
    return drawn
  }

  #keep(name: string, drawn: Drawn): void {
    this.#bytes += drawn.pixels.data.length - (this.#drawn.get(name)?.pixels.data.length ?? 0)
    this.#drawn.delete(name)
    this.#drawn.set(name, drawn)
    for (const [oldest, { pixels }] of this.#drawn) {
      if (this.#bytes <= keptBytes) break
      this.#drawn.delete(oldest)
      this.#bytes -= pixels.data.length
    }
  }
}

function shotOf({ ms, pixels, intent, full, isDamaged, measures }: Drawn): MeasuredShot {
  const damage = isDamaged ? { damage: 'parts of this frame could not be decoded' } : {}
  const { data, width, height } = pixels
  return {
    ms,
    pixels,
    isDamaged,
    measures,
    picture: pictureOf({ data, width, height, channels: 3, ...full, intent, ...damage }),
  }
}
