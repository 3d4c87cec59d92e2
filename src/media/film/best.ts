import { MediaError } from '../../errors.ts'
import type { FilmEnd } from './length.ts'
import type { FilmReader, TimedFrame } from './reader.ts'
import { type Look, type Rendered, renderFrame } from './render.ts'
import { differenceOf, worthOf } from './score.ts'
import { breakOf, damageOf, keep, type Shot, shotAt } from './shot.ts'

/** The most telling frame and how telling it is, 0–1. */
export interface BestShot extends Shot {
  readonly score: number
}

interface Candidate {
  readonly ms: number
  readonly score: number
  readonly small: Rendered
}

/** Where it is looked, as parts of the length: titles and credits stand at the ends. */
const places = [0.05, 0.17, 0.29, 0.41, 0.53, 0.65, 0.77, 0.9]
/** With fewer key frames than this and none that is good, frames between them are looked at too. */
const enough = 4
const good = 0.65
const smallEdge = 160
/** How much may be decoded in search of candidates between key frames: 60 frames of 1080p, 15 of 4K. */
const pixelBudget = 120_000_000
/** So much difference within a few frames is a cut, a fade or a flash. */
const restless = 0.06
const restlessFactor = 0.4

/** Chooses a frame that is not black, empty, blurred or in a transition where there is one; else the best there is. */
export async function bestShot(reader: FilmReader, look: Look, end?: FilmEnd): Promise<BestShot> {
  const contest = new Contest(look)
  const durationMs = end?.ms
  try {
    if (durationMs !== undefined) await lookAtKeyFrames(reader, contest, durationMs)
    if (contest.needsMore) await lookBetween(reader, contest, durationMs)
    return await contest.settle(reader, end)
  } catch (error) {
    contest.leader?.frame.free()
    throw error
  }
}

/** Keeps the leading frame and, of the others, only what is needed to find them again. */
class Contest {
  readonly candidates: Candidate[] = []
  leader: TimedFrame | undefined
  readonly #look: Look

  constructor(look: Look) {
    this.#look = look
  }

  get needsMore(): boolean {
    return this.candidates.length < enough && this.candidates.every(({ score }) => score < good)
  }

  has(ms: number): boolean {
    return this.candidates.some((candidate) => Math.abs(candidate.ms - ms) < 1)
  }

  async enter(timed: TimedFrame): Promise<void> {
    if (this.has(timed.ms)) return
    const small = await renderFrame(timed.frame, this.#look, smallEdge)
    const score = worthOf(small).score * (timed.isDamaged ? 0.3 : 1)
    const best = Math.max(-1, ...this.candidates.map((candidate) => candidate.score))
    this.candidates.push({ ms: timed.ms, score, small })
    if (score <= best) return
    this.leader?.frame.free()
    this.leader = keep(timed)
  }

  /** Follows the best for some frames, to see whether it stands in a transition; if it does, the next best may win. */
  async settle(reader: FilmReader, end: FilmEnd | undefined): Promise<BestShot> {
    const ranked = [...this.candidates].sort((one, other) => other.score - one.score)
    const [first, second] = ranked
    if (first === undefined || this.leader === undefined) {
      throw new MediaError('MEDIA_DAMAGED', ['not one frame of its video can be decoded'])
    }
    const calm = await this.#calmness(reader, first)
    if (calm === 1 || second === undefined || second.score <= first.score * calm) {
      const missing = await missingEnd(reader, end)
      const { frame, ms } = this.leader
      return { frame, ms, score: first.score * calm, ...damageOf(this.leader, missing) }
    }
    const other = await shotAt(reader, second.ms, end)
    this.leader.frame.free()
    this.leader = undefined
    return { ...other, score: second.score }
  }

  async #calmness(reader: FilmReader, { ms, small }: Candidate): Promise<number> {
    let left = 8
    for await (const next of reader.framesFrom(ms)) {
      if (next.ms < ms + 1) continue
      if (--left > 0) continue
      const later = await renderFrame(next.frame, this.#look, smallEdge)
      return differenceOf(small, later) > restless ? restlessFactor : 1
    }
    return 1
  }
}

/** A cut-off film shows a fine frame of its beginning; that the rest is missing is told nevertheless. */
async function missingEnd(reader: FilmReader, end: FilmEnd | undefined): Promise<string | undefined> {
  if (end === undefined || reader.isWhole) return undefined
  return breakOf(await reader.lastMs(end.ms), end)
}

async function lookAtKeyFrames(reader: FilmReader, contest: Contest, durationMs: number): Promise<void> {
  const seen = new Set<number>()
  for (const place of places) {
    for await (const { packet, ms } of reader.keyPackets(durationMs * place)) {
      if (seen.has(ms)) break
      seen.add(ms)
      const timed = (await reader.frameOf(packet, ms)) ?? (await firstFrom(reader, ms))
      if (timed !== undefined) await contest.enter(timed)
      break
    }
  }
}

/** Of a key frame that can not be decoded by itself: what is shown first from it on. It is gone with the next. */
async function firstFrom(reader: FilmReader, ms: number): Promise<TimedFrame | undefined> {
  for await (const timed of reader.framesFrom(ms)) return timed
  return undefined
}

/** Films that are short, or have one key frame, or tell a wrong length: frames from the start on, evenly spread. */
async function lookBetween(reader: FilmReader, contest: Contest, durationMs: number | undefined): Promise<void> {
  const lastMs = durationMs === undefined ? Number.POSITIVE_INFINITY : durationMs * 0.95
  let budget = Number.POSITIVE_INFINITY
  let step = 1
  let count = 0
  for await (const timed of reader.framesFrom(0)) {
    if (count === 0) {
      budget = Math.max(8, Math.ceil(pixelBudget / (timed.frame.width * timed.frame.height)))
      step = Math.max(1, Math.floor(Math.min(budget, framesIn(durationMs) ?? budget) / places.length))
    }
    if (count >= budget || timed.ms > lastMs) break
    if (count % step === step >> 1 || contest.candidates.length === 0) await contest.enter(timed)
    count++
  }
}

/** About, at the usual rate. */
const framesIn = (durationMs: number | undefined): number | undefined =>
  durationMs === undefined ? undefined : (durationMs / 1000) * 25
