import type { FrameFacts, Survey } from '../../media/film/survey.ts'
import type { Stretch } from '../../media/film.ts'

/** Moments of a film, and how long each is shown. */
export interface Moments {
  readonly startsMs: readonly number[]
  readonly clipMs: number
}

/** What is known of the film beside what was seen. */
export interface FilmShape {
  /** Absent when it is not known. */
  readonly durationMs?: number
  /** Of a frame. */
  readonly pixels: number
}

/** A film that is longer than asked by no more than this is shown whole. */
const wholeFactor = 1.25
/** One moment for each such stretch of film, and none shorter than this: the eye must find its way. */
const stretchMs = 4000
const leastClipMs = 1000

/** Chooses moments that are spread over a film, none black, empty or torn by a cut where the film has better; the same always. */
export function momentsFor(
  survey: Pick<Survey, 'frames' | 'cuts' | 'black' | 'frozen'>,
  film: FilmShape,
  wantedMs: number,
): Moments {
  const lengthMs = film.durationMs ?? 0
  if (lengthMs <= wantedMs * wholeFactor) return { startsMs: [0], clipMs: lengthMs > 0 ? lengthMs : wantedMs }
  const most = Math.max(1, Math.floor(wantedMs / leastClipMs))
  const count = Math.max(1, Math.min(most, Math.floor(lengthMs / stretchMs)))
  const clipMs = Math.round(wantedMs / count)
  const judge = new Judge(survey, film, clipMs)
  const startsMs = Array.from({ length: count }, (_, at) => {
    const fromMs = (at * lengthMs) / count
    return judge.bestWithin({ fromMs, toMs: Math.max(fromMs, ((at + 1) * lengthMs) / count - clipMs) })
  }).filter((ms) => ms !== undefined)
  return { startsMs: startsMs.length > 0 ? startsMs : [0], clipMs }
}

/** Going on from a key frame for longer than this to reach a moment costs too much; of films of 1080p. */
const reachMs = 15_000
const reachPixels = 1920 * 1080

class Judge {
  readonly #survey: Pick<Survey, 'frames' | 'cuts' | 'black' | 'frozen'>
  readonly #lengthMs: number
  readonly #reachMs: number
  readonly #clipMs: number

  constructor(
    survey: Pick<Survey, 'frames' | 'cuts' | 'black' | 'frozen'>,
    { durationMs = 0, pixels }: FilmShape,
    clipMs: number,
  ) {
    this.#survey = survey
    this.#lengthMs = durationMs
    this.#reachMs = reachMs * Math.min(1, reachPixels / Math.max(1, pixels))
    this.#clipMs = clipMs
  }

  /** The best start in a stretch; absent when none can be reached cheaply. */
  bestWithin({ fromMs, toMs }: Stretch): number | undefined {
    const { frames, cuts } = this.#survey
    const middle = (fromMs + toMs) / 2
    // Scenes begin at cuts, and films are most cheaply entered at key frames.
    const starts = [...frames.map(({ ms }) => ms), ...cuts, middle]
    let best: { ms: number; worth: number } | undefined
    for (const ms of starts) {
      if (ms < fromMs || ms > toMs) continue
      const worth = this.#worthOf(ms) - (0.2 * Math.abs(ms - middle)) / Math.max(1, toMs - fromMs)
      if (worth > (best?.worth ?? Number.NEGATIVE_INFINITY)) best = { ms, worth }
    }
    return best && Math.round(best.ms)
  }

  #worthOf(ms: number): number {
    const { frames, cuts, black, frozen } = this.#survey
    const key = frames.findLast((frame) => frame.ms <= ms + 1)
    const leadMs = key === undefined ? ms : Math.max(0, ms - key.ms)
    if (leadMs > this.#reachMs) return Number.NEGATIVE_INFINITY
    const clip = { fromMs: ms, toMs: ms + this.#clipMs }
    const torn = cuts.filter((cut) => cut > clip.fromMs + 1 && cut < clip.toMs - 1).length
    const isAtTheEnds = ms < this.#lengthMs * 0.03 || clip.toMs > this.#lengthMs * 0.95
    return (
      (key === undefined ? 0 : lookOf(key)) -
      3 * overlap(black, clip) -
      0.5 * overlap(frozen, clip) -
      Math.min(0.9, 0.4 * torn) -
      (isAtTheEnds ? 0.3 : 0) -
      (0.4 * leadMs) / this.#reachMs
    )
  }
}

/** 0 for black, white and empty frames, 1 for those with much to see. */
function lookOf({ light, contrast, sharpness, blackShare }: FrameFacts): number {
  const exposure = Math.min(1, light / 0.15, (1 - light) / 0.1)
  return (
    (1 - blackShare) * Math.max(0, exposure) * (0.2 + 0.5 * Math.min(1, contrast / 0.15) + 0.3 * Math.min(1, sharpness))
  )
}

/** Share of a stretch that lies in others. */
function overlap(others: readonly Stretch[], { fromMs, toMs }: Stretch): number {
  const within = others.reduce(
    (sum, other) => sum + Math.max(0, Math.min(toMs, other.toMs) - Math.max(fromMs, other.fromMs)),
    0,
  )
  return within / Math.max(1, toMs - fromMs)
}
