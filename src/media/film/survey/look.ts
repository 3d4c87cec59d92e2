import type { Stream } from 'node-av/lib'
import type { FilmIo, Stretch } from '../../film.ts'
import { momentsOf, shotEdge } from '../moments.ts'
import type { FilmReader } from '../reader.ts'
import { differenceOf } from '../score.ts'
import type { MeasuredShot, Shots } from '../shots.ts'
import type { FrameFacts, Seen } from '../survey.ts'
import { Telling } from '../telling.ts'
import { within } from '../work-io.ts'
import { joined, timed } from './stretches.ts'
import { leastBlackMs, leastFrozenMs, type Watched, watch } from './watch.ts'

/** A picture track that is open. */
export interface OpenPicture {
  readonly reader: FilmReader
  readonly shots: Shots
  readonly stream: Stream
}

/** Facts of so many frames tell enough of a film. */
const mostFacts = 2000
/** Of fewer frames it is chance whether they are combed. */
const enoughJudged = 8

/** Looks at every frame. */
export async function lookAtAll(reader: FilmReader, durationMs: number | undefined, io: FilmIo): Promise<Seen> {
  const packets = reader.packetsRead
  const telling = new Telling(io)
  const watched = await watch(
    reader,
    { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY },
    {
      signal: io.signal,
      factsEveryMs: Math.max(200, (durationMs ?? 0) / mostFacts),
      onFrame: (ms, frames) => telling.tell(durationMs === undefined ? undefined : ms / durationMs, frames, ms),
    },
  )
  return {
    frames: watched.facts,
    cuts: watched.cuts.map(Math.round),
    black: joined(watched.black.map(timed), leastBlackMs),
    frozen: joined(watched.frozen.map(timed), leastFrozenMs),
    ...weave([watched]),
    packetsRead: reader.packetsRead - packets,
    framesDecoded: watched.frames,
  }
}

/** Fields follow each other in one order all along; fine patterns that move are taken for now this and now that one. */
function weave(watched: readonly Watched[]): { interlacedShare?: number } {
  const sum = (of: (one: Watched) => number) => watched.reduce((all, one) => all + of(one), 0)
  const judged = sum((one) => one.judged)
  const combed = Math.abs(sum((one) => one.topFirst) - sum((one) => one.bottomFirst))
  return judged < enoughJudged ? {} : { interlacedShare: Math.round((combed / judged) * 1000) / 1000 }
}

/** So many pixels may be decoded to look between key frames: 120 frames of 1080p, 1000 of small films. */
const pixelBudget = 250_000_000
/** A key frame is black when nearly all of it is; letters on black are none. */
const blackShare = 0.98
/** Small renderings of the same picture, coded anew, differ by less. */
const sameBelow = 0.004
/** Above this two key frames show different scenes. */
const cutFrom = 0.12
/** Between key frames further apart there may be anything. */
const farMs = 5000

/** Looks at the key frames of the common moments, and between them as far as that is cheap. */
export async function lookAtKeys(
  { reader, shots, stream }: OpenPicture,
  durationMs: number | undefined,
  io: FilmIo,
): Promise<Seen> {
  const packets = reader.packetsRead
  const moments = momentsOf(durationMs)
  const taken = await shots.take(moments, { edge: shotEdge }, within(io, 0, 0.5))
  const keys = [...new Map(taken.map((shot) => [shot.ms, shot])).values()].sort((one, other) => one.ms - other.ms)
  const changes = keys.map((key, at) => {
    const before = keys[at - 1]
    return before === undefined ? 0 : differenceOf(before.pixels, key.pixels)
  })
  const sight = new Sight(reader, stream, io.signal)
  const end = durationMs ?? keys.at(-1)?.ms ?? 0
  if (sight.canAfford({ fromMs: 0, toMs: end })) await sight.watch({ fromMs: 0, toMs: Number.POSITIVE_INFINITY })
  else await lookBetween(keys, changes, end, sight)
  const frames = keys.map(({ ms, measures }, at): FrameFacts => ({ ms, ...measures, change: changes[at] ?? 0 }))
  return {
    frames,
    ...sight.result(keys, changes),
    packetsRead: reader.packetsRead - packets,
    framesDecoded: keys.length + sight.frames,
  }
}

