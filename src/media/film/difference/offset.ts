import type { Stretch } from '../../film.ts'
import { distanceOf, Glances } from './glance.ts'
import { searchOffsets } from './search.ts'
import type { Side } from './side.ts'

/** How much later than the reference's frames those of the film are shown, and why that is believed. */
export interface Offset {
  readonly ms: number
  readonly by: 'first frames' | 'clocks' | 'stretch' | 'ends' | 'content'
}

/**
 * Finds by how much a film's clock is off from the reference's. Usually both begin with the same frame. Where lengths,
 * rates or clocks leave a doubt, as with a copy that was cut, a few frames are looked at.
 */
export async function offsetOf(film: Side, reference: Side, stretch: Stretch, signal: AbortSignal): Promise<Offset> {
  const candidates = await candidatesOf(film, reference, stretch, signal)
  const [usual = { ms: 0, by: 'clocks' }] = candidates
  const hasSameRate = Math.abs(film.stepMs / reference.stepMs - 1) < 0.02
  if (candidates.length < 2 && hasSameRate) return usual
  const eyes = new Eyes(film, reference, stretch, signal)
  try {
    const judged: Judged[] = []
    for (const candidate of candidates) judged.push(await eyes.judge(candidate))
    const best = bestOf(judged)
    if (best.distance < alikeBelow) {
      if (best.by === 'ends') return await eyes.refine(best)
      // Whatever changed the rate may have moved the frames by some of them.
      return hasSameRate ? best : bestOf([best, await eyes.judge(await eyes.refine({ ms: best.ms, by: 'content' }))])
    }
    const found: Judged[] = []
    for (const ms of await searchOffsets(eyes.film, eyes.reference, film, reference)) {
      found.push(await eyes.judge(await eyes.refine({ ms, by: 'content' })))
    }
    return bestOf([best, ...found])
  } finally {
    eyes.close()
  }
}

interface Judged extends Offset {
  readonly distance: number
}

/** Copies of the same frame, however coded, are nearer than this. */
const alikeBelow = 0.1

/** The first unless another is clearly better: what stands still looks the same at any offset. */
const bestOf = (judged: readonly [Judged, ...Judged[]] | readonly Judged[]): Judged =>
  judged.reduce((best, one) => (one.distance < best.distance * 0.7 - 0.002 ? one : best))

async function candidatesOf(
  film: Side,
  reference: Side,
  { fromMs, toMs }: Stretch,
  signal: AbortSignal,
): Promise<Offset[]> {
  const [own, other] = [film.durationMs, reference.durationMs]
  const candidates: Offset[] = [{ ms: film.first.ms - reference.first.ms, by: 'first frames' }]
  if (own !== undefined && other !== undefined) {
    const off = Math.abs(own - (Math.min(toMs, other) - fromMs))
    const isExcerpt = fromMs > 0 && off < Math.max(500, 2 * film.stepMs) && off < Math.abs(own - other)
    const begins = isExcerpt ? await firstFrom(reference, fromMs, signal) : undefined
    // As long as the stretch to the frame: nothing else is likely.
    if (begins !== undefined) candidates.unshift({ ms: film.first.ms - begins, by: 'stretch' })
    if (begins === undefined && Math.abs(own - other) > cutFromMs) candidates.push({ ms: own - other, by: 'ends' })
  }
  candidates.push({ ms: 0, by: 'clocks' })
  const sameMs = Math.min(film.stepMs, reference.stepMs) / 2
  return candidates.filter(({ ms }, at) => candidates.findIndex((one) => Math.abs(one.ms - ms) < sameMs) === at)
}

/** Sound that is longer or shorter than the picture makes this much without anything cut. */
const cutFromMs = 250

async function firstFrom({ reader }: Side, fromMs: number, signal: AbortSignal): Promise<number | undefined> {
  for await (const { ms } of reader.framesFrom(fromMs)) {
    signal.throwIfAborted()
    if (ms >= fromMs - 0.5) return ms
  }
  return undefined
}