async function lookBetween(
  keys: readonly MeasuredShot[],
  changes: readonly number[],
  endMs: number,
  sight: Sight,
): Promise<void> {
  const after = (at: number): number => Math.min(keys[at + 1]?.ms ?? endMs, (keys[at]?.ms ?? 0) + farMs)
  // Where black begins and ends.
  for (const [at, key] of keys.entries()) {
    const isBlack = key.measures.blackShare >= blackShare
    const next = keys[at + 1]
    const isNextBlack = next !== undefined && next.measures.blackShare >= blackShare
    const isEdge = isBlack !== isNextBlack && (isBlack || (next !== undefined && next.ms - key.ms <= farMs))
    if (isEdge) await sight.watchIfCheap({ fromMs: key.ms, toMs: after(at) })
  }
  // Whether what looks the same stands still.
  const still = keys.map((_, at) => at).filter((at) => at > 0 && (changes[at] ?? 1) < sameBelow)
  for (const at of still.slice(0, 4)) {
    const fromMs = keys[at - 1]?.ms ?? 0
    if ((keys[at]?.measures.blackShare ?? 1) < blackShare) {
      await sight.watchIfCheap({ fromMs, toMs: fromMs + leastFrozenMs + 500 })
    }
  }
  // Whether frames are woven of two moments.
  const combed = keys.filter(({ measures }) => measures.combedShare > 0.02)
  const most = combed.sort((one, other) => other.measures.combedShare - one.measures.combedShare)
  for (const { ms } of most.slice(0, 3)) await sight.watchIfCheap({ fromMs: ms, toMs: ms + 500 })
  // Where exactly scenes end.
  for (const [at, change] of changes.entries()) {
    const [fromMs, toMs] = [keys[at - 1]?.ms ?? 0, keys[at]?.ms ?? 0]
    if (change >= cutFrom && toMs - fromMs <= farMs) await sight.watchIfCheap({ fromMs, toMs })
  }
}

/** Watches stretches within a budget, and joins what is seen there with what the key frames tell. */
class Sight {
  frames = 0
  readonly #reader: FilmReader
  readonly #signal: AbortSignal
  readonly #watched: Watched[] = []
  readonly #pixels: number
  readonly #rate: number
  #budget = pixelBudget

  constructor(reader: FilmReader, { codecpar: { width, height }, avgFrameRate }: Stream, signal: AbortSignal) {
    this.#reader = reader
    this.#signal = signal
    this.#pixels = Math.max(1, width * height)
    const rate = avgFrameRate.toDouble()
    this.#rate = rate > 0 && rate <= 240 ? rate : 25
  }

  canAfford(stretch: Stretch): boolean {
    return this.#costOf(stretch) <= this.#budget
  }

  async watchIfCheap(stretch: Stretch): Promise<void> {
    const isSeen = this.#watched.some(({ fromMs, toMs }) => fromMs <= stretch.fromMs + 1 && toMs >= stretch.toMs - 1)
    if (!isSeen && this.canAfford(stretch)) await this.watch(stretch)
  }

  async watch(stretch: Stretch): Promise<void> {
    const watched = await watch(this.#reader, stretch, {
      signal: this.#signal,
      factsEveryMs: Number.POSITIVE_INFINITY,
      mostPixels: this.#budget,
    })
    this.#watched.push(watched)
    this.#budget -= watched.frames * this.#pixels
    this.frames += watched.frames
  }

  result(
    keys: readonly MeasuredShot[],
    changes: readonly number[],
  ): Pick<Seen, 'cuts' | 'black' | 'frozen' | 'interlacedShare'> {
    const isWatched = (ms: number) => this.#watched.some(({ fromMs, toMs }) => ms > fromMs && ms <= toMs + 1)
    const byKeys = keys.flatMap(({ ms }, at) => {
      const isNear = ms - (keys[at - 1]?.ms ?? ms) <= farMs
      return (changes[at] ?? 0) >= cutFrom && isNear && !isWatched(ms) ? [ms] : []
    })
    const cuts = [...this.#watched.flatMap((watched) => watched.cuts.filter((ms) => ms > watched.fromMs)), ...byKeys]
    const black = [...this.#watched.flatMap((watched) => watched.black), ...runs(keys, isBlack)]
    const frozen = this.#watched.flatMap((watched) => watched.frozen)
    // Key frames around a stretch that stands still and that all look the same stand still with it.
    const stills = runs(keys, (key, at) => !isBlack(key) && (changes[at] ?? 1) < sameBelow, true).filter((run) =>
      frozen.some(({ fromMs, toMs }) => fromMs < run.toMs && toMs > run.fromMs),
    )
    return {
      cuts: [...new Set(cuts.map(Math.round))].sort((one, other) => one - other),
      black: joined(black.map(timed), leastBlackMs),
      frozen: joined([...frozen, ...stills].map(timed), leastFrozenMs),
      ...weave(this.#watched),
    }
  }

  #costOf({ fromMs, toMs }: Stretch): number {
    return Math.ceil(((toMs - fromMs) / 1000) * this.#rate) * this.#pixels
  }
}

const isBlack = ({ measures }: MeasuredShot): boolean => measures.blackShare >= blackShare

/** From the first to the last key frame of each run of those that are so, or with `fromBefore` from the one before. */
function runs(
  keys: readonly MeasuredShot[],
  isSo: (key: MeasuredShot, at: number) => boolean,
  fromBefore = false,
): Stretch[] {
  const found: { fromMs: number; toMs: number }[] = []
  let isRunning = false
  for (const [at, key] of keys.entries()) {
    const isIn = isSo(key, at) && (!fromBefore || at > 0)
    const last = found.at(-1)
    if (isIn && isRunning && last !== undefined) last.toMs = key.ms
    else if (isIn) found.push({ fromMs: fromBefore ? (keys[at - 1]?.ms ?? key.ms) : key.ms, toMs: key.ms })
    isRunning = isIn
  }
  return found
}