/** Looks at both films in a few moments that they have in common. */
class Eyes {
  readonly film: Glances
  readonly reference: Glances
  readonly #film: Side
  readonly #reference: Side
  readonly #stretch: Stretch

  constructor(film: Side, reference: Side, stretch: Stretch, signal: AbortSignal) {
    this.film = new Glances(film, signal)
    this.reference = new Glances(reference, signal)
    this.#film = film
    this.#reference = reference
    this.#stretch = stretch
  }

  /** How far the films are from each other with an offset. */
  async judge(offset: Offset): Promise<Judged> {
    const moments = this.#momentsWith(offset.ms)
    let sum = moments.length === 0 ? 1 : 0
    for (const ms of moments) {
      const original = await this.reference.at(ms)
      sum += distanceOf(await this.film.at(original.ms + offset.ms + this.#slackMs), original)
    }
    return { ...offset, distance: sum / Math.max(1, moments.length) }
  }

  /** The offset to the frame, of one that is right to about a third of a second. */
  async refine(offset: Offset): Promise<Judged> {
    // Frames of the slower film are looked for in the faster one, which tells more exactly.
    const isFilmFaster = this.#film.stepMs <= this.#reference.stepMs
    const [slow, fast] = isFilmFaster ? [this.reference, this.film] : [this.film, this.reference]
    const stepMs = Math.min(this.#film.stepMs, this.#reference.stepMs)
    const shifts = new Shifts()
    for (const ms of this.#momentsWith(offset.ms)) {
      const still = await slow.at(isFilmFaster ? ms : ms + offset.ms)
      const aboutMs = isFilmFaster ? still.ms + offset.ms : still.ms - offset.ms
      for await (const glance of fast.between(aboutMs - roughMs, aboutMs + roughMs)) {
        const byMs = isFilmFaster ? glance.ms - still.ms : still.ms - glance.ms
        shifts.add(Math.round((byMs - offset.ms) / stepMs), byMs, distanceOf(glance, still))
      }
    }
    return { ...offset, ...shifts.best(offset.ms) }
  }

  close(): void {
    this.film.close()
    this.reference.close()
  }

  get #slackMs(): number {
    return Math.min(this.#film.stepMs, this.#reference.stepMs) * 0.45
  }

  /** Moments of the reference at which there is a frame of both. */
  #momentsWith(offsetMs: number): number[] {
    const { fromMs, toMs } = this.#stretch
    const from = Math.max(fromMs, this.#reference.first.ms, this.#film.first.ms - offsetMs)
    const to = Math.min(
      toMs,
      this.#reference.durationMs ?? fallbackMs,
      (this.#film.durationMs ?? fallbackMs) - offsetMs,
    )
    return to - from < this.#reference.stepMs ? [] : [0.15, 0.5, 0.85].map((share) => from + share * (to - from))
  }
}

/** What was found at each distance in frames. */
class Shifts {
  readonly #sums = new Map<number, { count: number; ms: number; distance: number }>()

  add(shift: number, ms: number, distance: number): void {
    const sum = this.#sums.get(shift) ?? { count: 0, ms: 0, distance: 0 }
    this.#sums.set(shift, { count: sum.count + 1, ms: sum.ms + ms, distance: sum.distance + distance })
  }

  /** Where the frames were most alike; of what stands still, the nearest. */
  best(ms: number): { ms: number; distance: number } {
    const means = [...this.#sums].map(([shift, { count, ...sum }]) => ({
      shift: Math.abs(shift),
      ms: sum.ms / count,
      distance: sum.distance / count,
    }))
    const [best = { ms, distance: 1 }] = means.sort(
      (one, other) => one.distance - other.distance || one.shift - other.shift,
    )
    return { ms: best.ms, distance: best.distance }
  }
}

const roughMs = 350
/** Of films that do not tell their length the beginning is looked at. */
const fallbackMs = 10_000
